"""Archiving: POST /deployments/{id}/archive."""

from __future__ import annotations

import re

from conformance.contract.judgement import (
    MISSING,
    answered,
    broken,
    changes,
    expect_error,
    expect_field,
    expect_object,
    expect_success,
    expect_unchanged,
    field,
    instant,
    shorten,
)
from conformance.stories.archive import (
    Archived,
    ArchiveLongName,
    ArchivePaused,
    ArchiveTwice,
    HiddenFromPaused,
)
from conformance.stories.lifecycle import Lifecycle
from conformance.suite.pages import expect_filtered, expect_page
from conformance.suite.requirement import Observe, requirement
from conformance.suite.states import NOT_FOUND, need_archived, need_readable, need_refusal, need_success
from conformance.suite.stored import told
from conformance.suite.times import expect_now
from conformance.target.exchange import Exchange
from conformance.target.target import Target

SUFFIX_SECONDS = 5
"""How far the suffix may be from archived_at; a sample has them one second apart (fact sheet, 1.15)."""


@requirement("archive.sets-archived-at")
def test_an_archive_answers_200_with_archived_at(archive_twice: ArchiveTwice) -> None:
    expect_success(archive_twice.first)
    expect_now(archive_twice.first, "archived_at")


@requirement("archive.is-stored")
def test_an_archive_is_stored(archive_twice: ArchiveTwice) -> None:
    need_success(archive_twice.first)
    need_readable(archive_twice.after_first)
    answer = expect_object(archive_twice.first)
    expect_success(archive_twice.after_first)
    if field(archive_twice.after_first.json, "archived_at") is None:
        raise broken("archived_at when read again", None, archive_twice.after_first)
    for path in ("archived_at", "name"):
        expect_field(archive_twice.after_first, path, field(answer, path))


@requirement("archive.clears-upcoming-runs")
def test_an_archived_schedule_has_no_upcoming_runs(archive_twice: Archived) -> None:
    for exchange in archived(archive_twice):
        expect_field(exchange, "schedule.upcoming_runs_at", [])


@requirement("archive.renames")
def test_an_archive_appends_the_time_to_the_name(archive_twice: ArchiveTwice, lifecycle: Lifecycle) -> None:
    for exchange in archived(archive_twice):
        expect_renamed(exchange, archive_twice.created.name)
    new = field(lifecycle.renamed.json, "name") if lifecycle.renamed else MISSING
    last = lifecycle.states[-1]
    if isinstance(new, str) and isinstance(field(last.json, "archived_at"), str):
        expect_renamed(last, new)


def expect_renamed(exchange: Exchange, old: str) -> None:
    """Expect an archived deployment to have its old name with the time of the archive behind it."""
    name, archived_at = (field(exchange.json, path) for path in ("name", "archived_at"))
    renamed = re.fullmatch(re.escape(old) + "_archived_([0-9]+)", str(name))
    if not renamed:
        raise broken(f"the name {old}_archived_<unix timestamp>", name, exchange)
    at = instant(archived_at)
    if at and abs(int(renamed[1]) - at.timestamp()) > SUFFIX_SECONDS:
        wanted = f"a suffix near {at.timestamp():.0f}, the Unix time of archived_at"
        raise broken(wanted, renamed[1], exchange)


@requirement("archive.frees-the-name")
def test_the_name_of_an_archived_deployment_is_free(archive_twice: ArchiveTwice) -> None:
    need_archived(latest(archive_twice))
    if not answered(archive_twice.same_name).succeeded:
        raise broken(
            "2xx to a creation with the freed name",
            archive_twice.same_name.summary(),
            archive_twice.same_name,
        )


@requirement("archive.hides-from-list")
def test_lists_leave_archived_deployments_out(
    archive_twice: Archived, archive_paused: HiddenFromPaused
) -> None:
    need_archived(latest(archive_twice))
    hiding = [(archive_twice.created.id, page) for page in archive_twice.hiding.values()]
    hiding.append((archive_paused.created.id, archive_paused.listed_paused))
    for made, page in hiding:
        if made in expect_page(page):
            raise broken(f"a list without the archived {made}", "a list with it", page)
    for small in archive_twice.small_hiding:
        expect_filtered(small)


