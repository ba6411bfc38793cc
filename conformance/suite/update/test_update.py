"""Updating: POST /deployments/{id}."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from conformance.client.exchange import Exchange
from conformance.contract.comparing import MISSING, documented, field, same, shorten
from conformance.contract.judgement import answered, broken, expect_field, expect_success, expect_unchanged
from conformance.contract.schemas import parse_timestamp
from conformance.contract.verdict import NotApplicableError
from conformance.suite.archive.test_archive import tried
from conformance.suite.create.accepted import PinnedAgent
from conformance.suite.create.test_create_stored import expect_events
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.judging.states import need, need_listing, need_success
from conformance.suite.judging.stored import described
from conformance.suite.judging.times import expect_advanced, expect_now
from conformance.suite.object.whole_life import GIVEN, Lifecycle
from conformance.suite.schedule.firing import WatchedArchive
from conformance.suite.schedule.test_schedule import expect_explained, upcoming
from conformance.suite.shared.list_pages import lost_runs
from conformance.suite.update.accepted import LINES, ODD_KEY, ROUND_TRIPS, Rescheduling, Updates
from conformance.suite.update.changes import Change, shows, shows_text
from conformance.suite.update.open import OpenUpdates

TIMES = ("created_at", "updated_at")
"""What other promises are about: `object.identity-never-moves`, `update.advances-updated-at`."""
SERVERS = "cas_config"
"""The key of metadata that is the server's own in part."""


@requirement("update.returns-full-object")
def test_an_update_answers_with_the_full_object(updates: Updates) -> None:
    for change in (updates.name, updates.description, *accepted(updates.moved)):
        answer = expect_success(change.answer)
        missing = documented(expect_success(change.after)).keys() - answer.keys()
        if missing:
            raise broken("the full object", f"none of {', '.join(sorted(missing))}", change.answer)
        expect_sent(change, change.answer, but=same_in(change.answer, change.after, change.sent))


@requirement("update.is-stored")
def test_an_update_is_stored(
    updates: Updates,
    pinned_agent_if_any: PinnedAgent | None,
    watched_archive_if_any: WatchedArchive | None,
) -> None:
    for change in (updates.name, updates.description, *accepted(updates.moved)):
        need_success(change.answer)
    whole = [change for change in (updates.cleared, updates.restored) if change]
    for change in whole:  # that these are accepted, no other requirement tells
        expect_success(change.answer)
    for change in (updates.name, updates.description, *accepted(updates.moved), *whole):
        expect_success(change.after)
        expect_sent(change, change.after)
    for change in updates.of_schedule:
        if "description" in change.sent and change.answer.succeeded:
            expect_field(change.after, "description", change.sent["description"])
    for answer in updates.renamed:  # nobody else has these names, or has them any more
        expect_success(answer)
    pinned = pinned_agent_if_any
    if pinned and pinned.moved and pinned.moved.succeeded:
        expect_field(pinned.moved, "agent.version", pinned.latest)
    if pinned and pinned.back and pinned.back.succeeded:
        expect_field(pinned.back, "agent.version", 1)
    if watched := watched_archive_if_any:
        expect_kept_by_the_scheduler(watched)


def expect_kept_by_the_scheduler(watched: WatchedArchive) -> None:
    """Expect the last update before a schedule fired to be there still, where it was answered so."""
    update, read = watched.updates[-1], watched.fired[-1].deployment
    wanted = field(update.json, "description")
    if update.succeeded and read.succeeded and not same(field(read.json, "description"), wanted):
        raise broken(
            f"description {shorten(wanted)} once its schedule has fired",
            field(read.json, "description"),
            update,
            read,
        )


@requirement("update.keeps-what-was-not-sent")
def test_an_update_keeps_what_it_does_not_name(
    updates: Updates, pinned_agent_if_any: PinnedAgent | None
) -> None:
    for change in updates.changes:
        expect_unchanged(change.before, change.after, but=(*change.sent, *TIMES))
    for change in accepted(updates.moved):
        if lost_runs(change.before.json, change.after.json):
            raise broken("upcoming runs as before", "none", change.before, change.answer, change.after)
    pinned = pinned_agent_if_any
    stored = pinned and pinned.pinned and pinned.pinned.read
    if pinned and stored and pinned.updated and pinned.updated.succeeded:
        expect_unchanged(stored, pinned.updated, but=("description", *TIMES))


