"""What befell a deployment, told otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from conformance.client.exchange import Exchange, Failure
from conformance.contract.verdict import Blame
from tests.suite.history_stories import (
    ACTIVE,
    AT_ONCE,
    BEGAN,
    ID,
    LATE,
    NOW_ARCHIVED,
    NOW_PAUSED,
    SENT,
    acted,
    at,
    created,
    pauses,
    read,
    refused,
)
from tests.suite.judging import Accusing, Rows
from tests.suite.run_stories import RUN
from tests.suite.written import (
    ARCHIVED_AT,
    SCHEDULE,
    Edit,
    answer,
    deployment,
    error,
    page,
    put,
    showing,
    with_facts,
)

FIRST = 5
"""The place of the first exchange of the history among all."""
BEFORE_DELETE, DELETE, AFTER_DELETE, PAUSE, READ, LATER_READ, _, _, END = (
    f"every_exchange.{FIRST + place}" for place in range(1, 10)
)
ALL: Final = "every_exchange"
STALE, CURRENT = ACTIVE, NOW_PAUSED
BEFORE: Final = {name: deployment(**STALE).json[name] for name in ("status", "paused_reason", "updated_at")}  # type: ignore[index]  # an object
SOON: Final = BEGAN + timedelta(seconds=8 + 2 * AT_ONCE)
AT_FIRST_STALE = (AT_ONCE, STALE), (AT_ONCE * 2, CURRENT)
LATE_STALE = (LATE, STALE), (LATE + AT_ONCE, CURRENT)
OTHER: Final = "Made by a conformance run (conformance-a1-told-2)."


def telling(words: str, **shown: object) -> Edit:
    """Return the edit that has an exchange, at its time, show a deployment otherwise."""
    return Edit(words, lambda old: replace(old, json={**old.json, **shown}))


def keyed(one: Exchange) -> Exchange:
    """Return an exchange whose request carried a key."""
    return replace(one, request_headers={"idempotency-key": "one"})


def whole(words: str, *exchanges: Exchange) -> Edit:
    """Return the edit that puts other exchanges in the place of all."""
    return put(exchanges, words)


MIXED_UP = at(
    1, deployment(id="dep_2", description=SENT), "POST", "", request_body=f'{{"description": "{OTHER}"}}'
)
RUN_OF = "/dep_told_of/runs/drun_1"
RUNS = page(RUN), created()
GONE = at(3, error(404, "not_found_error"))

BROKEN: Final[Accusing] = [
    ("pause.leaves-others-alone", "disturbed", put((created(), acted(1, "pause", **NOW_PAUSED), read(2, **{**NOW_PAUSED, "updated_at": "2026-07-01T02:00:19Z"})), "a paused one"), "updated_at"),
    ("pause.leaves-others-alone", "disturbed", put((created(), read(1, **{**ACTIVE, "description": "of another"})), "an untouched one"), "of another"),
    ("object.answers-are-about-what-was-asked", READ, showing("id", "dep_other"), "dep_other"),
    ("object.answers-are-about-what-was-asked", ALL, whole("an id given twice", created(), created(1)), "that of another creation"),
    ("object.answers-are-about-what-was-asked", PAUSE, showing("id", "dep_other"), "dep_other"),
    ("object.answers-are-about-what-was-asked", ALL, whole("mixed up", created(), MIXED_UP), SENT),
    (
        "object.answers-are-about-what-was-asked",
        ALL,
        whole("another run", *RUNS, at(1, answer({**RUN, "deployment_id": ID, "id": "drun_2"}), path=RUN_OF)),
        "drun_2",
    ),
    (
        "object.answers-are-about-what-was-asked",
        ALL,
        whole("a run of another", *RUNS, at(1, answer(RUN), path=RUN_OF)),
        "dep_0196f3a1",
    ),
    (
        "object.answers-are-about-what-was-asked",
        ALL,
        whole("a new run of another", *RUNS, at(1, answer(RUN), "POST", "/dep_told_of/run")),
        "dep_0196f3a1",
    ),
    ("object.refused-is-not-done", AFTER_DELETE, with_facts("gone", status=404, json=GONE.json), "404"),
    ("object.refused-is-not-done", AFTER_DELETE, telling("archived", archived_at=ARCHIVED_AT), "archived_at"),
    ("object.refused-is-not-done", END, telling("active", status="active"), "status"),
    ("object.refused-is-not-done", END, telling("touched", updated_at="2026-07-01T02:00:30Z"), "updated_at"),
    ("get.follows-changes", LATER_READ, telling("stale", **BEFORE), "the state before it again, 1.1"),
    (
        "get.follows-changes",
        ALL,
        whole("stale first", *pauses(AT_FIRST_STALE, LATE_STALE)),
        "in all 2 cases",
    ),
]  # fmt: skip

LEGAL: Final[Rows] = [
    ("pause.leaves-others-alone", "disturbed", put((created(), read(1, **{**NOW_PAUSED, "id": "dep_other"})), "a read of another")),
    ("pause.leaves-others-alone", "disturbed", put((created(), acted(1, "pause", **NOW_PAUSED), read(2, **NOW_PAUSED)), "one that was paused")),
    ("pause.leaves-others-alone", "disturbed", put((created(), acted(1, "pause", **NOW_PAUSED), read(2, **ACTIVE)), "a read that lags")),
    ("pause.leaves-others-alone", "disturbed", put((created(), read(1, **ACTIVE)), "one that stays")),
    ("object.answers-are-about-what-was-asked", READ, showing("id", ID)),
    ("object.answers-are-about-what-was-asked", ALL, whole("an answer again", created(), replace(created(1), request_headers={"idempotency-key": "k"}))),
    ("object.answers-are-about-what-was-asked", ALL, whole("a creation tried again", created(), replace(created(1), retries=("503",)))),
    ("object.answers-are-about-what-was-asked", DELETE, showing("id", "dep_other")),
    ("object.answers-are-about-what-was-asked", ALL, whole("of an id that nothing shows", read(1, id="dep_other"))),
    (
        "object.answers-are-about-what-was-asked",
        ALL,
        whole("replayed", created(), keyed(MIXED_UP)),
    ),
    ("object.refused-is-not-done", AFTER_DELETE, telling("a run", schedule={**SCHEDULE, "last_run_at": ARCHIVED_AT})),
    ("object.refused-is-not-done", DELETE, with_facts("accepted", status=200, json=None)),
    ("object.refused-is-not-done", END, telling("a field of its own", shard=7)),
    (
        "object.refused-is-not-done",
        ALL,
        whole(
            "archived ones are not found",
            created(),
            read(1, **NOW_ARCHIVED),
            refused(2, "DELETE"),
            at(3, error(404, "not_found_error")),
        ),
    ),
    (
        "object.refused-is-not-done",
        ALL,
        whole(
            "a read that lags for a moment",
            created(),
            read(1, **NOW_PAUSED),
            refused(2, "DELETE"),
            read(3, **ACTIVE),
            read(4, **NOW_PAUSED),
        ),
    ),
    ("get.follows-changes", READ, telling("it lags at first", **BEFORE)),
    ("get.follows-changes", LATER_READ, with_facts("it lags here and there at first", json=deployment(**STALE).json, sent_at=SOON)),
    ("get.follows-changes", END, telling("gone for good: other promises are about that", **BEFORE)),
    ("get.follows-changes", ALL, whole("a lag", *pauses(AT_FIRST_STALE, ((LATE, CURRENT),)))),
    ("get.follows-changes", ALL, whole("a long lag", *pauses(((AT_ONCE, STALE), (LATE, STALE)), LATE_STALE))),
    ("get.follows-changes", ALL, whole("stale at first alone", *pauses(AT_FIRST_STALE, AT_FIRST_STALE))),
    ("get.follows-changes", ALL, whole("stale when late alone", *pauses(LATE_STALE, LATE_STALE))),
    (
        "get.follows-changes",
        ALL,
        whole(
            "an action repeated with its key",
            created(),
            keyed(acted(2, "pause", **NOW_PAUSED)),
            read(3, **NOW_PAUSED),
            acted(4, "unpause", **{**ACTIVE, "updated_at": ARCHIVED_AT}),
            read(5, **{**ACTIVE, "updated_at": ARCHIVED_AT}),
            keyed(acted(6, "pause", **NOW_PAUSED)),
            read(8, **{**ACTIVE, "updated_at": ARCHIVED_AT}),
        ),
    ),
]  # fmt: skip

UNJUDGED: Final[Rows] = [
    ("object.refused-is-not-done", ALL, whole("no refusal", created(), read(1, **ACTIVE))),
    (
        "object.refused-is-not-done",
        ALL,
        whole("a gateway", created(), read(1, **ACTIVE), refused(2, "DELETE", status=503), read(3, **ACTIVE)),
    ),
    ("get.follows-changes", ALL, whole("nothing was changed", created(), read(1, **ACTIVE))),
    (
        "get.follows-changes",
        ALL,
        whole(
            "sent at once",
            created(),
            acted(2, "pause", **NOW_PAUSED),
            acted(2, "unpause", **ACTIVE),
            read(4, **ACTIVE),
        ),
    ),
    (
        "get.follows-changes",
        ALL,
        whole(
            "the answer was lost",
            created(),
            replace(
                acted(2, "pause", **NOW_PAUSED),
                status=None,
                json=None,
                failure=Failure(Blame.NETWORK, "it is lost"),
            ),
            read(4, **NOW_PAUSED),
        ),
    ),
]  # fmt: skip

INAPPLICABLE: Final[Rows] = []
