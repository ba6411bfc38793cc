"""What every exchange of a run has to show of the deployment that it names."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import pairwise
from urllib.parse import unquote

import pytest

from conformance.client.answers import created_id, items
from conformance.client.exchange import Exchange
from conformance.contract.comparing import changes, field, shorten
from conformance.contract.judgement import broken, expect_unchanged, refused
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.archive.stories import Archived, ArchiveTwice
from conformance.suite.create.accepted import SameName
from conformance.suite.judging.histories import (
    KEY,
    AcceptedChange,
    RefusedInterval,
    accepted_changes,
    gaps,
    histories,
    named,
)
from conformance.suite.judging.requirement import requirement

Exchanges = tuple[Exchange, ...]
ACTIONS = ("", "pause", "unpause", "archive")


@requirement("object.answers-are-about-what-was-asked")
def test_every_answer_is_about_what_was_asked(every_exchange: Exchanges, disturbed: Exchanges) -> None:
    told = (*every_exchange, *disturbed)
    known = known_ids(told)
    for exchange in told:
        for path, wanted in _asked(exchange, known).items():
            got = field(exchange.json, path)
            if isinstance(got, str) and got != wanted:
                raise broken(f"{path} to be {wanted} in answer to {exchange.label}", got, exchange)
    for exchange in _given_twice(told):
        wanted = f"an id of its own in answer to {exchange.label}"
        raise broken(wanted, "that of another creation", exchange, at="id")
    for exchange, got in _mixed_up(told):
        raise broken(f"the deployment that was sent in answer to {exchange.label}", got, exchange)


def known_ids(exchanges: Iterable[Exchange]) -> set[str]:
    """Return the ids that creations and lists show; what others are answered is judged elsewhere."""
    found: set[object] = set()
    for exchange in exchanges:
        if exchange.succeeded and named(exchange) is None:
            found |= {created_id(exchange), *(item.get("id") for item in items(exchange))}
    return {one for one in found if isinstance(one, str)}


def _asked(exchange: Exchange, known: set[str]) -> Mapping[str, str]:
    """Return the ids that a successful answer must show, by their field, as far as the path names them."""
    if not exchange.succeeded or not isinstance(exchange.json, dict):
        return {}
    match [unquote(part) for part in exchange.path.split("/")][-4:]:
        case [*_, "deployments", str(one), "run"] if one in known:
            return {"deployment_id": one}
        case ["deployments", str(one), "runs", str(run)] if one in known and run in known:
            return {"id": run, "deployment_id": one}
        case [*_, "deployment_runs", str(run)] if run in known:
            return {"id": run}
    one, action = named(exchange) or ("", "")
    return {"id": one} if one in known and action in ACTIONS else {}


def _given_twice(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Yield creations that were answered with the id of an earlier one, none of them with a key."""
    found: set[str] = set()
    for exchange in exchanges:
        own = exchange.method == "POST" and exchange.path.endswith("/deployments") and not exchange.retries
        made = created_id(exchange) if own and KEY not in exchange.request_headers else None
        if made in found:
            yield exchange
        found |= {made} if made else set()


def _mixed_up(exchanges: Iterable[Exchange]) -> Iterator[tuple[Exchange, str]]:
    """Yield creations whose answer shows the description of another creation, with that description.

    With an idempotency key it may be meant: the first answer comes again.
    """
    made = [one for one in exchanges if one.method == "POST" and one.path.endswith("/deployments")]
    sent = {one.number: _description(one.request_body) for one in made}
    others = set(sent.values()) - {None}
    for one in made:
        shown = field(one.json, "description") if one.succeeded else None
        other = shown in others and sent[one.number] not in (None, shown)
        if other and KEY not in one.request_headers:
            yield one, shorten(shown)


def _description(body: str | None) -> str | None:
    try:
        found = field(json.loads(body or ""), "description")
    except ValueError:
        return None
    return found if isinstance(found, str) else None


