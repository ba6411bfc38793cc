"""Collects the stories that a selection of tests needs, all at once, and cleans up after them."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.ownership.borrowed import Lending
from conformance.client.ownership.creations import Creations
from conformance.client.ownership.ledger import LedgerError
from conformance.client.ownership.pool import Pool
from conformance.client.ownership.restoring import GivenBack
from conformance.client.ownership.stock import Stock
from conformance.client.prerequisites import Prerequisites
from conformance.client.rich_values import FIELDS, Riches
from conformance.client.target import CLEAN_UP, Target
from conformance.config.footprint import (
    COMPARED_CREATED,
    COMPARED_REQUESTS,
    COMPARED_SECONDS,
    LARGER,
    REPEATED_CREATED,
    REPEATED_REQUESTS,
    REPEATED_SECONDS,
)
from conformance.contract import clock
from conformance.contract.areas import FOLLOW_UP
from conformance.contract.catalogue import load_catalogue
from conformance.contract.mode import Mode
from conformance.contract.verdict import Blame, NotApplicableError, NotJudgedError
from conformance.suite.engine.allotment import Allotment
from conformance.suite.engine.borrowing import described, give_back, lend
from conformance.suite.engine.clean_up import archive_all, list_newest
from conformance.suite.engine.needs import unmet
from conformance.suite.engine.preflight import Preflight, fly
from conformance.suite.engine.registry import Story, load_stories

ALONE = " (told again, alone)"
AFTERWARDS = "afterwards"
"""The story of the lists of what is newest, when the others are collected."""
ENDING_SECONDS = 5.0
"""How long stories of a stopped run may take to notice that nothing more is sent."""
SEARCHES_AT_ONCE = 2
"""So few that most can go on with a deployment that another one left, while the longest goes its way."""
MOST_POOLED = 2
"""How many deployments of a kind stories hand on; with one, each would wait for all others."""

NOT_REPEATED = (
    "the target changes deployments that no request named, and telling every story again, alone, takes more "
    f"than {REPEATED_SECONDS:g} s, {REPEATED_REQUESTS} requests or {REPEATED_CREATED} deployments"
)


def poorer(name: str, *fields: str) -> str:
    """Return what a story is called that is repeated with `fields` alone as rich values."""
    return f"{name} ({'rich: ' + ', '.join(fields) if fields else 'plain'})"


class Runner:
    """Collects stories in threads; the target's gate bounds how many requests are in flight.

    A story is collected at most once; its evidence is whatever it returned, or what it raised. Only when the
    target is found changing deployments that no request named, stories are repeated, each alone: otherwise
    one broken promise would look like many. A `share` of the stories is all that there are for this runner;
    of those it collects none but `wanted`, if that is set. Where only some requirements are `judged`, stories
    leave out what none of them reads.
    """

    def __init__(
        self,
        target: Target,
        searches: Mapping[str, Story] | None = None,
        share: Collection[str] | None = None,
    ) -> None:
        self.target = target
        self._share = share
        self.creations = Creations(target.ledger, target.manners, target.settings.deployment_id)
        self.mode = target.settings.mode
        self.given_back = GivenBack()
        self._searches = searches or {}
        self.stories = {**load_stories(self.mode), **self._searches}
        at_once = 1 if self.mode is Mode.LENT else len(self.stories) + 1
        self._pool, self._search_pool = (
            ThreadPoolExecutor(
                max_workers=most,
                thread_name_prefix="story",
                initializer=clock.heed,
                initargs=(target.manners.clock,),
            )
            for most in (at_once, SEARCHES_AT_ONCE)
        )
        self._deployments = Pool(MOST_POOLED, target.stopped)
        few = target.settings.reach.musts and self.mode is Mode.FULL
        self._stock = Stock(target.stopped) if few else None
        self._futures: dict[str, Future[object]] = {}
        self._lock = threading.Lock()
        self._preflight: Preflight | None = None
        self._lending: Lending | None = None
        self._alone: dict[str, Future[object]] = {}
        self._repeat_lock = threading.RLock()
        self._stirred: bool | None = None
        self.wanted: Collection[str] | None = None
        self.judged: frozenset[str] | None = None
        self._newest: tuple[int, tuple[Exchange, ...]] | None = None
        self._repeating = self._allotted(REPEATED_SECONDS, REPEATED_REQUESTS, REPEATED_CREATED)
        self._comparing = self._allotted(COMPARED_SECONDS, COMPARED_REQUESTS, COMPARED_CREATED)
        self.riches = Riches(Prerequisites())
        self.culprits: set[str] = set()
        self._poorer: dict[str, Future[object]] = {}
        self.undisturbed: tuple[Exchange, ...] | None = None

    @property
    def preflight(self) -> Preflight:
        """What the first requests found; they are sent when it is first asked for."""
        with self._lock:
            if self._preflight is None:
                self._preflight = fly(self.target, self.creations)
                documented = self.target.profile.deployments.fields
                self.riches = Riches(self._preflight.known, FIELDS.keys() & documented.keys())
                with clock.unheeded():  # it reads one answer
                    self._lending = lend(self.target, self._preflight)
            return self._preflight

    def _allotted(self, *most: float) -> Allotment:
        return Allotment(most, lambda: (time.monotonic(), self.requests, self.creations.created))

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self.target.requests

    def standing(self) -> tuple[list[str], int, int]:
        """Return the stories under way, how many are collected, and how many there are to collect."""
        alone = dict(self._alone)  # a copy: the progress thread asks while stories are begun
        futures = {**self._futures, **{name + ALONE: future for name, future in alone.items()}}
        now = [name for name, future in futures.items() if future.running()]
        return now, sum(future.done() for future in futures.values()), len(futures)

    @property
    def flown(self) -> Preflight | None:
        """What the first requests found, None when nothing was sent."""
        return self._preflight

    def start(self, names: Iterable[str]) -> None:
        """Begin to collect stories; those that need a missing option, tier, mode or revision are left out.

        Searches begin when all others are collected: those have their share of every limit first.
        """
        order = {name: place for place, name in enumerate(load_catalogue().searches)}
        names = {*names}
        if names == {FOLLOW_UP}:  # it looks at what stories did
            names |= {*filter(self._is_mine, load_stories(self.mode))}
        mine = (name for name in names if name in self.stories)
        names = {name for name in mine if not self._inapplicable(self.stories[name])}
        self._expect([self.stories[name] for name in names])
        for name in sorted(names, key=lambda name: order.get(name, -1)):
            self._future(name)

    def _expect(self, stories: Iterable[Story]) -> None:
        if self._stock and not self.preflight.blocked:
            new = [story for story in stories if story.name not in self._futures]
            self._stock.expect(
                [story.name for story in new],
                makers=[story.name for story in new if story.makes],
                listing=[story.name for story in new if story.listing],
            )

    def evidence(self, name: str) -> object:
        """Return what the story `name` yields; waits for it.

        Raises NotApplicableError when an option is missing, and whatever the story raised (NotJudgedError).
        """
        if name not in self.stories:
            raise NotApplicableError(f"{name} is not told in the mode {self.mode}")
        reason = self._inapplicable(self.stories[name])
        if reason:
            raise NotApplicableError(reason)
        together = self._future(name)
        collected = self._repeated(name) if self._disturbed() else together
        return collected.result()

    def is_rich(self, name: str) -> bool:
        """Tell whether a story was given a rich deployment, and collected beside others.

        One in which a run was started is not repeated: runs cost money.
        """
        return name in self.riches.stories and name not in self._alone and not self._started_a_run(name)

    def _started_a_run(self, name: str) -> bool:
        asked = (one for one in self.target.exchanges(name) if one.method == "POST" and one.succeeded)
        return any(one.path.rstrip("/").endswith("/run") for one in asked)

    def collected_with(self, name: str, *fields: str) -> object:
        """Return what a rich story yields when only some fields are rich; raises as `evidence` does.

        Raises NotJudgedError (harness) when too much time went into such stories already.
        """
        called = poorer(name, *fields)
        with self._repeat_lock:
            if called not in self._poorer:
                if not self._comparing.is_left(0.5 if fields else 0.0):
                    raise NotJudgedError(Blame.HARNESS, "what stories with fewer values may take is used up")
                api = self._api(called, self.riches.only(*fields))
                with self._comparing.spending():
                    self._poorer[called] = self._pool.submit(self.stories[name].collect, api)
                    self._poorer[called].exception()
        return self._poorer[called].result()

    def everything(self) -> tuple[Exchange, ...]:
        """Collect all stories that apply; return every exchange that no other story disturbed."""
        if self._futures.keys() <= self._searches.keys():  # else only what some judgement reads
            self.start(filter(self._is_mine, load_stories(self.mode)))
        for name in tuple(self._futures):
            with suppress(Exception):  # its own judgements report it
                self.evidence(name)
        disturbed = self._futures.keys() if self._stirred else ()
        self.undisturbed = tuple(e for e in self.target.exchanges() if e.story not in disturbed)
        return self.undisturbed

    def told(self) -> tuple[Exchange, ...]:
        """Return what was sent when all stories that were begun, but searches, are collected."""
        wait([future for name, future in self._futures.items() if name not in self._searches])
        return self.target.exchanges()

    def yielded(self) -> Mapping[str, object]:
        """Return what each story yielded, or the exception that it raised; call it after `finish`.

        A guard that another shard collects as well is that one's to report.
        """
        yielded = {name: self._outcome(name) for name in self._futures if self._is_mine(name)}
        return yielded | {
            name: future.exception() or future.result() for name, future in self._poorer.items()
        }

    def _is_mine(self, name: str) -> bool:
        return self._share is None or name in self._share

    def _outcome(self, name: str) -> object:
        future = self._alone.get(name, self._futures[name])
        if self._stirred and name not in self._alone:
            return NotJudgedError(Blame.TARGET, NOT_REPEATED)
        if future.cancelled() or not future.done():
            return NotJudgedError(Blame.HARNESS, "the run ended before the story was told")
        error = future.exception()
        if error and not isinstance(error, Exception):
            return NotJudgedError(Blame.HARNESS, "the run was stopped")
        return error or future.result()

    def newest(self) -> tuple[Exchange, ...]:
        """List the newest deployments when no story is under way; take charge of what is ours."""
        futures = (*self._futures.values(), *self._alone.values())
        wait(futures)
        with self._repeat_lock:
            if self._newest is None or self._newest[0] != len(futures):
                api = self._api(AFTERWARDS)
                self._newest = len(futures), tuple(list_newest(api, self.preflight))
            return self._newest[1]

    def finish(self) -> tuple[str, ...]:
        """Wait for what is under way, put back what was lent, archive what was created.

        Return a line for each deployment that stays, and for each field of the lent one that stays changed.
        """
        clock.heed(None)
        for pool in (self._pool, self._search_pool):
            pool.shutdown(wait=not self.target.manners.signal, cancel_futures=True)
        self.target.begin_clean_up()
        wait((*self._futures.values(), *self._alone.values()), timeout=ENDING_SECONDS)
        left = (*self._return_loan(), *self._clean_up()) if self._preflight else ()
        with suppress(LedgerError):  # without this line a sweep looks once more, and finds nothing
            self.target.ledger.finish()
        return left

    def _return_loan(self) -> tuple[str, ...]:
        if self._lending:
            self.given_back = give_back(self._api(CLEAN_UP), self._lending)
        return self.given_back.left

    @property
    def lent_schedule(self) -> bool:
        """Whether a lent deployment has a schedule; true where none is lent."""
        _ = self.preflight
        return self._lending is None or self._lending.loan.scheduled

    def loan_notices(self) -> list[str]:
        """Return a line about what became of the lent deployment, if it was changed."""
        if self._lending is None or not self._lending.loan.changed:
            return []
        return [f"{self._lending.loan.id} {described(self.given_back)}"]

    def _api(self, name: str, riches: Riches | None = None) -> Api:
        known = self.preflight.known
        return Api(self.target, name, known, self.creations, riches=riches, selected=self.judged)

    def _api_of(self, story: str, how: str = "") -> Api:
        """Return the API for a story, or for a search: the deployments of searches are as they want them."""
        known, lending = self.preflight.known, None if how else self._lending
        riches = self.riches if story in load_stories(self.mode) else None
        pool, stock = (None, None) if how else (self._deployments, self._stock)
        return Api(
            self.target, story + how, known, self.creations, lending,
            riches=riches, pool=pool, stock=stock, selected=self.judged,
        )  # fmt: skip

    def _clean_up(self) -> tuple[str, ...]:
        return archive_all(self._api(CLEAN_UP), self.preflight)

    def _future(self, name: str) -> Future[object]:
        preflight = self.preflight
        with self._lock:
            if name not in self._futures:
                pool = self._search_pool if name in self._searches else self._pool
                self._futures[name] = pool.submit(self._collect, self.stories[name], preflight)
            return self._futures[name]

    def _collect(self, story: Story, preflight: Preflight) -> object:
        if preflight.blocked:
            raise preflight.blocked
        if self.target.manners.signal:
            raise NotJudgedError(Blame.HARNESS, "the run was stopped")
        if story.name in self._searches:
            return self._search(story)
        api = self._api_of(story.name)
        try:
            return story.collect(api)
        finally:
            api.hand_back()

    def _search(self, story: Story) -> object:
        """Run a search, when all that is no search is collected."""
        wait([future for name, future in tuple(self._futures.items()) if name not in self._searches])
        if self.target.manners.signal:
            raise NotJudgedError(Blame.HARNESS, "the run was stopped")
        return story.collect(self._api_of(story.name))

    def _disturbed(self) -> bool:
        """Tell whether the target was found changing what no request named, by a guard or by us."""
        with self._repeat_lock:
            if self._stirred is None:
                core = [
                    future
                    for name, future in tuple(self._futures.items())
                    if self.stories[name].tier == "core"
                ]
                wait(core)
                guards = [name for name in tuple(self._futures) if self.stories[name].guard]
                found = (
                    not guard.exception() and getattr(guard.result(), "disturbed", False)
                    for guard in (self._futures[name] for name in guards)
                )
                self._stirred = any(found) or (len(core) > 1 and self._first_was_changed())
                for name in guards if self._stirred else ():  # while there is room: the others follow from it
                    self._repeated(name)
            return self._stirred

    def _first_was_changed(self) -> bool:
        """Tell whether the first deployment, to which nothing was done, reads otherwise than it was made."""
        preflight = self.preflight
        if not preflight.made or not preflight.created:
            return False
        api = self._api("preflight")
        read = api.get(preflight.made, label="read the first deployment, to which nothing was done")
        made = preflight.created.json
        if not (read.succeeded and isinstance(read.json, dict) and isinstance(made, dict)):
            return False
        return bool(self.target.shapes.changes(made, read.json, but=("initial_events",)))

    def _repeated(self, name: str) -> Future[object]:
        """Repeat a story when nothing else is under way and nothing of ours is left to disturb it."""
        with self._repeat_lock:
            if name not in self._alone:
                if not self._repeating.is_left():
                    raise NotJudgedError(Blame.TARGET, NOT_REPEATED)
                wait(self._futures.values())
                with self._repeating.spending():
                    self._deployments.empty()
                    if self._stock:
                        self._stock.empty()
                    self._clean_up()
                    api = self._api_of(name, ALONE)
                    self._alone[name] = self._pool.submit(self.stories[name].collect, api)
                    self._alone[name].exception()
            return self._alone[name]

    def _inapplicable(self, story: Story) -> str:
        """Return why a story is not collected, or an empty text; nothing is sent where an option says why."""
        settings = self.target.settings
        if story.tier != "core" and story.tier not in settings.tier:
            return f"judged with --tier {story.tier}"
        searched = story.name in self._searches and not settings.reach.searches
        if searched or (self.wanted is not None and story.name not in self.wanted):
            return LARGER
        return unmet(story, settings, self.preflight, self._lending)
