"""Archiving: POST /deployments/{id}/archive."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus

from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.contract.answers import VendorAnswers
from conformance.contract.comparing import MISSING, changes, field, instant, shorten
from conformance.contract.judgement import (
    answered,
    broken,
    expect_field,
    expect_object,
    expect_success,
    expect_unchanged,
)
from conformance.contract.verdict import NotApplicableError
from conformance.suite.archive.stories import (
    Archived,
    ArchivePaused,
    ArchiveTwice,
    HiddenFromPaused,
)
from conformance.suite.judging.list_answers import expect_filtered, expect_page
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.judging.states import (
    need_archived,
    need_readable,
    need_refusal,
    need_success,
)
from conformance.suite.judging.stored import described
from conformance.suite.judging.times import expect_now
from conformance.suite.object.whole_life import Lifecycle
from conformance.suite.pause.bystanders import Neighbours
from conformance.suite.pause.test_pause import OWN_FIELDS
from conformance.suite.shared.list_pages import item_of

SUFFIX_SECONDS = 5
"""How far the suffix may be from archived_at; a sample has them one second apart (fact sheet, 1.15)."""


@requirement("archive.sets-archived-at")
def test_an_archive_answers_200_with_archived_at(archive_twice: ArchiveTwice) -> None:
    expect_success(archive_twice.first)
    expect_now(archive_twice.first, "archived_at")
    if archive_twice.namesake:
        expect_success(archive_twice.namesake)


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
def test_an_archived_schedule_has_no_upcoming_runs(
    archive_twice: Archived, archive_paused_if_any: HiddenFromPaused | None
) -> None:
    for exchange in archived(archive_twice):
        expect_field(exchange, "schedule.upcoming_runs_at", [])
    tried = [archive_twice.after_probes] if isinstance(archive_twice, ArchiveTwice) else []
    for exchange in (*tried, *once_paused(archive_paused_if_any)):
        if isinstance(field(exchange.json, "archived_at"), str):  # that it stays so is another promise
            expect_field(exchange, "schedule.upcoming_runs_at", [])
    item = item_of(archive_twice.listed.json, archive_twice.created.id)
    runs = field(item, "schedule.upcoming_runs_at")
    if isinstance(item.get("archived_at"), str) and isinstance(runs, list) and runs:
        raise broken(
            f"no upcoming runs in answer to {archive_twice.listed.label}", runs, archive_twice.listed
        )


@requirement("archive.renames")
def test_an_archive_appends_the_time_to_the_name(
    archive_twice: ArchiveTwice, lifecycle: Lifecycle, archive_paused_if_any: ArchivePaused | None
) -> None:
    # As it is kept: that a name is kept as it was sent is another promise.
    old = field(archive_twice.created.exchange.json, "name")
    for exchange in archived(archive_twice):
        expect_renamed(exchange, old if isinstance(old, str) else archive_twice.created.name)
    before, _, last = lifecycle.states[-3:]
    new = field(before.json, "name") if lifecycle.renamed else MISSING
    if isinstance(new, str) and isinstance(field(last.json, "archived_at"), str):
        expect_renamed(last, new)
    like = archive_paused_if_any
    kept = like and field(like.created.exchange.json, "name")
    if like and isinstance(kept, str) and isinstance(field(like.archived.json, "archived_at"), str):
        expect_renamed(like.archived, kept)


def expect_renamed(exchange: Exchange, old: str) -> None:
    """Expect an archived deployment to have its old name with the time of the archive behind it."""
    name, archived_at = (field(exchange.json, path) for path in ("name", "archived_at"))
    renamed = re.fullmatch(re.escape(old) + "_archived_([0-9]+)", str(name))
    if not renamed:
        raise broken(f"the name {old}_archived_<unix timestamp>", name, exchange, at="name")
    at = instant(archived_at)
    if at and abs(int(renamed[1]) - at.timestamp()) > SUFFIX_SECONDS:
        wanted = f"a suffix near {at.timestamp():.0f}, the Unix time of archived_at"
        raise broken(wanted, renamed[1], exchange)


@requirement("archive.frees-the-name")
def test_the_name_of_an_archived_deployment_is_free(
    archive_twice: ArchiveTwice, archive_paused_if_any: HiddenFromPaused | None
) -> None:
    need_archived(latest(archive_twice))
    expect_created(archive_twice.same_name)
    paused = archive_paused_if_any
    if isinstance(paused, ArchivePaused) and paused.same_name and field(paused.after.json, "archived_at"):
        expect_created(paused.same_name)
        expect_field(paused.same_name, "status", "active")
    if field(archive_twice.same_name.json, "id") == archive_twice.created.id:
        raise broken("another deployment with the freed name", "the archived one", archive_twice.same_name)
    if field(archive_twice.same_name.json, "name") != archive_twice.created.name:
        return  # that it is stored is another promise
    archived = archive_twice.namesake and field(archive_twice.namesake.json, "archived_at")
    renamed = answered(archive_twice.renamed)
    if isinstance(archived, str) and not renamed.succeeded:
        raise broken("2xx to an update to the freed name", renamed.summary(), renamed)
    if isinstance(archived, str):
        expect_field(renamed, "status", "active")


def expect_created(exchange: Exchange) -> None:
    """Expect that the name of what was archived can be given again."""
    if not answered(exchange).succeeded:
        raise broken("2xx to a creation with the freed name", exchange.summary(), exchange)


@requirement("archive.hides-from-list")
def test_lists_leave_archived_deployments_out(
    archive_twice: Archived, archive_paused_if_any: HiddenFromPaused | None
) -> None:
    need_archived(latest(archive_twice))
    hiding = [(archive_twice.created.id, page) for page in archive_twice.hiding.values()]
    if isinstance(archive_twice, ArchiveTwice) and field(archive_twice.after_probes.json, "archived_at"):
        hiding.append((archive_twice.created.id, archive_twice.listed_after_probes))
    paused = archive_paused_if_any
    # What is paused may be refused (N130), also where a gateway had refused it before.
    if paused and not (isinstance(paused, ArchivePaused) and not field(paused.after.json, "archived_at")):
        pages = (paused.listed_paused, getattr(paused, "listed", None))
        hiding += [(paused.created.id, page) for page in pages if page]
    for made, page in hiding:
        if made in expect_page(page):
            raise broken(f"a list without the archived {made}", "a list with it", page)
    for small in archive_twice.small_hiding:
        expect_filtered(small)


@requirement("archive.is-listed-on-request")
def test_lists_show_archived_deployments_on_request(
    archive_twice: Archived, archive_paused_if_any: HiddenFromPaused | None
) -> None:
    need_archived(latest(archive_twice))
    made = archive_twice.created.id
    if made not in expect_page(archive_twice.listed):
        raise broken(f"the archived {made} with include_archived=true", "no such item", archive_twice.listed)
    for small in archive_twice.small_listed:
        expect_filtered(small)
    other = archive_paused_if_any
    if isinstance(other, ArchivePaused) and isinstance(field(other.after.json, "archived_at"), str):
        page, agent = other.listed_by_agent, field(other.after.json, "agent.id")
        shown = expect_page(page)
        if shown and other.created.id not in shown:  # that there are any of that agent is another promise
            wanted = f"the archived {other.created.id} of {agent} with include_archived=true"
            raise broken(wanted, "no such item", page)


@requirement("archive.keeps-status-active")
def test_an_archived_active_deployment_stays_active(
    archive_twice: ArchiveTwice,
    lifecycle_if_any: Lifecycle | None,
    archive_paused_if_any: HiddenFromPaused | None,
    target: Target,
) -> None:
    states = lifecycle_if_any.states if lifecycle_if_any else ()
    # It was paused before, but active when it was archived.
    once_paused = states[-1:] if [field(one.json, "status") for one in states[-3:-2]] == ["active"] else ()
    later = [one for one in once_paused if isinstance(field(one.json, "archived_at"), str)]
    paused = archive_paused_if_any
    known = target.profile.deployments.status_once_archived == "active"
    if known and isinstance(paused, ArchivePaused) and field(paused.after.json, "archived_at"):
        later.append(paused.after)
    for exchange in (*archived(archive_twice), *later):
        expect_field(exchange, "status", "active")
        expect_field(exchange, "paused_reason", None)


@requirement("archive.second-is-conflict")
def test_a_second_archive_is_a_conflict(archive_twice: ArchiveTwice, target: Target) -> None:
    need_archived(latest(archive_twice))
    answers = {"a second archive": archive_twice.second, "a third one": archive_twice.third}
    if field(archive_twice.after_probes.json, "archived_at"):
        answers["one after other requests"] = archive_twice.last
    VendorAnswers(target.profile).expect("archive-when-archived", answers)


@requirement("archive.refused-changes-nothing")
def test_a_refused_archive_changes_nothing(archive_twice: ArchiveTwice) -> None:
    need_archived(latest(archive_twice))
    need_readable(archive_twice.after_first)
    need_refusal(archive_twice.second)
    need_refusal(archive_twice.third)
    expect_unchanged(archive_twice.after_first, archive_twice.after_second)


@requirement("archive.second-keeps-the-time")
def test_a_second_archive_keeps_the_time_of_the_first(archive_twice: ArchiveTwice) -> None:
    need_archived(latest(archive_twice))
    need_readable(archive_twice.after_second)
    first = field(archive_twice.after_first.json, "archived_at")
    expect_field(archive_twice.after_second, "archived_at", first)


@requirement("archive.refuses-changes")
def test_an_archived_deployment_refuses_changes(archive_twice: ArchiveTwice, target: Target) -> None:
    need_archived(latest(archive_twice))
    for action in ("update", "pause", "unpause"):
        answer = archive_twice.probes[action]
        VendorAnswers(target.profile).expect(f"{action}-when-archived", {answer.label: answer})


@requirement("archive.is-final")
def test_an_archive_is_final(
    archive_twice: ArchiveTwice, archive_paused_if_any: HiddenFromPaused | None
) -> None:
    """What a request to unarchive gets is open (N132): one that is granted is observed."""
    need_archived(latest(archive_twice))
    need_readable(archive_twice.after_second)
    if archive_twice.probes["unarchive"].succeeded:
        raise NotApplicableError("the target offers to unarchive, which no page knows")
    at = field(expect_success(archive_twice.after_second), "archived_at")
    expect_success(archive_twice.after_probes)
    expect_field(archive_twice.after_probes, "archived_at", at)
    for exchange in once_paused(archive_paused_if_any):
        if field(exchange.json, "archived_at") is None:
            raise broken("archived_at still to be set", None, exchange, at="archived_at")


@requirement("archive.changes-only-its-own-fields")
def test_an_archive_changes_only_its_own_fields(
    archive_twice: ArchiveTwice, lifecycle: Lifecycle, neighbour_if_any: Neighbours | None
) -> None:
    """Status and reason, which the samples show as they were, are promises of their own."""
    for exchange in archived(archive_twice):
        expect_unchanged(archive_twice.before, exchange, but=("archived_at", "name", *OWN_FIELDS))
    for updated, exchange in neighbour_if_any.archived_at_once if neighbour_if_any else ():
        expect_unchanged(updated, exchange, but=("archived_at", "name", "initial_events", *OWN_FIELDS))
    last = lifecycle.states[-1]
    need_readable(last)
    need_archived(last)
    before = lifecycle.states[-3]
    expect_unchanged(before, last, but=("archived_at", "name", *OWN_FIELDS))


@requirement("archive.can-be-read")
def test_an_archived_deployment_can_be_read(archive_twice: Archived) -> None:
    for exchange in (archive_twice.after_first, archive_twice.after_second):
        expect_success(exchange)
        expect_field(exchange, "id", archive_twice.created.id)


@requirement("archive.runs-stay-readable")
def test_the_runs_of_an_archived_deployment_can_be_listed(archive_twice: Archived) -> None:
    need_archived(latest(archive_twice))
    expect_page(archive_twice.runs)


def once_paused(story: HiddenFromPaused | None) -> tuple[Exchange, ...]:
    """Return the reads of a deployment that was paused when it was archived, if it was (N130)."""
    if not isinstance(story, ArchivePaused) or not isinstance(field(story.archived.json, "archived_at"), str):
        return ()
    return tuple(one for one in (story.after, story.last) if one and one.succeeded)


def latest(story: Archived) -> Exchange:
    """Return the read after the archive, or its answer where archived deployments are not found."""
    if story.first.method == "GET":
        need_readable(story.first)
    return story.first if story.after_first.status == HTTPStatus.NOT_FOUND else story.after_first


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


def then_state(answer: Exchange, read: Exchange) -> str:
    """Return an answer to an archive and the state after it, for an observation."""
    status, reason = (shorten(field(read.json, name)) for name in ("status", "paused_reason"))
    return f"{answer.summary()}, then status {status}, paused_reason {reason}"


def length_of_name(answer: Exchange) -> str:
    """Return an answer and how long the name is that it shows, for an observation."""
    name = field(answer.json, "name")
    length = f"a name of {len(name)} characters" if isinstance(name, str) else "no name"
    return f"{answer.summary()}, {length}"


def tried(*probes: str) -> Callable[[ArchiveTwice], str]:
    """Return what tells how an archived deployment took some probes, and what all of them changed."""

    def describe(story: ArchiveTwice) -> str:
        answers = {probe: story.probes[probe] for probe in probes}
        seen = described(answers) if len(probes) > 1 else answers[probes[0]].summary()
        return f"{seen}; {moved(story)}"

    return describe


globals().update(
    observations(
        observed(
            "archive.second-answer", "{}; a third one: {}", "archive_twice.second", "archive_twice.third"
        ),
        observed("archive.of-paused", then_state, "archive_paused.archived", "archive_paused.after"),
        observed("archive.pause-of-archived", tried("pause", "unpause"), "archive_twice"),
        observed("archive.unarchive", tried("unarchive"), "archive_twice"),
        observed("archive.long-name", length_of_name, "archive_long_name.archived"),
    )
)
