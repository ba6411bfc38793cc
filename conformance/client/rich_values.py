"""Rich deployments: legal values at their bounds for the fields that a story leaves alone.

Every value is one that the documents allow (fact sheet, 1.6 and 1.8), so that actions are tried on what
people have. A target that refuses one where a limit is not settled is asked once which it takes.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import cycle, islice
from typing import Final

from conformance.client.prerequisites import Prerequisites
from conformance.contract import limits

Body = Mapping[str, object]
TEXT: Final = (
    "100% \"whole\" 'half' back\\slash <b>&amp;</b> %41 ${x} two  blanks 5\u00a0km "
    "Zwölf Ελλάς 数据 日本語 עברית 👩\u200d👧 🚀𠮷👩🏽 "
)
"""Marks that hasty servers read as syntax, blanks, scripts of both directions, characters in parts."""
NAME: Final = limits.NAME - len("_archived_1781427523")
"""The longest name that has room for what an archive appends."""
DESCRIPTION: Final = 1_100
VAULTS: Final = 3
VARIABLES: Final = (
    'FEATURE_FLAG=on\nGREETING=Grüße 世界 🚀\nQUERY=a=b&c=%20d;e\nQUOTED="in quotes"\nREMARK=a # b\n'
    f"lower_case=kept\nEMPTY=\nLONG={'a word, ' * 140}end"
)
LIKE_VALUES: Final = {
    "nothing": "",
    "a power": "1e3",
    "an amount": "007",
    "a formula": "=1+1",
    "a document": '{"a": [1]}',
}
"""Metadata that hasty servers read as more than text."""
FEW_EVENTS: Final = 3
MOST_EVENTS: Final = frozenset(
    {
        "archive_paused",
        "archive_twice",
        "keyed_pause",
        "lifecycle",
        "pause_manual_only",
        "pause_twice",
        "unpause_twice",
    }
)
"""Stories whose deployment has the most events: between them they do all that is done to one.

If all had so many, lists would be ten times as heavy.
"""
FIELDS: Final[Mapping[str, str]] = {
    "name": f"a name of {NAME} characters: marks, scripts, emoji",
    "description": f"a description of {DESCRIPTION} characters: marks, scripts, emoji",
    "initial_events": "several events, a system message the last of them",
    "metadata": f"metadata of {limits.METADATA_KEYS} keys, the longest key and value among them",
    "environment_variables": "environment variables of several lines",
    "vault_ids": "several vaults",
    "schedule": "another zone of its schedule",
}
"""What can be rich, with the words for it; of a schedule that is the zone, where a story does not care."""
PLAIN_ZONE: Final = "Asia/Shanghai"
ZONES: Final = (
    "America/Argentina/Buenos_Aires",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "Pacific/Marquesas",
)
"""Zones of three parts, with half and quarter hours and the furthest offset; their clocks never change."""


class Riches:
    """Which fields of deployments are rich, shared by the stories of a run.

    `stories` are those that were given a rich deployment, `refused` the answers to values that the target
    does not take, by field.
    """

    def __init__(self, known: Prerequisites, fields: Iterable[str] = FIELDS) -> None:
        self._known = known
        self._fields = frozenset(fields)
        self._lock = threading.Lock()
        self._sorted_out = False
        self.stories: set[str] = set()
        self.refused: dict[str, str] = {}

    @property
    def fields(self) -> frozenset[str]:
        """The fields that are rich, as far as is known."""
        return self._fields - self.refused.keys()

    def only(self, *fields: str) -> Riches:
        """Return riches of some of the fields."""
        return Riches(self._known, self.fields.intersection(fields))

    def enriched(self, story: str, body: Body, given: Collection[str]) -> dict[str, object]:
        """Return a body with rich values in all fields but those that a story has `given`."""
        values = _values(self._known, story, body)
        chosen = {
            field: value
            for field, value in values.items()
            if field in self.fields and (field == "schedule" or field not in given)
        }
        if chosen:
            self.used_by(story)
        return {**body, **chosen}

    def used_by(self, story: str) -> None:
        """Note that a story has a rich deployment, if any is rich."""
        if self.fields:
            self.stories.add(story)

    def sort_out(self, refusal: Callable[[str], str]) -> None:
        """Learn, once, which fields are refused when they alone are rich: `refusal` tells how, if at all."""
        with self._lock:
            if not self._sorted_out:
                self.refused |= {field: why for field in sorted(self.fields) if (why := refusal(field))}
                self._sorted_out = True

    def give_up(self, why: str) -> None:
        """Have no rich field any more: together they are refused, though none is alone."""
        with self._lock:
            self.refused |= dict.fromkeys(self.fields, why)

    def notice(self) -> str:
        """Return a line about what is refused, empty when nothing is."""
        answers = ", ".join(f"{field} ({why})" for field, why in sorted(self.refused.items()))
        return f"stories went without rich values that creations were refused for: {answers}" * bool(answers)


def _values(known: Prerequisites, story: str, body: Body) -> dict[str, object]:
    """Return the rich values for a body; its name and description are the beginnings of theirs."""
    name, schedule = str(body.get("name")), body.get("schedule")
    many = story.partition(" ")[0] in MOST_EVENTS
    values: dict[str, object] = {
        "name": filled(name, NAME),
        "description": filled(f"{body.get('description')}\n", DESCRIPTION),
        "initial_events": _events(known, limits.EVENTS if many else FEW_EVENTS),
        "metadata": _metadata(),
    }
    if known.revision != "2026-06":
        values["environment_variables"] = VARIABLES
    if len(known.vaults) > 1:
        values["vault_ids"] = [*known.vaults[:VAULTS]]
    if isinstance(schedule, dict) and schedule.get("timezone") == PLAIN_ZONE:
        values["schedule"] = {**schedule, "timezone": ZONES[zlib.crc32(story.encode()) % len(ZONES)]}
    return values


def filled(beginning: str, length: int) -> str:
    """Return a text of exactly `length` code points that nobody may trim at its end."""
    return beginning + "".join(islice(cycle(f" {TEXT}"), max(0, length - len(beginning) - 1))) + "."


def _events(known: Prerequisites, count: int) -> list[object]:
    """Return as many events; a system message is the last one and follows a user's."""
    events = [known.event(f"Event {number}") for number in range(2, count)]
    return [*events, known.event(TEXT.strip()), {**known.event("Be brief."), "type": "system.message"}]


def _metadata() -> dict[str, str]:
    """Return as many keys as may be, the longest key and the longest value among them."""
    plain = {
        f"key {number}": f"value {number}" for number in range(limits.METADATA_KEYS - 2 - len(LIKE_VALUES))
    }
    return {
        **plain,
        **LIKE_VALUES,
        filled("key", limits.METADATA_KEY): "a longest key",
        "a longest value": filled("value", limits.METADATA_VALUE),
    }