@requirement("object.refused-is-not-done")
@pytest.mark.usefixtures("creatable")
def test_what_is_refused_is_not_done(
    every_exchange: Exchanges,
    same_name_twice_if_any: SameName | None,
    archive_twice_if_any: Archived | None,
) -> None:
    """What other promises are about is left to them: documented refusals of documented actions."""
    if same_name_twice_if_any:
        _expect_untouched(same_name_twice_if_any)
    if isinstance(archive_twice_if_any, ArchiveTwice):
        _expect_spared(archive_twice_if_any)
    found = [gap for one in histories(every_exchange).values() for gap in gaps(one) if _is_unwatched(gap)]
    if not found:
        raise NotJudgedError(Blame.PRECONDITION, "nothing was refused between two reads of a deployment")
    for gap in found:
        if changed := _changed(gap):
            asked = ", ".join(f"{one.label} ({one.status})" for one in gap.refused)
            raise broken(
                f"nothing to have changed after {asked}", changed, gap.before, *gap.refused, gap.after
            )


def _expect_untouched(story: SameName) -> None:
    """Expect a refused creation to leave alone the deployment whose name it asked for."""
    before, after, answers = story.before, story.after, story.second.answers.values()
    if before and after and before.succeeded and all(map(refused, answers)):
        expect_unchanged(before, after)


def _expect_spared(story: ArchiveTwice) -> None:
    """Expect what is refused for an archived deployment to leave alone the one that has its name now."""
    named, bearer = story.renamed, story.bearer
    if bearer and named.succeeded and bearer.succeeded and all(map(refused, story.probes.values())):
        expect_unchanged(named, bearer)


def _is_unwatched(gap: RefusedInterval) -> bool:
    """Tell whether a refusal is in a gap that no other promise is about."""
    return any(
        one.probe
        or one.method not in {"GET", "POST"}
        or one.path.endswith("/run")
        or (one.status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
        for one in gap.refused
    )


def _changed(gap: RefusedInterval) -> str:
    """Return what differs between the reads around a gap, an empty text if nothing does."""
    before, after = gap.before.json, gap.after.json
    if gap.after.status == HTTPStatus.NOT_FOUND:
        return "" if field(before, "archived_at") else f"it cannot be read any more: {gap.after.summary()}"
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return ""
    return "; ".join(changes(before, after))


@requirement("get.follows-changes")
@pytest.mark.usefixtures("creatable")
def test_reads_follow_changes(every_exchange: Exchanges) -> None:
    """A lag that ends, and ends alike whenever one reads, is legal: a read is one of a replica (N107)."""
    by_verb: defaultdict[str, list[AcceptedChange]] = defaultdict(list)
    for history in histories(every_exchange).values():
        for change in accepted_changes(history):
            if change.is_visible and change.reads:
                by_verb[change.verb].append(change)
    if not by_verb:
        raise NotJudgedError(Blame.PRECONDITION, "no deployment was read after an accepted change")
    for made in by_verb.values():
        for change in made:
            _expect_no_relapse(change)
        _expect_no_stale_beginning(made)


def _expect_no_relapse(change: AcceptedChange) -> None:
    """Expect no late read to show an earlier state between two that show the change."""
    current = [place for place, read in enumerate(change.reads) if change.is_current(read)]
    for first, last in pairwise(current):
        for read in change.reads[first + 1 : last]:
            if change.is_late(read) and change.is_stale(read):
                age = change.age(read).total_seconds()
                wanted = f"each read to go on showing what {change.answer.label} answered"
                seen = (change.reads[first], read, change.reads[last])
                raise broken(wanted, f"the state before it again, {age:.1f} s later", change.answer, *seen)


def _expect_no_stale_beginning(made: Sequence[AcceptedChange]) -> None:
    """Expect that it is not always the first read that is stale and the second that is not.

    As a lag it would have to be longer than the latest first read and shorter than the earliest second one.
    """
    stale = [change for change in made if _begins_stale(change)]
    others = [change for change in made if not change.is_stale(change.reads[0])]
    late = [change for change in stale if change.is_late(change.reads[0])]
    early = [change for change in stale if not change.is_late(change.reads[1])]
    if late and early and not others:
        wanted = f"the first read after {late[0].answer.label} to show it"
        got = f"in all {len(made)} cases it shows the state before, and the next read does not"
        raise broken(wanted, got, late[0].answer, *late[0].reads[:2])


def _begins_stale(change: AcceptedChange) -> bool:
    first, *others = change.reads
    return bool(others) and change.is_stale(first) and change.is_current(others[0])
