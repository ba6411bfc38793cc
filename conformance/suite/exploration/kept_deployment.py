"""A deployment of which a search asks one question after another, and other searches after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance.client.api import Api, Created
from conformance.client.exchange import Exchange
from conformance.client.ownership.pool import Fits
from conformance.contract import limits
from conformance.contract.judgement import answered, expect_unchanged
from conformance.suite.exploration.allowance import check_room
from conformance.suite.exploration.registry import Searched
from conformance.suite.shared.values import yearly

ROOM = 14
"""How many keys of metadata a deployment may have to which updates add two."""


def anyone(_: Mapping[str, Any]) -> bool:
    """Tell that any deployment will do."""
    return True


def has_room(shown: Mapping[str, Any]) -> bool:
    """Tell whether updates may add keys of metadata to a deployment."""
    return len(shown.get("metadata") or ()) <= ROOM


def can_be_renamed(shown: Mapping[str, Any]) -> bool:
    """Tell whether the name of a deployment has room for what an archive adds to it."""
    return len(str(shown.get("name", ""))) <= limits.RENAMED


class Kept:
    """A deployment, and how it was read last: what follows one question comes before the next.

    `background` are the exchanges that a story of the next question begins with.
    """

    def __init__(self, api: Api, made: Created, shown: Exchange | None = None) -> None:
        self.id = made.id
        self.background = [made.exchange]
        self._api = api
        self._made = made
        self._last = shown

    @classmethod
    def acquire(cls, api: Api, fits: Fits = anyone) -> Kept:
        """Return one that another search left, active and scheduled, or else a new one.

        Raises NotJudgedError when the target does not make one.
        """
        left = api.reuse(fits)
        return cls(api, *left) if left else cls.create(api)

    @classmethod
    def create(cls, api: Api, **changes: object) -> Kept:
        """Return a new one; raises NotJudgedError when a limit is near, or the target does not make one."""
        check_room(api)
        return cls(api, api.create_deployment(**{"schedule": yearly(), **changes}))

    def before(self) -> Exchange:
        """Return the read after the last question, or one of now where that ended without.

        Raises NotJudgedError when it has no answer.
        """
        last = self._last or answered(self._api.get(self.id, label="read before"))
        self._last = None
        self.background[1:] = [last]
        return last

    def after(self, label: str) -> Exchange:
        """Read it when a question is over."""
        return self.show(self._api.get(self.id, label=label))

    def show(self, read: Exchange) -> Exchange:
        """Go on with the deployment as a read shows it; return the read."""
        self._last = read if read.succeeded else None
        return read

    def expect_unchanged(self, before: Exchange) -> None:
        """Read it and expect it to be as it was before."""
        expect_unchanged(before, self.after("read afterwards"))

    @property
    def is_live(self) -> bool:
        """Whether this run has not archived it."""
        return self._api.creations.is_live(self.id)

    def renew(self) -> None:
        """Archive it, and go on with a new one; raises NotJudgedError when the target does not make one."""
        self.put_away()
        self._made = self._api.create_deployment(schedule=yearly())
        self.id, self.background[:], self._last = self._made.id, [self._made.exchange], None

    def leave(self) -> None:
        """Let other searches go on with it."""
        self._api.leave(self._made, self._last)

    def put_away(self) -> None:
        """Archive it, unless that is done."""
        if self.is_live:
            self._api.archive(self.id, label="archive it")


def on_kept(api: Api, search: Callable[[Kept], Searched], fits: Fits = anyone) -> Searched:
    """Search on one deployment; others go on with it when nothing was found there."""
    kept = Kept.acquire(api, fits)
    searched = None
    try:
        searched = search(kept)
    finally:
        if searched is None or searched.findings:
            kept.put_away()
    if not searched.findings:
        kept.leave()
    return searched
