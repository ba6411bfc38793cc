"""Archiving what a run made, also where a target refuses to archive it as it is."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from conformance.client.api import Api
from conformance.client.exchange import Exchange

REFUSALS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
"""Refusals that may be for the state of a deployment, which can be changed."""
NAME_WITH_ROOM = 200
"""Characters of a name that leave room for what an archive appends to it."""


def put_away(api: Api, deployment_id: str, *, label: str) -> Exchange:
    """Archive a deployment of ours; return the last answer.

    Whether a paused one can be archived is open (N130), and whether one whose name leaves no room for the
    suffix (N133): where it is refused, it is unpaused and given a shorter name before it is tried again.
    """
    exchange = api.archive(deployment_id, label=label)
    if exchange.status not in REFUSALS:
        return exchange
    read = api.get(deployment_id, label="read why it is not archived")
    state = read.json if read.succeeded and isinstance(read.json, dict) else {}
    if state.get("id") != deployment_id or state.get("archived_at") or not _made_fit(api, state):
        return exchange
    return api.archive(deployment_id, label=f"{label} again")


def _made_fit(api: Api, state: Mapping[str, object]) -> bool:
    """Unpause a deployment and shorten its name, as far as that is called for; return whether it was."""
    deployment_id, name = str(state["id"]), state.get("name")
    fit = []
    if state.get("status") == "paused":
        fit.append(api.unpause(deployment_id, label="unpause it, so that it can be archived"))
    if isinstance(name, str) and len(name) > NAME_WITH_ROOM:
        shorter = {"name": name[:NAME_WITH_ROOM]}
        fit.append(api.update(deployment_id, shorter, label="shorten its name, so that it can be archived"))
    return any(answer.succeeded for answer in fit)