@requirement("update.patch-and-put-are-not-offered")
def test_patch_and_put_do_not_succeed(open_updates: OpenUpdates) -> None:
    for exchange in (open_updates.patch, open_updates.put):
        if answered(exchange).succeeded:
            raise broken(f"no success of {exchange.label}", exchange.summary(), exchange)


@requirement("update.advances-updated-at")
def test_an_update_moves_updated_at_forward(
    updates: Updates, rescheduling_if_any: Rescheduling | None
) -> None:
    need_stored(updates)
    other = rescheduling_if_any
    later = accepted(other.later) if other else ()
    if other and other.later and other.pause and field(other.pause.json, "status") == "paused":
        later += accepted(other.while_paused)
    for change in (*updates.dated, *later):
        set_before = updates.metadata if change is updates.deleted else None
        if any(one and not shows(one.after.json, one.sent) for one in (set_before, change)):
            continue  # what was not stored breaks another promise, and what is not there cannot be deleted
        expect_advanced(change.before, change.answer, change.after)
        if parse_timestamp(field(change.answer.json, "updated_at")):  # its form is another promise
            expect_now(change.answer, "updated_at")


@requirement("update.new-schedule-lists-new-runs")
def test_a_new_schedule_lists_new_runs(
    updates: Updates,
    rescheduling_if_any: Rescheduling | None,
    open_updates_if_any: OpenUpdates | None,
) -> None:
    need_stored(updates)
    for change in updates.of_schedule[:1]:
        need_listing(change.before)
    for change in updates.of_schedule:
        for exchange in (change.answer, change.after):
            expect_success(exchange)
            expect_runs_of(change, exchange)
    for change in with_upcoming_runs(rescheduling_if_any) if rescheduling_if_any else ():
        for exchange in (change.answer, change.after):
            expect_runs_of(change, exchange)
    cleared = open_updates_if_any.cleared if open_updates_if_any else None
    for change in accepted(cleared.again if cleared else None):
        expect_runs_of(change, change.answer)


@requirement("update.metadata-is-merged")
def test_metadata_is_merged(
    updates: Updates,
    open_updates_if_any: OpenUpdates | None,
    rescheduling_if_any: Rescheduling | None,
    lifecycle_if_any: Lifecycle | None,
) -> None:
    need_stored(updates)
    metadata = need_change(updates.metadata)
    for exchange in (metadata.answer, metadata.after):
        expect_merged(metadata, exchange)
        expect_field(exchange, f"metadata.{updates.kept_key}", "kept")
    for change in filter(None, (updates.deleted, updates.restored)):
        for exchange in (change.answer, change.after):
            expect_merged(change, exchange)
    if updates.exchanged:
        for exchange in (updates.exchanged.answer, updates.exchanged.after):
            expect_merged(updates.exchanged, exchange)
            expect_field(exchange, "metadata.key-1", "kept")
    if updates.exchanged and updates.gone and updates.gone.succeeded:
        expect_merged(replace(updates.exchanged, sent={"metadata": {"key-0": None}}), updates.gone)
    for change in merges(lifecycle_if_any, rescheduling_if_any):
        expect_merged(change, change.answer)
    for what in ROUND_TRIPS:
        expect_kept_value(*updates.odd.get(what, ("", None)))
    expect_kept_lines(*updates.odd.get(LINES, ("", None)))
    absent = open_updates_if_any.absent if open_updates_if_any else None
    if absent and absent.succeeded:
        expect_field(absent, "metadata.never-there", MISSING)


def expect_kept_value(text: str, answer: Exchange | None) -> None:
    """Expect an odd text to be the value of metadata that it was sent as, if it was taken."""
    if answer and answer.succeeded:
        expect_field(answer, f"metadata.{ODD_KEY}", text)


def expect_kept_lines(text: str, answer: Exchange | None) -> None:
    """Expect all lines of a text in metadata that was taken, however the breaks between them are written."""
    if answer is None or not answer.succeeded:
        return
    got = field(answer.json, f"metadata.{ODD_KEY}")
    if not isinstance(got, str) or got.split() != text.split():
        raise broken(f"metadata.{ODD_KEY} with the words of {shorten(text)}", got, answer, at="metadata")


@requirement("update.empty-metadata-changes-nothing")
def test_empty_metadata_changes_nothing(updates: Updates) -> None:
    expect_no_effect(updates.empty_metadata)


