"""Stories about errors: unknown deployments on every route, each kind of error with a request id."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.ids import unknown_deployment_id
from conformance.stories.registry import story
from conformance.target.api import Api
from conformance.target.exchange import Exchange
from conformance.target.target import Auth


@dataclass(frozen=True)
class ByRoute:
    """Answers by route or by kind."""

    answers: Mapping[str, Exchange]


@story()
def unknown_deployment(api: Api) -> ByRoute:
    """Every route that names a deployment is asked for one that does not exist."""
    profile = api.target.profile
    unknown = unknown_deployment_id(profile.deployment_prefix)
    run = unknown_deployment_id(profile.run_prefix)
    what = "of an unknown deployment"
    return ByRoute(
        {
            "GET /deployments/{id}": api.get(unknown, label=f"read {what[3:]}"),
            "POST /deployments/{id}": api.update(unknown, {"description": "new"}, label=f"update {what}"),
            "POST /deployments/{id}/pause": api.pause(unknown, label=f"pause {what}"),
            "POST /deployments/{id}/unpause": api.unpause(unknown, label=f"unpause {what}"),
            "POST /deployments/{id}/archive": api.archive(unknown, label=f"archive {what}"),
            "POST /deployments/{id}/run": api.run(unknown, label=f"run {what}"),
            "GET /deployments/{id}/runs": api.runs(unknown, label=f"list runs {what}"),
            "GET /deployments/{id}/runs/{run}": api.get_run(unknown, run, label=f"read a run {what}"),
        }
    )


@dataclass(frozen=True)
class ErrorKinds:
    """One error of each documented kind, asked for with an x-request-id: the id sent, and the answer."""

    answers: Mapping[str, tuple[str, Exchange]]


@story()
def error_kinds(api: Api) -> ErrorKinds:
    """Each kind of error is provoked with an x-request-id of its own."""
    made = api.create_deployment()
    api.pause(made.id)
    unknown = unknown_deployment_id(api.target.profile.deployment_prefix)
    ids = [str(uuid.uuid4()) for _ in range(4)]
    tracing = [{"x-request-id": sent} for sent in ids]
    answers = (
        api.update(made.id, {"name": ""}, label="update with an empty name", headers=tracing[0]),
        api.get(made.id, label="read without credentials", headers=tracing[1], authorization=Auth.NONE),
        api.get(unknown, label="read an unknown deployment", headers=tracing[2]),
        api.pause(made.id, label="pause a paused deployment", headers=tracing[3]),
    )
    return ErrorKinds(dict(zip(("400", "401", "404", "409"), zip(ids, answers, strict=True), strict=True)))
