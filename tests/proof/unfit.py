"""Faults and twins that are none under a profile that differs in some way: what it is, and which they are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from conformance.contract.schemas.store import schema_document
from conformance.vendors import Profile


@dataclass(frozen=True)
class Unfit:
    """Faults and twins that a profile leaves nothing of where `differs` tells that it is of a kind."""

    reason: str
    differs: Callable[[Profile], bool]
    names: Collection[str]


def unfit(name: str, profile: Profile) -> str:
    """Return why a fault or twin is none under a profile, empty where nothing speaks against it."""
    return next((one.reason for one in UNFIT if name in one.names and one.differs(profile)), "")


def _binds(profile: Profile, name: str) -> bool:
    return name in profile.promises and not profile.promises[name].off


def _opens(profile: Profile, situation: str) -> bool:
    """Tell whether a situation is open under a profile, or allowed."""
    return profile.answers.get(situation, ("any",))[0].startswith(("any", "2"))


UNFIT: Final = (
    Unfit(
        "its lists do not go on behind an id",
        lambda profile: "after_id" not in profile.lists.cursors,
        {
            "CursorsForgetTheAgent", "BackwardPagesForgetTheStatus", "LimitForgottenAfterFirstPage",
            "StatusIgnoredAfterFirstPage", "ArchivedAfterAnId", "BeforeIdHidesTheAgent",
            "BeforeIdHidesTheStatus", "BeforeIdHidesTheBounds", "ArchivedBeforeAnId",
            "NothingBeforeTheNewestHasEnds", "CursorsForgetTheRange", "RangeForgottenAfterAnId",
        },
    ),
    Unfit(
        "it promises no walk from page to page",
        lambda profile: not _binds(profile, "list.page-walk"),
        {"TokensForgetTheStatus", "ArchivedOnTheNextPage", "StatusForgottenOnTheNextPage"},
    ),
    Unfit(
        "its lists do not go on behind an id, and it promises no walk from page to page",
        lambda profile: "after_id" not in profile.lists.cursors and not _binds(profile, "list.page-walk"),
        {
            "CursorsForgetTheArchived", "IncludeArchivedForgotten", "AgentForgottenAfterAnId",
            "StatusAfterTheLimit", "AgentAfterTheLimit",
        },
    ),
    Unfit(
        "it promises no bounds of created_at",
        lambda profile: not _binds(profile, "list.created-at-range"),
        {"BoundsHideTheStatus", "TheThirdFilterIsForgotten"},
    ),
    Unfit(
        "its lists do not have the field",
        lambda profile: not {"first_id", "has_more"} & {*profile.lists.envelope},
        {"NoFirstId", "HasMoreIsText", "EmptyRangesLeadOn"},
    ),
    Unfit(
        "its runs do not lie below their deployment",
        lambda profile: profile.routes.get("runs-of-deployment", "") != "/deployments/{deployment}/runs",
        {
            "ManualRunsAreNotListed", "RunsAreListedOldestFirst", "ListsOfRunsAreKept", "TheFirstRunIsNotNested",
            "RunsOfArchivedOnesAreOldestFirst", "RunsOfArchivedAreGone", "RunsOfAnUnknownDeploymentAreEmpty",
            "UnknownRunOfKnownDeployment", "OthersMayListRuns",
        },
    ),
    Unfit(
        "its token stands in another header",
        lambda profile: profile.credentials.header != "authorization",
        {"UnknownTokenIsForbidden", "NoTokenIsTaken", "AnyTokenWillDo", "EmptyTokensOpen"},
    ),
    Unfit(
        "an archive does not change the name",
        lambda profile: not profile.deployments.renamed_by_archive,
        {
            "AReusedNameHidesTheArchivedOne", "AReusedNameTakesTheArchivedOneAway", "OneOfANameIsArchived",
            "LongNamesCannotBeArchived",
        },
    ),
    Unfit(
        "two deployments may have one name",
        lambda profile: _opens(profile, "duplicate-name"),
        {"OwnNameIsTaken"},
    ),
    Unfit(
        "its deployments have no environment variables",
        lambda profile: "environment_variables" not in profile.deployments.fields,
        {"EmptyVariablesAreIgnored", "UpdateDecodesVariables", "ListsShowOneVariable"},
    ),
    Unfit(
        "a schedule that is null may be left out",
        lambda profile: "schedule" not in schema_document("deployment", profile.editions.names[-1])["required"],
        {"NullSchedulesAreLeftOutOfLists"},
    ),
    Unfit(
        "it has no idempotency keys",
        lambda profile: "reused-idempotency-key" not in profile.answers,
        {"KeysAreSharedByTenants"},
    ),
    Unfit(
        "no situation is answered 409",
        lambda profile: not any(answers[0].startswith("409") for answers in profile.answers.values()),
        {"MessageIsMissingInConflicts", "NoRequestIdInConflicts"},
    ),
    Unfit(
        "a second pause or unpause may answer 200, and hides it",
        lambda profile: _opens(profile, "pause-when-paused") or _opens(profile, "unpause-when-active"),
        {"TheSecondPauseIsReadAsActive", "TheUpdateAfterAnUnpausePauses", "TheUpdateAfterAnUnpauseIsLost"},
    ),
    Unfit(
        "it breaks archive.keeps-status-active first",
        lambda profile: profile.deployments.status_once_archived == "active",
        {"ArchivedWhilePausedStaysListed"},
    ),
    Unfit(
        "a description is limited, and between 512 characters and that limit no search tries one",
        lambda profile: _binds(profile, "create.description-of-2049-is-400"),
        {"DescriptionsAreCutAt1000"},
    ),
    Unfit(
        "an archived deployment is active, whatever it was before",
        lambda profile: profile.deployments.status_once_archived == "active",
        {"HardToPutAway", "ArchivedKeepsPaused", "ArchivedIsAStatus"},
    ),
    Unfit(
        "an archived deployment refuses changes",
        lambda profile: _binds(profile, "archive.refuses-changes"),
        {"ArchivedTakesChanges"},
    ),
    Unfit(
        "its ids have another form",
        lambda profile: profile.deployment_ids.form != "uuid7-hex",
        {"MalformedIdIs400"},
    ),
    Unfit(
        "a second archive is answered 200",
        lambda profile: profile.answers.get("archive-when-archived", ("any",))[0].startswith("2"),
        {"ConflictsBeforeBodies"},
    ),
    Unfit(
        "it refuses an unknown field",
        lambda profile: _binds(profile, "create.unknown-field-is-400"),
        {"UnknownFieldsAreIgnored"},
    ),
    Unfit(
        "it refuses an unknown status",
        lambda profile: _binds(profile, "list.unknown-status-is-400"),
        {"TakesAlmostAnything"},
    ),
    Unfit(
        "null clears a field",
        lambda profile: _binds(profile, "update.description-can-be-cleared"),
        {"RefusesWhatItMay"},
    ),
    Unfit(
        "its events are messages, which have a role",
        lambda profile: "message" in profile.deployments.events,
        {"RefusesWhatItMay"},
    ),
)  # fmt: skip
"""What a profile has, or lacks, that decides of a fault or twin."""
