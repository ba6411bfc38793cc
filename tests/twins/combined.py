"""Twins that take several freedoms at once, of those that other modules describe one by one."""

from __future__ import annotations

from conformance.reference import Request, Response
from tests.twins.almanacs import (
    BothDaysMustMatch,
    CreatedASecondEarlier,
    LastRunIsNull,
    LooksAYearAhead,
    NoNamesNorSundaySeven,
    NothingIsRarerThanAYear,
    SkippedHoursComeLater,
    SuffixOfAnotherClock,
    TimesInLowerCase,
    TimesOfNoPlace,
    TrimmedNanoseconds,
    TwoExpressionsInOne,
)
from tests.twins.catalogue import twin
from tests.twins.contention import (
    ChangesThatMeetConflict,
    KeysAreOfTheAccount,
    KeysAreUuids,
    KeysCompareBytes,
    KeysUnderWayConflict,
    RefusalsAreRemembered,
)
from tests.twins.endings import (
    ArchivedIsLockedFirst,
    ArchivedIsNotFound,
    Base64Ids,
    CreatedHasALocation,
    EventsAreCompleted,
    IdsInAnyCase,
    LongIds,
    LongNamesAreCut,
    LongNamesCannotBeArchived,
    MessagesAreLong,
    ParamIsAPointer,
    ParamsAreSorted,
    PausedMustBeUnpausedFirst,
    RequestIdsOfItsOwn,
    ResourcesAreCompleted,
)
from tests.twins.gateways import (
    DownForASecond,
    Drips,
    EscapedJson,
    GuessesAreThrottled,
    HeadersOfManyProxies,
    HintsComeFirst,
    IdleConnectionsAreClosed,
    MediaTypesOfItsOwn,
    NoContentType,
    PathsAreTidied,
    SlowArchives,
    SpeaksHttpOneZero,
    ThrottledTwiceInARow,
    ThrottledUntilADate,
    TokensAreTrimmed,
    UnevenAnswers,
    UntidyPathsAreRedirected,
)
from tests.twins.inventories import (
    BackwardPagesAscend,
    HasMoreLooksDown,
    LimitsOfTheOtherEdition,
    SiblingsComeOneByOne,
    TokensAreUsedOnce,
)
from tests.twins.validators import (
    ActionsTakeNothing,
    ConflictsFirst,
    ContentTypeIsRequired,
    CursorsMustBeListed,
    LenientQueries,
    LooksBeforeItReads,
    NamesByOldCollation,
    ReadsBeforeItAsks,
    ReadsBeforeItLooks,
    ReferencesFirst,
    StrictQueries,
    TakesWhatItCan,
)


@twin()
class BehindManyProxies(
    HeadersOfManyProxies, EscapedJson, PathsAreTidied, TokensAreTrimmed, HintsComeFirst, MediaTypesOfItsOwn
):
    """Proxies add headers, tidy paths, rewrite JSON and give hints before each answer."""


@twin()
class RefusedOnTheWayNowAndThen(ThrottledUntilADate, ThrottledTwiceInARow, DownForASecond):
    """A gateway refuses by 429 and 503 in every form, with and without a word on when to come back."""

    def refusal(self, request: Request, number: int) -> Response | None:
        kinds = (ThrottledUntilADate, ThrottledTwiceInARow, DownForASecond)
        return next(filter(None, (kind.refusal(self, request, number) for kind in kinds)), None)


@twin()
class SlowAndUneven(UnevenAnswers, IdleConnectionsAreClosed, NoContentType, SlowArchives):
    """Answers overtake each other, archives take long, idle connections are closed after a second."""


@twin()
class OfAnotherAge(
    SpeaksHttpOneZero, GuessesAreThrottled, ArchivedIsNotFound, Base64Ids, RequestIdsOfItsOwn, MessagesAreLong
):
    """It speaks HTTP/1.0, has ids in base64 and long messages, and throttles who guesses tokens."""


@twin()
class LocksWhatIsChanged(ChangesThatMeetConflict, KeysUnderWayConflict, KeysCompareBytes, TrimmedNanoseconds):
    """Of requests that meet, all but one conflict; keys compare bytes."""


@twin()
class KeysOfTheAccount(KeysAreUuids, RefusalsAreRemembered, KeysAreOfTheAccount):
    """A key is a UUID, good for one request in the whole account, and answers a refusal again as well."""


@twin()
class ConflictsBeforeBodies(LooksBeforeItReads, ConflictsFirst):
    """State and name are looked at before the rest of a body."""


@twin()
class BodiesBeforeTokens(Drips, ReadsBeforeItAsks, TimesInLowerCase):
    """Bodies are looked at before tokens; answers drip, and have times in lower case."""


@twin()
class BodiesBeforeIds(
    ReadsBeforeItLooks, ReferencesFirst, ContentTypeIsRequired, ActionsTakeNothing, UntidyPathsAreRedirected
):
    """Fields are judged before ids are looked for; whatever is odd in head or path is refused."""


@twin()
class StrictLists(StrictQueries, NamesByOldCollation, CursorsMustBeListed):
    """Queries must be as documented, cursors on their list, and names apart by an old collation."""


@twin()
class TakesAlmostAnything(LenientQueries, TakesWhatItCan):
    """Whatever may be taken, in queries and in bodies, is taken."""


@twin()
class SchedulesOfItsOwn(BothDaysMustMatch, LooksAYearAhead, SuffixOfAnotherClock, LastRunIsNull):
    """Both days of a schedule must match, and runs are listed a year ahead."""


@twin()
class FewExpressions(
    SkippedHoursComeLater,
    NothingIsRarerThanAYear,
    TwoExpressionsInOne,
    NoNamesNorSundaySeven,
    TimesOfNoPlace,
    CreatedASecondEarlier,
):
    """Only the plainest cron expressions are taken."""


@twin()
class OthersListings(SiblingsComeOneByOne, LimitsOfTheOtherEdition, BackwardPagesAscend):
    """Lists keep to the other documents, and run backwards before a cursor."""


@twin(revisions=("2026-07",))
class TokensOfItsOwn(HasMoreLooksDown, TokensAreUsedOnce):
    """Tokens are long and used once, and has_more is about older rows alone."""


@twin()
class HardToPutAway(PausedMustBeUnpausedFirst, LongNamesCannotBeArchived):
    """Neither what is paused nor what has a long name can be archived (N130, N133)."""


@twin()
class EverythingIsCompleted(
    ParamIsAPointer,
    EventsAreCompleted,
    ResourcesAreCompleted,
    LongNamesAreCut,
    LongIds,
    ParamsAreSorted,
    CreatedHasALocation,
):
    """Whatever is sent reads back with more than was sent, under long ids."""


@twin()
class LockedAndCaseless(ArchivedIsLockedFirst, IdsInAnyCase):
    """What is archived is a 403 first of all, and ids may be written in any case."""