@requirement("update.events-are-replaced")
def test_events_are_replaced(updates: Updates) -> None:
    need_stored(updates)
    replaced_events = need_change(updates.events)
    for exchange in (replaced_events.answer, replaced_events.after):
        events = field(expect_success(exchange), "initial_events")
        replaced = isinstance(events, list) and len(events) == 1 and shows_text(events, updates.new_event)
        if not replaced:
            raise broken(f"one event, {shorten(updates.new_event)}", events, exchange, at="initial_events")


@requirement("update.event-types-are-stored")
def test_events_of_each_type_are_stored(updates: Updates) -> None:
    need_stored(updates)
    if not updates.types:
        raise NotApplicableError("the events of a lent deployment are left alone")
    first, *others, back = updates.types
    expect_success(first.answer)
    kept = [change for change in (first, *others) if change.answer.succeeded]
    for change in kept:
        expect_events(change.answer, change.sent["initial_events"])
    expect_events(kept[-1].after, kept[-1].sent["initial_events"])
    expect_success(back.answer)
    expect_events(back.after, back.sent["initial_events"])


def _kept(text: str, answer: Exchange) -> str:
    """Return what became of an odd text as name and as description, for an observation."""
    if not answer.succeeded:
        return answer.summary()
    changed = [name for name in ("name", "description") if field(answer.json, name) != text]
    return f"{answer.summary()}, {' and '.join(changed) or 'nothing'} changed"


@requirement("update.of-paused-keeps-it-paused")
def test_an_update_of_a_paused_deployment_keeps_it_paused(
    lifecycle: Lifecycle, updates: Updates, rescheduling_if_any: Rescheduling | None
) -> None:
    need_stored(updates)
    need(lifecycle.before_paused_update, "status", "paused")
    for exchange in (lifecycle.paused_update, lifecycle.after_paused_update):
        expect_success(exchange)
        expect_field(exchange, "status", "paused")
        expect_field(exchange, "description", lifecycle.sent)
    before, after = lifecycle.before_paused_update, lifecycle.after_paused_update
    expect_unchanged(before, after, but=("description", *lifecycle.more, *TIMES))
    rescheduled = rescheduling_if_any
    if (
        rescheduled
        and rescheduled.pause
        and rescheduled.while_paused
        and field(rescheduled.pause.json, "status") == "paused"
    ):
        for change in accepted(rescheduled.while_paused):
            expect_field(change.answer, "status", "paused")
            expect_field(change.after, "status", "paused")


@requirement("update.empty-body-changes-nothing")
def test_an_empty_update_changes_nothing(updates: Updates) -> None:
    expect_no_effect(updates.nothing)


def need_stored(updates: Updates) -> None:
    """Raise NotJudgedError when not even a new name is stored: that breaks `update.is-stored` alone."""
    need(updates.name.after, "name", updates.name.sent["name"])


def accepted(change: Change | None) -> tuple[Change, ...]:
    """Return a change if it was made and accepted; that the target has to take it is not said."""
    return (change,) if change and change.answer.succeeded else ()


def merges(life: Lifecycle | None, rescheduling: Rescheduling | None) -> Iterator[Change]:
    """Yield the changes of metadata that were accepted while it was paused, and after an unpause."""
    if life and life.given:
        sent = {"metadata": GIVEN}
        yield from accepted(Change(sent, life.after_paused_update, life.given, life.given))
    yield from accepted(rescheduling.later if rescheduling else None)


def with_upcoming_runs(rescheduling: Rescheduling) -> Iterator[Change]:
    """Yield the changes of a schedule that the target took; that it must is not said in so many words."""
    added, resumed = rescheduling.added, rescheduling.resumed
    if added and added.answer.succeeded:
        yield added
    changed = rescheduling.while_paused
    # While paused there may be none at all: that they stay listed is a weaker promise.
    if changed and changed.answer.succeeded and upcoming(changed.answer) and upcoming(changed.after):
        yield changed
    stored = resumed and shows(resumed.before.json, {"status": "paused", **resumed.sent})
    if resumed and stored and resumed.answer.succeeded:
        yield resumed


def need_change(change: Change | None) -> Change:
    """Return a change; raises NotApplicableError when that field of a lent deployment was left alone."""
    if change is None:
        raise NotApplicableError("the lent deployment has no room for it, or nothing could put it back")
    return change


