"""What comes before all stories: is the target there, does it know us, what can deployments refer to?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from conformance.contract.judgement import field, shorten
from conformance.contract.mode import Mode
from conformance.contract.revision import Marks, detect
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.stories.ids import tracing, unknown_deployment_id
from conformance.target.api import LARGEST_PAGE, Api
from conformance.target.creations import Creations, created_id, items
from conformance.target.exchange import Exchange
from conformance.target.ledger import LedgerError
from conformance.target.prerequisites import Prerequisites, pick, resources
from conformance.target.settings import Settings
from conformance.target.target import Target

REFUSED = (401, 402, 403)
BAD_REQUEST = 400
EVERYTHING = {"limit": LARGEST_PAGE, "include_archived": "true"}


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


def fly(target: Target, creations: Creations) -> Preflight:
    """Send the first requests and find what every story needs."""
    settings = target.settings
    api = Api(target, "preflight", _given(settings), creations)
    first_list = api.list(EVERYTHING, label="list what is there before anything is made")
    blocked = _blocked(first_list, settings)
    if blocked:
        return Preflight(
            first_list=first_list, known=api.known, blocked=blocked, no_creation=blocked,
            revision=settings.revision, revision_reason="nothing could be asked",
        )  # fmt: skip
    unknown = api.get(
        unknown_deployment_id(target.profile.deployment_prefix),
        label="read an unknown deployment",
        headers=tracing(),
    )
    if settings.mode is not Mode.FULL:
        return _look(api, first_list, unknown)
    api.known = find_missing(api)
    created, no_creation = _create(api)
    made = created_id(created) if created and not no_creation else None
    version = field(created.json, "agent.version") if created and made else None
    api.known = replace(api.known, bystander=made, agent_version=version)
    revision, reason = revision_of(api, first_list, unknown, created)
    api.known = replace(api.known, revision=revision)
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
        blocked=_not_lendable(lent) if lent else None,
    )  # fmt: skip


def _not_lendable(lent: Exchange) -> NotJudgedError | None:
    """Return why the lent deployment cannot be used, or None."""
    wrong = ""
    if not lent.succeeded or not isinstance(lent.json, dict):
        wrong = f"cannot be read: {lent.summary()}"
    elif lent.json.get("archived_at"):
        wrong = "is archived, which is final: nothing of it can change any more"
    elif lent.json.get("status") not in {"active", "paused"}:
        wrong = f"is neither active nor paused: {shorten(lent.json.get('status'), 80)}"
    reason = f"the deployment that --deployment-id names {wrong}; name another"
    return NotJudgedError(Blame.PRECONDITION, reason) if wrong else None


def _given(settings: Settings) -> Prerequisites:
    return Prerequisites(
        agent_id=settings.agent_id,
        environment_id=settings.environment_id,
        archived_agent_id=settings.archived_agent_id,
        archived_environment_id=settings.archived_environment_id,
    )


def _blocked(first: Exchange, settings: Settings) -> NotJudgedError | None:
    if first.failure:
        return NotJudgedError(first.failure.blame, f"the target gave no answer: {first.failure.text}")
    if first.status in REFUSED:
        return NotJudgedError(
            Blame.CREDENTIALS,
            f"the target refuses the credentials: GET /deployments answered {first.summary()}; "
            f"check the token in {settings.token_variable}",
        )
    if first.status in (429, 503):
        return NotJudgedError(Blame.TARGET, f"the gateway kept answering {first.status}")
    return None


def find_missing(api: Api) -> Prerequisites:
    """Look into the account for the agent and environment that no option names."""
    known = api.known
    agents = listed(api, "/agents") if known.agent_id is None else []
    environments = listed(api, "/environments") if known.environment_id is None else []
    return Prerequisites(
        agent_id=known.agent_id or pick(agents, archived=False),
        environment_id=known.environment_id or pick(environments, archived=False),
        archived_agent_id=known.archived_agent_id or pick(agents, archived=True),
        archived_environment_id=known.archived_environment_id or pick(environments, archived=True),
    )


def listed(api: Api, path: str) -> list[Mapping[str, object]]:
    """Return the agents or environments that the account shows."""
    return list(resources(api.send("GET", path, label=f"look for {path[1:]}", probe=True).json))


def _create(api: Api) -> tuple[Exchange | None, NotJudgedError | None]:
    """Make the first deployment, in the event form that the target takes (N47)."""
    try:
        first = api.create(body := api.body(), label="create with the required fields only")
        if first.status == BAD_REQUEST:
            blocks, api.known = api.known, replace(api.known, event_form="string")
            second = api.create(
                other := api.body(), label="create with text instead of blocks as event content"
            )
            if second.succeeded:
                first, body = second, other
            else:
                api.known = blocks
        if made := created_id(first):
            api.creations.check_writable(made)
            api.creations.confirm(body, api.get(made, label="read the first deployment"))
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
    return NotJudgedError(
        Blame.PRECONDITION,
        f"no deployment can be created: the minimal one answered {first.summary()}; if its agent or "
        "environment is not usable, name others with --agent-id and --environment-id",
    )


def revision_of(
    api: Api, first_list: Exchange, unknown: Exchange, created: Exchange | None
) -> tuple[str, str]:
    """Return the revision and how it was found, from a list, an unknown id and maybe a creation."""
    chosen = api.target.settings.revision
    if chosen != "auto":
        return chosen, "given by option"
    seen = [item for page in (first_list,) for item in items(page)]
    if created and created.succeeded and isinstance(created.json, dict):
        seen.insert(0, created.json)
    request_id = isinstance(unknown.json, dict) and "request_id" in unknown.json
    variables = any("environment_variables" in item for item in seen[:1])
    cas_config = any(_has_cas_config(item) for item in seen[:1])
    needs_more = request_id and not variables and not cas_config
    beyond = api.list({"limit": 101}, label="list with limit=101", probe=True) if needs_more else None
    return detect(
        Marks(
            environment_variables=variables,
            request_id=request_id,
            cas_config=cas_config,
            refuses_limit_101=beyond is not None and beyond.status == BAD_REQUEST,
        )
    )


def _has_cas_config(item: Mapping[str, object]) -> bool:
    metadata = item.get("metadata")
    return isinstance(metadata, dict) and "cas_config" in metadata