@requirement("archive.is-listed-on-request")
def test_lists_show_archived_deployments_on_request(archive_twice: Archived) -> None:
    need_archived(latest(archive_twice))
    made = archive_twice.created.id
    if made not in expect_page(archive_twice.listed):
        raise broken(f"the archived {made} with include_archived=true", "no such item", archive_twice.listed)
    for small in archive_twice.small_listed:
        expect_filtered(small)


@requirement("archive.keeps-status-active")
def test_an_archived_active_deployment_stays_active(archive_twice: ArchiveTwice) -> None:
    for exchange in archived(archive_twice):
        expect_field(exchange, "status", "active")
        expect_field(exchange, "paused_reason", None)


@requirement("archive.second-is-conflict")
def test_a_second_archive_is_a_conflict(archive_twice: ArchiveTwice, target: Target) -> None:
    need_archived(latest(archive_twice))
    refusal = target.profile.refusals["archive-when-archived"]
    expect_error(archive_twice.second, refusal.status, kind=refusal.type)


@requirement("archive.refused-changes-nothing")
def test_a_refused_archive_changes_nothing(archive_twice: ArchiveTwice) -> None:
    need_archived(latest(archive_twice))
    need_readable(archive_twice.after_first)
    need_refusal(archive_twice.second)
    expect_unchanged(archive_twice.after_first, archive_twice.after_second)


@requirement("archive.can-be-read")
def test_an_archived_deployment_can_be_read(archive_twice: Archived) -> None:
    for exchange in (archive_twice.after_first, archive_twice.after_second):
        expect_success(exchange)
        expect_field(exchange, "id", archive_twice.created.id)


@requirement("archive.runs-stay-readable")
def test_the_runs_of_an_archived_deployment_can_be_listed(archive_twice: Archived) -> None:
    need_archived(latest(archive_twice))
    expect_page(archive_twice.runs)


@requirement("archive.of-paused")
def test_a_paused_deployment_is_archived(archive_paused: ArchivePaused, observe: Observe) -> None:
    status, reason = (shorten(field(archive_paused.after.json, name)) for name in ("status", "paused_reason"))
    observe(f"{archive_paused.archived.summary()}, then status {status}, paused_reason {reason}")


@requirement("archive.pause-of-archived")
def test_a_pause_of_an_archived_deployment(archive_twice: ArchiveTwice, observe: Observe) -> None:
    probes = {action: archive_twice.probes[action] for action in ("pause", "unpause")}
    observe(f"{told(probes)}; {moved(archive_twice)}")


@requirement("archive.unarchive")
def test_an_unarchive(archive_twice: ArchiveTwice, observe: Observe) -> None:
    observe(f"{archive_twice.probes['unarchive'].summary()}; {moved(archive_twice)}")


@requirement("archive.long-name")
def test_an_archive_of_a_long_name(archive_long_name: ArchiveLongName, observe: Observe) -> None:
    name = field(archive_long_name.archived.json, "name")
    length = f"a name of {len(name)} characters" if isinstance(name, str) else "no name"
    observe(f"{archive_long_name.archived.summary()}, {length}")


def latest(story: Archived) -> Exchange:
    """Return the read after the archive, or its answer where archived deployments are not found."""
    if story.first.method == "GET":
        need_readable(story.first)
    return story.first if story.after_first.status == NOT_FOUND else story.after_first


def archived(story: Archived) -> tuple[Exchange, ...]:
    """Expect a success of the archive; return its answer and the read after it, if there is one."""
    last = latest(story)
    expect_success(story.first)
    need_archived(last)
    return tuple({exchange.number: exchange for exchange in (story.first, last)}.values())


def moved(story: ArchiveTwice) -> str:
    """Return what all that was tried on an archived deployment changed, for an observation."""
    before, after = story.after_second.json, story.after_probes.json
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return f"then {story.after_probes.summary()}"
    changed = changes(before, after)
    return f"changed in all: {'; '.join(changed)}" if changed else "nothing changed"