def same_in(answer: Exchange, read: Exchange, paths: Iterable[str]) -> set[str]:
    """Return the fields that an answer and the read after it show alike: that is how they are stored."""
    return {path for path in paths if field(answer.json, path) == field(read.json, path)}


def expect_sent(change: Change, exchange: Exchange, *, but: Container[str] = ()) -> None:
    """Expect an answer to show the fields that an update sent, `but` some."""
    for path, value in change.sent.items():
        if path in but:
            continue
        emptied = value in ("", []) and field(exchange.json, path) in (None, MISSING)
        if path in {"agent", "schedule"} and isinstance(value, dict):
            for part in value:
                expect_field(exchange, f"{path}.{part}", value[part])
        # How nothing is shown, and how metadata is merged, are other promises.
        elif path != "metadata" and not emptied:
            expect_field(exchange, path, value)


def expect_no_effect(change: Change) -> None:
    """Expect a 200 after which nothing but `updated_at` may differ (fact sheet, N99)."""
    expect_success(change.answer)
    expect_unchanged(change.before, change.after, but=TIMES)


def expect_merged(change: Change, exchange: Exchange) -> None:
    """Expect an answer to show what each key of metadata is to become by a patch."""
    expect_success(exchange)
    metadata = field(exchange.json, "metadata")
    shown = metadata if isinstance(metadata, dict) else {}
    for key, value in expected_metadata(change).items():
        if shown.get(key, MISSING) != value:  # also where both are one instant: it is a text
            raise broken(
                f"metadata.{shorten(key, 40)} to be {shorten(value, 80)} in answer to {exchange.label}",
                shown.get(key, MISSING),
                exchange,
                at="metadata",
            )


def expected_metadata(change: Change) -> dict[str, object]:
    """Return what each key is to become by a metadata patch: null deletes it, and those not named stay."""
    before, sent = field(change.before.json, "metadata"), change.sent["metadata"]
    own = {key: value for key, value in before.items() if key != SERVERS} if isinstance(before, dict) else {}
    patch = sent.items() if isinstance(sent, dict) else ()
    return own | {key: MISSING if value is None else value for key, value in patch}


def expect_runs_of(change: Change, exchange: Exchange) -> None:
    """Expect an answer to list runs of the schedule that was sent; its echo is a weaker promise (N68)."""
    expression, timezone = (
        str(field(change.sent, path)) for path in ("schedule.expression", "schedule.timezone")
    )
    if not upcoming(exchange):
        raise broken(f"runs of {expression} in {timezone}", "none", exchange)
    expect_explained(expression, timezone, upcoming(exchange), exchange)


def then_shown(name: str) -> Callable[[Exchange, Exchange], str]:
    """Return what tells how an update was answered and what a field shows afterwards."""
    return lambda answer, read: f"{answer.summary()}, then {name} {shorten(field(read.json, name), 80)}"


def outcome_events(types: Sequence[Change]) -> str:
    """Return what events of other types than messages got, for an observation."""
    return described({change.answer.label: change.answer for change in types[1:-1]}) or "nothing was sent"


def odd_texts(odd: Mapping[str, tuple[str, Exchange]]) -> str:
    """Return what became of odd texts, for an observation."""
    return "; ".join(f"{what}: {_kept(*sent)}" for what, sent in odd.items()) or "nothing was sent"


def read_only(story: OpenUpdates) -> str:
    """Return what updates of read-only fields got, and which were applied, for an observation."""
    before, after = story.before.json, story.after_read_only.json
    applied = [name for name in story.read_only if field(before, name) != field(after, name)]
    return f"{described(story.read_only)}; applied: {', '.join(applied) or 'none'}"


globals().update(
    observations(
        observed(
            "update.schedule-null",
            then_shown("schedule"),
            "open_updates.schedule_null",
            "open_updates.after_schedule_null",
        ),
        observed(
            "update.metadata-null",
            then_shown("metadata"),
            "open_updates.metadata_null",
            "open_updates.after_metadata_null",
        ),
        observed("update.outcome-events", outcome_events, "updates.types"),
        observed("update.odd-texts", odd_texts, "updates.odd"),
        observed("update.of-archived", tried("update"), "archive_twice"),
        observed("update.read-only-fields", read_only, "open_updates"),
    )
)
