"""What makes a deployment a run's own: the texts that its creations sent, and when it was made.

Each body of `Api.body` has the run's id in its name, its description and its event; searches that try out
one of these texts leave the others. A name of a search's own begins with the id and a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from conformance.client.exchange import Exchange
from conformance.client.ownership.moments import creation_time
from conformance.contract.comparing import content_text

RUN_ID = re.compile(r"[0-9a-f]{8}")
BLUR = timedelta(seconds=2)
"""Timestamps of whole seconds, and a clock read from a header of whole seconds, are this far off."""
APART = timedelta(seconds=10)
"""How far the clocks of a service's nodes and of its gateway may differ."""
MOST_LAG = timedelta(hours=1)
"""The most by which a service's clock is taken to be behind that of its gateway."""
MOST_SKEW = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Marks:
    """What makes one creation recognisable on the target: the exact name and description sent with it.

    Only a text that holds the run's id counts: somebody else's deployment may well have another. `since` is
    the moment of the announcement on the monotonic clock, `announced` the same on the wall clock: what was
    listed before cannot be meant. `newest` is the latest creation time that the target had shown by then.
    """

    run_id: str
    name: str | None
    description: str | None
    since: float
    announced: datetime
    newest: datetime | None

    @property
    def distinctive(self) -> Mapping[str, str]:
        """The texts by which the deployment can be recognised, by field."""
        return {key: text for key, text in self._sent.items() if self.run_id in text}

    @property
    def _sent(self) -> Mapping[str, str]:
        sent = {"name": self.name, "description": self.description}
        return {key: text for key, text in sent.items() if text}

    def match(self, item: Mapping[str, object]) -> bool:
        """Tell whether a deployment shows one of the texts that were sent."""
        return any(_shows(item.get(key), text, self.run_id) for key, text in self.distinctive.items())

    def deny(self, item: Mapping[str, object]) -> bool:
        """Tell whether a deployment shows other texts than those that were sent, and none of them."""
        shown = [key for key in self.distinctive if isinstance(item.get(key), str)]
        return bool(shown) and not self.match(item)

    def shown_by(self, item: Mapping[str, object], skew: timedelta) -> bool:
        """Tell whether a deployment that was read is what this creation made.

        One of the texts has to be there beside a creation time, or both where the target has shown no such
        time at all; a creation that sent no text has its time alone. `skew` is how far the target's clock is
        ahead of ours.
        """
        if self.why_foreign(item, skew):
            return False
        texts = self.distinctive or self._sent
        shown = [_shows(item.get(key), text, self.run_id) for key, text in texts.items()]
        if creation_time(item) is None:
            return self.newest is None and len(shown) > 1 and all(shown)
        return any(shown) or not texts

    def why_foreign(self, item: Mapping[str, object], skew: timedelta) -> str:
        """Return why a deployment that was read cannot be what this creation made, or an empty text."""
        created, apart = creation_time(item), APART if self.match(item) else BLUR
        if created is not None and created < self.announced + skew - apart:
            return f"it was created before that, at {created.isoformat(timespec='seconds')}"
        return "neither its name nor its description is what was sent" if self.deny(item) else ""

    def lag_of(self, item: Mapping[str, object], skew: timedelta) -> timedelta:
        """Return how far behind its `Date` header the clock is by which the target stamps what it makes.

        Zero unless a deployment is newer than everything that the target had shown before its creation: then
        it is no older one, and only another clock explains that it seems to be.
        """
        created = creation_time(item)
        if created is None or (self.newest is not None and created <= self.newest):
            return timedelta()
        return max(min(created - self.announced - skew, timedelta()), -MOST_LAG)


def _shows(shown: object, sent: str, run_id: str) -> bool:
    """Tell whether a text is the one that was sent.

    A store may compose characters in its own way, trim a text or cut it: what is left of one with the run's
    mark is still no other creation's, for the mark ends in the number of the creation.
    """
    if not isinstance(shown, str):
        return False
    wanted, got = (unicodedata.normalize("NFC", text).strip() for text in (sent, shown))
    mark = _mark(run_id).match(wanted) if wanted != got and is_run_id(run_id) else None
    return wanted == got or (mark is not None and len(got) >= mark.end() and wanted.startswith(got))


def skew_of(answer: Exchange) -> timedelta:
    """Return by how much the target's clock is ahead of ours, zero without a `Date`."""
    received = answer.sent_at + timedelta(seconds=answer.seconds)
    skew = answer.date - received if answer.date else timedelta()
    return min(max(skew, -MOST_SKEW), MOST_SKEW)


def is_run_id(text: str) -> bool:
    """Tell whether a text is the id of a run: eight hexadecimal digits, as `Target.run_id` has them."""
    return RUN_ID.fullmatch(text) is not None


def names_run(text: object, run_id: str) -> bool:
    """Tell whether a text bears the whole mark of a run, not merely its id; there may be blanks before it."""
    return isinstance(text, str) and is_run_id(run_id) and _mark(run_id).match(text.lstrip()) is not None


def shows_run(item: Mapping[str, object], run_id: str) -> bool:
    """Tell whether a deployment, as a list or a read shows it, bears the mark of a run anywhere."""
    events = item.get("initial_events")
    texts = map(content_text, events if isinstance(events, list) else ())
    return any(names_run(text, run_id) for text in (item.get("name"), item.get("description"), *texts))


@cache
def _mark(run_id: str) -> re.Pattern[str]:
    name = rf"conformance-{run_id}-[^\n]{{1,100}}?-\d+"
    described = rf"Made by a conformance run \({name}\)"
    return re.compile(rf"(?:Event of )?{name}|{described}|{run_id}-\d{{6}}-")
