"""Stories about two tenants."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as field_of

from conformance.client.answers import items
from conformance.client.api import Api
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field, same, shorten
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.auth.credentials import archived_for_good
from conformance.suite.engine.registry import story
from conformance.suite.shared.values import LONG_AGO, yearly

CREDENTIALS_REFUSED = (401, 403)
COMPARED = ("name", "description", "status", "archived_at", "updated_at")
"""What in a list tells of a change."""


@dataclass(frozen=True)
class OtherTenant:
    """Answers to another tenant, by route; its lists; own reads of both deployments around all that.

    `beforehand` are the newest deployments of the owner before all that, `afterwards` those of both tenants
    when it is over. `leaked` has the lists of the other tenant that show a deployment of the run, whichever
    story made it, by its id.
    """

    own: tuple[str, str]
    answers: Mapping[str, Exchange]
    lists: tuple[Exchange, ...]
    active: tuple[Exchange, Exchange]
    paused: tuple[Exchange, Exchange]
    afterwards: tuple[Exchange, Exchange]
    beforehand: Exchange | None = None
    leaked: Mapping[str, Exchange] = field_of(default_factory=dict)


@story(needs=("second-token-env",))
def other_tenant(api: Api) -> OtherTenant:
    """Another tenant tries to list, read and change an active and a paused deployment."""
    api.reserve(2)
    obtained = api.obtain(schedule=yearly())
    active = obtained.id
    paused = api.obtain_any().id
    key = {"idempotency-key": str(uuid.uuid4())}
    api.pause(paused, headers=key, label="pause the second deployment with a key")
    before = (
        api.first_read(obtained, "read"),
        api.get_until(paused, lambda state: state.get("status") == "paused"),
    )
    api.wait_for_next_second()
    beforehand = api.list({"limit": api.largest_page}, label="list before another tenant comes")
    lists = _lists(api, active, paused)
    repeated = api.pause(
        paused, headers=key, authorization=Auth.SECOND, label="pause with the owner's key as another tenant"
    )
    answers = {"pause with the owner's key": repeated, **_intrude(api, active, paused)}
    after = (
        api.get(active, label="read the active deployment afterwards"),
        api.get(paused, label="read the paused deployment afterwards"),
    )
    afterwards = (
        api.list_until({"limit": api.largest_page}, lambda page: not strayed(page, beforehand, before)),
        api.list(
            {"limit": api.largest_page}, label="list as another tenant afterwards", authorization=Auth.SECOND
        ),
    )
    answers |= _intrude_on_archived(api, paused)
    everything = {"limit": api.largest_page, "include_archived": "true"}
    last = api.list(everything, label="list all as another tenant", authorization=Auth.SECOND, probe=True)
    return OtherTenant(
        own=(active, paused),
        answers=answers,
        lists=lists,
        active=(before[0], after[0]),
        paused=(before[1], after[1]),
        afterwards=afterwards,
        beforehand=beforehand,
        leaked={one: page for page in (*lists, afterwards[1], last) for one in _ours(api, page)},
    )


def _intrude_on_archived(api: Api, deployment_id: str) -> dict[str, Exchange]:
    """Try to run and to read what is archived: nothing can run there, whatever the target lets happen."""
    other, label = Auth.SECOND, "an archived one as another tenant"
    with archived_for_good(api, deployment_id) as archived:
        if not archived:
            return {}
        return {
            "POST /deployments/{id}/run": api.run(archived, authorization=other, label=f"run {label}"),
            "GET /deployments/{id}, archived": api.get(archived, authorization=other, label=f"read {label}"),
        }


def _ours(api: Api, page: Exchange) -> list[str]:
    """Return the ids of deployments on a page that the run made, and that have its mark: ids may be alike."""
    made = [item for item in items(page) if api.creations.is_made(str(item.get("id")))]
    return [str(item["id"]) for item in made if api.target.run_id in json.dumps(item)]


def strayed(page: object, earlier: Exchange | None, reads: Iterable[Exchange]) -> list[str]:
    """Return in what a list shows deployments otherwise than reads and an earlier list of them did.

    What either list leaves out says nothing, and one that shows them otherwise from the start has no traces.
    """
    shown, before = _by_id(page), _by_id(earlier.json if earlier else None)
    return [
        f"{name} of {read.json['id']}: {shorten(read.json[name], 80)} → {shorten(item[name], 80)}"
        for read in reads
        if isinstance(read.json, dict) and (item := shown.get(str(read.json.get("id"))))
        for name in COMPARED
        if name in item and name in read.json and not same(item[name], read.json[name])
        if (then := before.get(str(read.json.get("id")))) and not same(item[name], then.get(name))
    ]


def _by_id(page: object) -> Mapping[str, Mapping[str, object]]:
    data = field(page, "data")
    shown = data if isinstance(data, list) else []
    return {str(item.get("id")): item for item in shown if isinstance(item, dict)}


def _lists(api: Api, older: str, newer: str) -> tuple[Exchange, ...]:
    """Return the other tenant's newest deployments, by agent, by status and age, and on either side of ours.

    Raises NotJudgedError (credentials) when its token opens nothing.
    """
    queries: tuple[Mapping[str, object], ...] = (
        {"limit": api.largest_page},
        {"limit": api.largest_page, "include_archived": "true", "agent_id": api.known.agent},
        {"limit": api.largest_page, "status": "paused", "created_at[gte]": LONG_AGO},
        {"limit": api.largest_page, "after_id": newer},
        {"limit": api.largest_page, "before_id": older},
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
    """Try every route that needs no run, in an order in which none hides the effect of another."""
    other, label = Auth.SECOND, "as another tenant"
    change = {"description": "changed by another tenant"}
    nested: dict[str, Exchange] = {}
    if api.target.routes.nested:  # else a filter by another's deployment is no error
        runs = api.runs(active, authorization=other, label=f"list runs {label}")
        nested["GET /deployments/{id}/runs"] = runs
    return {
        "GET /deployments/{id}": api.get(active, authorization=other, label=f"read {label}"),
        **nested,
        "unpause": api.unpause(paused, authorization=other, label=f"unpause {label}"),
        "POST /deployments/{id}": api.update(active, change, authorization=other, label=f"update {label}"),
        "pause": api.pause(active, authorization=other, label=f"pause {label}"),
        "archive": api.archive(active, authorization=other, label=f"archive {label}"),
    }
