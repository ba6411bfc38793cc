"""Deployments that the stories of a small run hand from one to the next, so that few are made.

Those whose creation is judged are made first. Every other story takes of them what it needs, all at once, and
gives back what it has not archived; it makes one only where nothing is left that will do.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Iterable
from enum import IntEnum

from conformance.client.ownership.pool import WAIT_SECONDS, Member
from conformance.contract.verdict import Blame, NotJudgedError


class Turn(IntEnum):
    """Whose turn it is first: what is archived is of no use to others."""

    AS_MADE = 0
    LISTING = 1
    CHANGING = 2
    ARCHIVING = 3


class Stock:
    """What stories have left for others, the oldest first; `stopped` is set when the run ends.

    Nobody is given one while a story with an earlier turn is waiting. Next is whoever needs most; of stories
    that change some, whoever needs most of those for which enough is idle.
    """

    def __init__(self, stopped: threading.Event) -> None:
        self._stopped = stopped
        self._changed = threading.Condition()
        self._idle: list[Member] = []
        self._seen: list[str] = []
        self._rich: set[str] = set()
        self.given_up = False
        self._leased = 0
        self._told: set[str] = set()
        self._makers: set[str] = set()
        self._listing: set[str] = set()
        self._listed: list[Member] = []
        self._numbers = itertools.count()
        self._waiting: list[tuple[Turn, int, int]] = []

    def expect(self, told: Iterable[str], *, makers: Iterable[str], listing: Iterable[str]) -> None:
        """Wait for stories that make deployments, and keep what lists are to hold until those are told.

        Of all that are told, those that archive come last.
        """
        with self._changed:
            self._told.update(told)
            self._makers.update(makers)
            self._listing.update(listing)

    def makes(self, story: str) -> bool:
        """Tell whether others wait for what a story makes."""
        return story in self._makers

    def give_up(self) -> None:
        """Have stories make what they need: the target does not show what it was updated to."""
        self.given_up = True

    def note_rich(self, deployment_id: str) -> None:
        """Note that a deployment has rich values in the fields that nobody gave it."""
        self._rich.add(deployment_id)

    def is_rich(self, deployment_id: str) -> bool:
        """Tell whether a deployment was made rich, whatever was done to it since."""
        return deployment_id in self._rich

    def take(self, count: int, turn: Turn, suits: Callable[[Member], bool]) -> list[Member]:
        """Lease up to so many, the oldest first, and such as `suits` best; those that lack are to be made.

        Raises NotJudgedError (harness) when the run ends meanwhile.
        """
        with self._changed:
            ticket = turn, -count, next(self._numbers)
            self._waiting.append(ticket)
            try:
                while not self._is_due(ticket, suits):
                    self._changed.wait(WAIT_SECONDS)
                    if self._stopped.is_set():
                        raise NotJudgedError(Blame.HARNESS, "the run ended while a deployment was waited for")
                best = sorted(self._idle, key=suits, reverse=True)[:count]
                self._idle = [one for one in self._idle if one not in best]
                self._leased += count
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
            return self._by_age(best)

    def _is_due(self, ticket: tuple[Turn, int, int], suits: Callable[[Member], bool]) -> bool:
        first = min(self._waiting)
        turn, needed, _ = first
        if turn is Turn.CHANGING:
            content = [one for one in self._waiting if one[0] is turn and -one[1] <= len(self._idle)]
            first = min(content, default=first)
            needed = first[1]
        if ticket != first:
            return False
        there = any(map(suits, self._idle)) if turn is Turn.AS_MADE else len(self._idle) >= -needed
        others = turn is Turn.ARCHIVING and len(self._told) > len(self._waiting)
        return there or not (self._makers or self._leased or others)

    def add(self, *members: Member) -> None:
        """Let others have deployments."""
        with self._changed:
            self._seen += [one.made.id for one in members if one.made.id not in self._seen]
            self._idle = self._by_age([*self._idle, *members])
            self._changed.notify_all()

    def _by_age(self, members: Collection[Member]) -> list[Member]:
        return sorted(members, key=lambda one: self._seen.index(one.made.id))

    def give_back(self, members: Iterable[Member], leased: int) -> None:
        """Let others have what is left of so many that were leased, or were to be made."""
        with self._changed:
            self._leased -= leased
            self.add(*members)

    def keep_listed(self, members: Iterable[Member]) -> None:
        """Let nobody change what was leased for lists, until the stories that list it are told."""
        with self._changed:
            self._listed += members

    def ended(self, story: str) -> None:
        """Wait no longer for what a story makes, or lists."""
        with self._changed:
            self._told.discard(story)
            self._makers.discard(story)
            self._listing.discard(story)
            if not self._listing:
                self.give_back(self._listed, len(self._listed))
                self._listed = []
            self._changed.notify_all()

    def empty(self) -> None:
        """Forget all that are idle: they are being archived."""
        with self._changed:
            self._idle.clear()
