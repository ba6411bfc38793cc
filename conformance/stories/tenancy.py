"""Stories about two tenants."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.contract.verdict import Blame, NotJudgedError
from conformance.stories.registry import story
from conformance.stories.values import yearly
from conformance.target.api import LARGEST_PAGE, Api
from conformance.target.exchange import Exchange
from conformance.target.target import Auth

CREDENTIALS_REFUSED = (401, 403)


@dataclass(frozen=True)
class OtherTenant:
    """Answers to another tenant, by route; its lists; own reads of both deployments around all that."""

    own: tuple[str, str]
    answers: Mapping[str, Exchange]
    lists: tuple[Exchange, ...]
    active: tuple[Exchange, Exchange]
    paused: tuple[Exchange, Exchange]


@story(needs=("second-token-env",))
def other_tenant(api: Api) -> OtherTenant:
    """Another tenant tries to list, read and change an active and a paused deployment."""
    active = api.create_deployment(schedule=yearly()).id
    paused = api.create_deployment().id
    key = {"idempotency-key": str(uuid.uuid4())}
    api.pause(paused, headers=key, label="pause the second deployment with a key")
    before = api.get(active), api.get_until(paused, lambda state: state.get("status") == "paused")
    api.wait_for_next_second()
    lists = _lists(api, active, paused)
    repeated = api.pause(
        paused, headers=key, authorization=Auth.SECOND, label="pause with the owner's key as another tenant"
    )
    answers = {"pause with the owner's key": repeated, **_intrude(api, active, paused)}
    return OtherTenant(
        own=(active, paused),
        answers=answers,
        lists=lists,
        active=(before[0], api.get(active, label="read the active deployment afterwards")),
        paused=(before[1], api.get(paused, label="read the paused deployment afterwards")),
    )


def _lists(api: Api, older: str, newer: str) -> tuple[Exchange, ...]:
    """Return the other tenant's newest deployments, by agent, and on either side of ours.

    Raises NotJudgedError (credentials) when its token opens nothing.
    """
    queries: tuple[Mapping[str, object], ...] = (
        {"limit": LARGEST_PAGE},
        {"limit": LARGEST_PAGE, "include_archived": "true", "agent_id": api.known.agent},
        {"limit": LARGEST_PAGE, "after_id": newer},
        {"limit": LARGEST_PAGE, "before_id": older},
    )
    lists = tuple(
        api.list(query, label="list as another tenant", authorization=Auth.SECOND, probe=number > 0)
        for number, query in enumerate(queries)
    )
    if lists[0].status in CREDENTIALS_REFUSED:
        raise NotJudgedError(
            Blame.CREDENTIALS,
            f"the token that --second-token-env names is refused: GET /deployments → {lists[0].summary()}",
        )
    return lists


def _intrude(api: Api, active: str, paused: str) -> dict[str, Exchange]:
    """Try every route that needs no run, in an order in which none hides the effect of another.

    What runs is paused, so that even a target that lets others in refuses it.
    """
    other, label = Auth.SECOND, "as another tenant"
    change = {"description": "changed by another tenant"}
    return {
        "GET /deployments/{id}": api.get(active, authorization=other, label=f"read {label}"),
        "GET /deployments/{id}/runs": api.runs(active, authorization=other, label=f"list runs {label}"),
        "POST /deployments/{id}/run": api.run(paused, authorization=other, label=f"run {label}"),
        "unpause": api.unpause(paused, authorization=other, label=f"unpause {label}"),
        "POST /deployments/{id}": api.update(active, change, authorization=other, label=f"update {label}"),
        "pause": api.pause(active, authorization=other, label=f"pause {label}"),
        "archive": api.archive(active, authorization=other, label=f"archive {label}"),
    }
