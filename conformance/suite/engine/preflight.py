"""What comes before all stories: is the target there, does it know us, what can deployments refer to?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from conformance.client.answers import created_id, items
from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.ownership.creations import Creations
from conformance.client.ownership.ledger import LedgerError
from conformance.client.prerequisites import Prerequisites, identified, pick, resources
from conformance.client.target import Target
from conformance.contract.comparing import MISSING, field, shorten
from conformance.contract.mode import Mode
from conformance.contract.revision import detect
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.engine.address import obstacle, said
from conformance.suite.shared.ids import tracing

REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN)


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """What the first requests found.

    `known` is what created deployments refer to. `blocked` says why nothing at all can be judged; `created`
    is the first creation and `made` its id; without one, `no_creation` says why. `lent` is the first read of
    the deployment that the run may change, where it may make none.
    """

    first_list: Exchange
    unknown: Exchange | None = None
    created: Exchange | None = None
    made: str | None = None
    known: Prerequisites
    revision: str
    revision_reason: str
    blocked: NotJudgedError | None = None
    no_creation: NotJudgedError | None = None
    lent: Exchange | None = None


def everything(api: Api) -> dict[str, object]:
    """Return the query of the largest page of all deployments."""
    return {"limit": api.largest_page, "include_archived": "true"}


def fly(target: Target, creations: Creations) -> Preflight:
    """Send the first requests and find what every story needs.

    Nothing can be judged either when the time of the run is over before all is found.
    """
    api = Api(target, "preflight", _given(target), creations)
    first_list = api.list(everything(api), label="list what is there before anything is made")
    try:
        if found := obstacle(api, first_list):
            return _blocked(api, first_list, NotJudgedError(found.blame, str(found)))
        return _find(api, first_list)
    except NotJudgedError as error:
        return _blocked(api, first_list, error)


def _blocked(api: Api, first_list: Exchange, why: NotJudgedError) -> Preflight:
    return Preflight(
        first_list=first_list, known=api.known, blocked=why, no_creation=why,
        revision=api.target.settings.revision, revision_reason="nothing could be asked",
    )  # fmt: skip


def _find(api: Api, first_list: Exchange) -> Preflight:
    """Find what every story needs, on a target that can be judged."""
    target = api.target
    unknown = api.get(
        target.profile.deployment_ids.unknown(),
        label="read an unknown deployment",
        headers=tracing(),
    )
    if target.settings.mode is not Mode.FULL:
        return _look(api, first_list, unknown)
    api.known = find_missing(api)
    created, no_creation = _create(api)
    made = created_id(created) if created and not no_creation else None
    version = field(created.json, "agent.version") if created and made else None
    api.known = replace(api.known, bystander=made, agent_version=version)
    revision, reason = revision_of(api, first_list, unknown, created)
    api.known = replace(api.known, revision=revision, vaults=_vaults(api) if made else ())
    return Preflight(
        first_list=first_list, unknown=unknown, created=created, made=made, known=api.known,
        revision=revision, revision_reason=reason, no_creation=no_creation,
    )  # fmt: skip


def _look(api: Api, first_list: Exchange, unknown: Exchange) -> Preflight:
    """Find what can be read, and the deployment that is lent, where none may be made."""
    live = next((item for item in items(first_list) if not item.get("archived_at")), {})
    wanted = api.target.settings.deployment_id
    lent = api.get(wanted, label="read the lent deployment") if wanted else None
    shown = live.get("id")
    bystander = wanted or (shown if isinstance(shown, str) else None)
    revision, reason = revision_of(api, first_list, unknown, lent)
    return Preflight(
        first_list=first_list, unknown=unknown, lent=lent, revision=revision, revision_reason=reason,
        known=replace(api.known, bystander=bystander, own=False, revision=revision),
        blocked=_not_lendable(lent, wanted) if lent else None,
    )  # fmt: skip


def _not_lendable(lent: Exchange, wanted: str | None) -> NotJudgedError | None:
    """Return why the lent deployment cannot be used, or None."""
    wrong = ""
    if not lent.succeeded or not isinstance(lent.json, dict):
        wrong = f"cannot be read: {lent.summary()}"
    elif lent.json.get("id") != wanted:
        wrong = f"answers as {shorten(lent.json.get('id'), 80)}: give its id as it is shown"
    elif lent.json.get("archived_at"):
        wrong = "is archived, which is final: nothing of it can change any more"
    elif lent.json.get("status") not in {"active", "paused"}:
        wrong = f"is neither active nor paused: {shorten(lent.json.get('status'), 80)}"
    reason = f"the deployment that --deployment-id names {wrong}; name another"
    return NotJudgedError(Blame.PRECONDITION, reason) if wrong else None


def _given(target: Target) -> Prerequisites:
    settings = target.settings
    return Prerequisites(
        event_form=target.profile.deployments.events[0],
        agent_id=settings.agent_id,
        environment_id=settings.environment_id,
        archived_agent_id=settings.archived_agent_id,
        archived_environment_id=settings.archived_environment_id,
    )


def find_missing(api: Api) -> Prerequisites:
    """Look into the account for the agent and environment that no option names."""
    known = api.known
    missing = {"agents": known.agent_id is None, "environments": known.environment_id is None}
    answers = {kind: ask_for(api, f"/{kind}") for kind, is_missing in missing.items() if is_missing}
    agents, environments = (
        list(resources(answers[kind].json)) if kind in answers else [] for kind in missing
    )
    return replace(
        known,
        refusals={kind: said(answer) for kind, answer in answers.items() if not answer.succeeded},
        agent_id=known.agent_id or pick(agents, archived=False),
        environment_id=known.environment_id or pick(environments, archived=False),
        archived_agent_id=known.archived_agent_id or pick(agents, archived=True),
        archived_environment_id=known.archived_environment_id or pick(environments, archived=True),
    )


def listed(api: Api, path: str) -> list[Mapping[str, object]]:
    """Return the agents, environments or vaults that the account shows."""
    return list(resources(ask_for(api, path).json))


def ask_for(api: Api, path: str) -> Exchange:
    """Ask what agents, environments or vaults there are."""
    return api.send("GET", path, label=f"look for {path[1:]}", probe=True)


def _vaults(api: Api) -> tuple[str, ...]:
    return tuple(str(vault["id"]) for vault in identified(listed(api, "/vaults"), archived=False))


def _create(api: Api) -> tuple[Exchange | None, NotJudgedError | None]:
    """Make the first deployment, in the event form that the target takes (N47)."""
    try:
        first = api.create(api.body(), label="create with the required fields only")
        usual, other = api.known, api.target.profile.deployments.events[1:2]
        if first.status == HTTPStatus.BAD_REQUEST and other:
            api.known = replace(usual, event_form=other[0])
            second = api.create(api.body(), label="create with text instead of blocks as event content")
            if second.succeeded:
                first = second
            else:
                api.known = usual
        if made := created_id(first):
            api.creations.check_writable(made)
            api.confirm(made)
    except NotJudgedError as error:
        return None, error
    except LedgerError as error:
        return None, NotJudgedError(Blame.PRECONDITION, str(error))
    return first, _no_creation(first)


def _no_creation(first: Exchange) -> NotJudgedError | None:
    if first.failure:
        return NotJudgedError(first.failure.blame, f"creating a deployment: {first.failure.text}")
    if first.status in REFUSED:
        return NotJudgedError(Blame.CREDENTIALS, f"the token may not create deployments: {first.summary()}")
    if first.succeeded and created_id(first):
        return None
    answered = f"no deployment can be created: the minimal one answered {said(first)}"
    if first.succeeded:
        return NotJudgedError(Blame.TARGET, f"{answered}; that shows no id")
    return NotJudgedError(
        Blame.PRECONDITION,
        f"{answered}; if its agent or environment is not usable, name others with --agent-id and "
        "--environment-id",
    )


def revision_of(
    api: Api, first_list: Exchange, unknown: Exchange, created: Exchange | None
) -> tuple[str, str]:
    """Return the revision and how it was found, from a list, an unknown id and maybe a creation."""
    chosen = api.target.settings.revision
    if chosen != "auto":
        return chosen, "given by option"
    shown = next(items(first_list), None)
    if created and created.succeeded and isinstance(created.json, dict):
        shown = created.json
    documents = {"deployment": shown, "error": unknown.json}
    editions = api.target.profile.editions

    def shows(name: str) -> bool:
        mark = editions.marks[name]
        if mark.query is None:
            return field(documents[mark.shown_by], mark.field) is not MISSING
        asked = " and ".join(f"{parameter}={value}" for parameter, value in mark.query.items())
        return api.list(mark.query, label=f"list with {asked}", probe=True).status == mark.status

    return detect(editions, shows)
