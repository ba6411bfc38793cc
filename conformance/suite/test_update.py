"""Updating: POST /deployments/{id}."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.contract.judgement import (
    MISSING,
    answered,
    broken,
    documented,
    expect_errors,
    expect_field,
    expect_success,
    expect_unchanged,
    field,
    shorten,
)
from conformance.contract.schedule import explain
from conformance.contract.schemas import parse_timestamp
from conformance.contract.verdict import NotApplicableError
from conformance.stories.archive import ArchiveTwice
from conformance.stories.lifecycle import Lifecycle
from conformance.stories.updates import Change, OpenUpdates, Rescheduling, Updates, shows, shows_text
from conformance.stories.updates_refused import RefusedUpdates
from conformance.suite.requirement import Observe, requirement
from conformance.suite.states import need, need_listing
from conformance.suite.stored import told
from conformance.suite.test_archive import moved
from conformance.suite.test_schedule import clock, upcoming
from conformance.suite.times import expect_advanced, expect_now
from conformance.target.exchange import Exchange

BAD_REQUEST = 400
TIMES = ("created_at", "updated_at")
"""What other promises are about: `object.identity-never-moves`, `update.advances-updated-at`."""
PARTS = ("type", "expression", "timezone")


@requirement("update.returns-full-object")
def test_an_update_answers_with_the_full_object(updates: Updates) -> None:
    for change in (updates.name, updates.description, *accepted(updates.moved)):
        answer = expect_success(change.answer)
        missing = documented(expect_success(change.after)).keys() - answer.keys()
        if missing:
            raise broken("the full object", f"none of {', '.join(sorted(missing))}", change.answer)
        expect_sent(change, change.answer)


@requirement("update.is-stored")
def test_an_update_is_stored(updates: Updates) -> None:
    for change in (updates.name, updates.description, *accepted(updates.moved)):
        expect_success(change.after)
        expect_sent(change, change.after)


@requirement("update.keeps-what-was-not-sent")
def test_an_update_keeps_what_it_does_not_name(updates: Updates) -> None:
    for change in updates.changes:
        expect_unchanged(change.before, change.after, but=(*change.sent, *TIMES))


@requirement("update.patch-and-put-are-not-offered")
def test_patch_and_put_do_not_succeed(open_updates: OpenUpdates) -> None:
    for exchange in (open_updates.patch, open_updates.put):
        if answered(exchange).succeeded:
            raise broken(f"no success of {exchange.label}", exchange.summary(), exchange)


@requirement("update.advances-updated-at")
def test_an_update_moves_updated_at_forward(updates: Updates) -> None:
    need_stored(updates)
    for change in updates.dated:
        if not shows(change.after.json, change.sent):
            continue  # what was not stored breaks another promise
        expect_advanced(change.before, change.answer, change.after)
        if parse_timestamp(field(change.answer.json, "updated_at")):  # its form is another promise
            expect_now(change.answer, "updated_at")


@requirement("update.empty-name-is-400")
def test_an_empty_name_is_400(refused_updates: RefusedUpdates) -> None:
    expect_errors(refused_updates.of("an empty name"), BAD_REQUEST)


@requirement("update.name-of-257-is-400")
def test_a_name_of_257_characters_is_400(refused_updates: RefusedUpdates) -> None:
    expect_errors(refused_updates.of("a name of 257 characters"), BAD_REQUEST)


@requirement("update.invalid-cron-is-400")
def test_an_invalid_cron_is_400(refused_schedule_updates: RefusedUpdates) -> None:
    asked = ("the cron 'not a cron'", "a cron of 4 fields", "the minute 61")
    expect_errors(refused_schedule_updates.of(*asked), BAD_REQUEST)


@requirement("update.partial-schedule-is-400")
def test_a_schedule_without_a_part_is_400(refused_schedule_updates: RefusedUpdates) -> None:
    expect_errors(refused_schedule_updates.of(*(f"a schedule without {part}" for part in PARTS)), BAD_REQUEST)


@requirement("update.schedule-type-must-be-cron")
def test_another_type_of_schedule_is_400(refused_schedule_updates: RefusedUpdates) -> None:
    expect_errors(refused_schedule_updates.of("the schedule type interval"), BAD_REQUEST)


@requirement("update.unknown-zone-is-400")
def test_an_unknown_zone_is_400(refused_schedule_updates: RefusedUpdates) -> None:
    expect_errors(refused_schedule_updates.of("an unknown time zone"), BAD_REQUEST)


@requirement("update.six-fields-are-400")
def test_a_cron_of_six_fields_is_400(refused_schedule_updates: RefusedUpdates) -> None:
    expect_errors(refused_schedule_updates.of("a cron of 6 fields"), BAD_REQUEST)


@requirement("update.new-schedule-lists-new-runs")
def test_a_new_schedule_lists_new_runs(updates: Updates, rescheduling: Rescheduling) -> None:
    need_stored(updates)
    for change in updates.of_schedule[:1]:
        need_listing(change.before)
    for change in updates.of_schedule:
        for exchange in (change.answer, change.after):
            expect_success(exchange)
            expect_runs_of(change, exchange)
    for change in taken(rescheduling):
        for exchange in (change.answer, change.after):
            expect_runs_of(change, exchange)


@requirement("update.schedule-null")
def test_schedule_null(open_updates: OpenUpdates, observe: Observe) -> None:
    observe(then_shown(open_updates.schedule_null, open_updates.after_schedule_null, "schedule"))


@requirement("update.metadata-is-merged")
def test_metadata_is_merged(updates: Updates) -> None:
    need_stored(updates)
    metadata = need_change(updates.metadata)
    for exchange in (metadata.answer, metadata.after):
        expect_merged(metadata, exchange)
        expect_field(exchange, f"metadata.{updates.kept_key}", "kept")
    if updates.deleted:
        for exchange in (updates.deleted.answer, updates.deleted.after):
            expect_merged(updates.deleted, exchange)
    if updates.exchanged:
        for exchange in (updates.exchanged.answer, updates.exchanged.after):
            expect_merged(updates.exchanged, exchange)
            expect_field(exchange, "metadata.key-1", "kept")


@requirement("update.empty-metadata-changes-nothing")
def test_empty_metadata_changes_nothing(updates: Updates) -> None:
    expect_no_effect(updates.empty_metadata)


@requirement("update.metadata-null")
def test_metadata_null(open_updates: OpenUpdates, observe: Observe) -> None:
    observe(then_shown(open_updates.metadata_null, open_updates.after_metadata_null, "metadata"))


@requirement("update.17th-metadata-key-is-400")
def test_a_17th_metadata_key_is_400(refused_updates: RefusedUpdates) -> None:
    expect_errors(refused_updates.of("a 17th metadata key"), BAD_REQUEST)


@requirement("update.metadata-beyond-limits-is-400")
def test_metadata_beyond_its_limits_is_400(refused_updates: RefusedUpdates) -> None:
    asked = (
        "a metadata key of 65 characters",
        "a metadata value of 513 characters",
        "a number as metadata value",
    )
    expect_errors(refused_updates.of(*asked), BAD_REQUEST)


@requirement("update.events-are-replaced")
def test_events_are_replaced(updates: Updates) -> None:
    need_stored(updates)
    replaced_events = need_change(updates.events)
    for exchange in (replaced_events.answer, replaced_events.after):
        events = field(expect_success(exchange), "initial_events")
        replaced = isinstance(events, list) and len(events) == 1 and shows_text(events, updates.new_event)
        if not replaced:
            raise broken(f"one event, {shorten(updates.new_event)}", events, exchange)


@requirement("update.events-outside-1-to-50-are-400")
def test_no_event_and_51_events_are_400(refused_updates: RefusedUpdates) -> None:
    expect_errors(refused_updates.of("no event", "51 events"), BAD_REQUEST)


@requirement("update.unknown-event-type-is-400")
def test_an_unknown_event_type_is_400(refused_updates: RefusedUpdates) -> None:
    asked = ("an unknown event type", "an unknown event type after a good event", "an event without type")
    expect_errors(refused_updates.of(*asked), BAD_REQUEST)


@requirement("update.archived-agent-is-400")
def test_an_archived_agent_is_400(update_to_archived_agent: RefusedUpdates) -> None:
    expect_refused(update_to_archived_agent)


@requirement("update.archived-environment-is-400")
def test_an_archived_environment_is_400(update_to_archived_environment: RefusedUpdates) -> None:
    expect_refused(update_to_archived_environment)


@requirement("update.of-paused-keeps-it-paused")
def test_an_update_of_a_paused_deployment_keeps_it_paused(lifecycle: Lifecycle, updates: Updates) -> None:
    need_stored(updates)
    need(lifecycle.before_paused_update, "status", "paused")
    for exchange in (lifecycle.paused_update, lifecycle.after_paused_update):
        expect_success(exchange)
        expect_field(exchange, "status", "paused")
        expect_field(exchange, "description", lifecycle.sent)
    expect_unchanged(
        lifecycle.before_paused_update, lifecycle.after_paused_update, but=("description", *TIMES)
    )


@requirement("update.of-archived")
def test_an_update_of_an_archived_deployment(archive_twice: ArchiveTwice, observe: Observe) -> None:
    observe(f"{archive_twice.probes['update'].summary()}; {moved(archive_twice)}")


@requirement("update.empty-body-changes-nothing")
def test_an_empty_update_changes_nothing(updates: Updates) -> None:
    expect_no_effect(updates.nothing)


@requirement("update.read-only-fields")
def test_read_only_fields(open_updates: OpenUpdates, observe: Observe) -> None:
    before, after = open_updates.before.json, open_updates.after_read_only.json
    applied = [name for name in open_updates.read_only if field(before, name) != field(after, name)]
    observe(f"{told(open_updates.read_only)}; applied: {', '.join(applied) or 'none'}")


def need_stored(updates: Updates) -> None:
    """Raise NotJudgedError when not even a new name is stored: that breaks `update.is-stored` alone."""
    need(updates.name.after, "name", updates.name.sent["name"])


def accepted(change: Change | None) -> tuple[Change, ...]:
    """Return a change if it was made and accepted; that the target has to take it is not said."""
    return (change,) if change and change.answer.succeeded else ()


def taken(rescheduling: Rescheduling) -> Iterator[Change]:
    """Yield the changes of a schedule that the target took; that it must is not said in so many words."""
    added, resumed = rescheduling.added, rescheduling.resumed
    if added and added.answer.succeeded:
        yield added
    stored = resumed and shows(resumed.before.json, {"status": "paused", **resumed.sent})
    if resumed and stored and resumed.answer.succeeded:
        yield resumed


def need_change(change: Change | None) -> Change:
    """Return a change; raises NotApplicableError when that field of a lent deployment was left alone."""
    if change is None:
        raise NotApplicableError("the lent deployment has no room for it, or nothing could put it back")
    return change


def expect_sent(change: Change, exchange: Exchange) -> None:
    """Expect an answer to show the fields that an update sent."""
    for path, value in change.sent.items():
        expect_field(exchange, path, value)


def expect_no_effect(change: Change) -> None:
    """Expect a 200 after which nothing but `updated_at` may differ (fact sheet, N99)."""
    expect_success(change.answer)
    expect_unchanged(change.before, change.after, but=TIMES)


def expect_merged(change: Change, exchange: Exchange) -> None:
    """Expect an answer to show what each key of a metadata patch is to become."""
    expect_success(exchange)
    for key, value in expected_metadata(change).items():
        expect_field(exchange, f"metadata.{key}", value)


def expected_metadata(change: Change) -> dict[str, object]:
    """Return what each key of a metadata patch is to become; null deletes it."""
    sent = change.sent["metadata"]
    pairs = sent.items() if isinstance(sent, dict) else ()
    return {key: MISSING if value is None else value for key, value in pairs}


def expect_runs_of(change: Change, exchange: Exchange) -> None:
    """Expect an answer to list runs of the schedule that was sent; its echo is a weaker promise (N68)."""
    expression, timezone = (
        str(field(change.sent, path)) for path in ("schedule.expression", "schedule.timezone")
    )
    runs = upcoming(exchange)
    earliest, latest = clock(exchange)
    wrong = explain(expression, timezone, runs, not_before=earliest, not_after=latest)
    if wrong or not runs:
        raise broken(f"runs of {expression} in {timezone}", wrong or "none", exchange)


def expect_refused(story: RefusedUpdates) -> None:
    """Expect every update of a story to be a 400 that changed nothing."""
    expect_errors(story.answers, BAD_REQUEST)
    for before, after in story.around:
        expect_unchanged(before, after)


def then_shown(answer: Exchange, read: Exchange, name: str) -> str:
    """Return an answer and what a field shows afterwards, for an observation."""
    return f"{answer.summary()}, then {name} {shorten(field(read.json, name), 80)}"
