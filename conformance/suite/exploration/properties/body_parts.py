"""Parts of a body that the documents allow: how each is sent, and how it must read back."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any, Protocol, TypeVar

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.contract import limits
from conformance.contract.comparing import content_text, field, shorten
from conformance.contract.judgement import broken, expect_object, expect_success, refused

RESERVED_KEY = "cas_config"
MARKS = frozenset("\"'\\<>&%${};,=#*|~`^")
"""What servers may keep out of names, since no page says what a name is made of."""


@dataclass(frozen=True)
class BodyPart:
    """One field of a body with a value that the documents allow.

    `value` is the ending of a name, a description, the metadata, or the texts of initial events.
    """

    field: str
    value: Any

    def __post_init__(self) -> None:
        kind = {"name": str, "description": str, "metadata": dict, "initial_events": list}.get(self.field)
        texts = [*self.value, *self.value.values()] if isinstance(self.value, dict) else self.value
        if kind is None or not isinstance(self.value, kind) or not all(isinstance(one, str) for one in texts):
            raise ValueError(f"unknown: {self!r:.120}")
        if not self._is_within():
            raise ValueError(f"{self} is beyond what the documents allow")

    def _is_within(self) -> bool:
        """Tell whether a server that keeps to the documents has to take the value."""
        texts = [*self.value, *self.value.values()] if isinstance(self.value, dict) else [*self.value]
        if not all(map(_is_plain, texts)):
            return False
        if isinstance(self.value, dict):
            known = (
                all(key and len(key) <= limits.METADATA_KEY for key in self.value)
                and RESERVED_KEY not in self.value
            )
            return (
                known and len(self.value) <= limits.METADATA_KEYS and all(map(_is_value, self.value.values()))
            )
        if isinstance(self.value, list):
            return 1 <= len(self.value) <= limits.EVENTS and all(map(_is_value, self.value))
        return len(self.value) <= (NAME_ROOM if self.field == "name" else LONGEST_DESCRIPTION)

    def __str__(self) -> str:
        counted = {"metadata": "keys", "initial_events": "events"}.get(self.field, "characters")
        length = len(self.value) + (NAME_BEGINNING if self.field == "name" else 0)
        return f"{self.field} of {length} {counted}"

    def sent(self, api: Api) -> dict[str, object]:
        """Return the field as it is sent; a name gets a beginning of its own, or it would be taken."""
        if self.field == "name":
            return {"name": unique(api) + self.value}
        if self.field == "initial_events":
            return {"initial_events": [api.known.event(text) for text in self.value]}
        return {self.field: self.value}

    @property
    def refusable(self) -> bool:
        """Whether a 400 is legal.

        No description is promised beyond the largest limit of any text, nor a name with marks of syntax, nor
        a name or a key of metadata with characters that show nothing.
        """
        strange = self.field == "name" and not MARKS.isdisjoint(self.value)
        hidden = self.field in {"name", "metadata"} and not all(map(_is_visible, self.value))
        return strange or hidden or (self.field == "description" and len(self.value) > limits.METADATA_VALUE)

    @property
    def long_in_bytes(self) -> bool:
        """Whether it exceeds its limit if that counts bytes: in which unit names count is not said (N32)."""
        if self.field == "name":
            return len(self.value.encode()) + NAME_BEGINNING > limits.NAME
        if self.field == "metadata":
            pairs = self.value.items()
            return any(
                len(k.encode()) > limits.METADATA_KEY or len(v.encode()) > limits.METADATA_VALUE
                for k, v in pairs
            )
        return False


NAME_BEGINNING = 16
"""The length of what `unique` returns."""
NAME_ROOM = limits.NAME - NAME_BEGINNING
"""How long the generated ending of a name may be."""


LONGEST_DESCRIPTION = 20_000


def _is_plain(text: str) -> bool:
    """Tell whether a text is Unicode without control characters but line ends: all else is open."""
    return not any(unicodedata.category(one) in {"Cc", "Cs"} for one in text if one != "\n")


def _is_visible(text: str) -> bool:
    """Tell whether a text has no blanks but the usual one, nothing of private use and no invisible signs."""
    return all(one == " " or not unicodedata.category(one).startswith(("C", "Z")) for one in text)


def _is_value(text: str) -> bool:
    return len(text) <= limits.METADATA_VALUE


def unique(api: Api) -> str:
    """Return the beginning of a name that no other request of any run sends."""
    return f"{api.target.run_id}-{api.target.next_number():06d}-"


ASTRAL = "\U0001d4b3\U0001f680"
SYNTAX = "100% \"a\" 'b' c\\d\\n \\u0041 <i>&lt;</i> %41 %00 ${e} {{f}} #;--"
SCRIPTS = "Zwölf ßİı Ελλάς 数据 한국어 हिन्दी עברית العربية 👩🏽🇨🇭"
COMBINING = "q\u0303e\u0301\u1100\u1161"
BOUNDARIES: Sequence[BodyPart] = (
    BodyPart("name", "n" * NAME_ROOM),
    BodyPart("name", "\U0001f680" * NAME_ROOM),
    BodyPart("name", COMBINING * (NAME_ROOM // len(COMBINING))),
    BodyPart("name", f"{SYNTAX} {SCRIPTS}."),
    BodyPart("description", ""),
    BodyPart("description", f"{SCRIPTS}\n{SYNTAX}\n\u202e{SCRIPTS}\u202c."),
    BodyPart("metadata", {"marks": SYNTAX, SYNTAX: SCRIPTS, SCRIPTS: "scripts"}),
    BodyPart("initial_events", [SYNTAX, SCRIPTS]),
    BodyPart("description", "d" * limits.METADATA_VALUE),
    BodyPart("description", f"a long <line> of '{ASTRAL}' & \"{COMBINING}\" \\n %20 {{}}\n" * 150 + "end"),
    BodyPart(
        "metadata", {f"{ASTRAL} Key": f"{ASTRAL} Value", "a.b": "dotted", "/a~b": "slash", "$set": "dollar"}
    ),
    BodyPart(
        "metadata",
        {
            f"{n:x}".rjust(limits.METADATA_KEY, "k"): "v" * limits.METADATA_VALUE
            for n in range(limits.METADATA_KEYS)
        },
    ),
    BodyPart(
        "metadata",
        {
            f"{n:x}" + "\U0001f511" * (limits.METADATA_KEY - 1): "\U0001f680" * limits.METADATA_VALUE
            for n in range(limits.METADATA_KEYS)
        },
    ),
    BodyPart("initial_events", ["the only one"]),
    BodyPart("initial_events", [f"number {n} {ASTRAL}" for n in range(11)]),
    BodyPart("initial_events", [f"number {n}" for n in range(limits.EVENTS)]),
)
"""What belongs to every run: parts at their limits, and just beyond what hasty servers are built for."""


BOUNDARY_BODIES = max(Counter(part.field for part in BOUNDARIES).values())
"""How many bodies hold all of them."""
DRAWN_PER_BODY = 10
"""How many values are drawn for each random body, so that it has one of each field."""


class Value(Protocol):
    """A value of one field of a body, some of which a server may refuse."""

    @property
    def field(self) -> str:
        """The field's name."""

    @property
    def refusable(self) -> bool:
        """Whether a 400 is legal."""

    def sent(self, api: Api) -> dict[str, object]:
        """Return the field as it is sent."""


V = TypeVar("V", bound=Value)


def bodies(values: Sequence[V], most: int) -> Sequence[Sequence[V]]:
    """Return groups of values, at most one of each field in each, and at most so many groups."""
    columns: dict[str, list[V]] = {}
    for value in values:
        columns.setdefault(value.field, []).append(value)
    rows = zip_longest(*columns.values())
    return [[value for value in row if value is not None] for row in islice(rows, most)]


def random_bodies(api: Api) -> int:
    """Return of how many bodies with random values a search tries."""
    left = api.target.settings.reach.examples - len(BOUNDARIES)
    return max(1, left // (len(BOUNDARIES) // BOUNDARY_BODIES))


def merged(api: Api, values: Iterable[Value]) -> dict[str, object]:
    """Return the fields of several values as they are sent."""
    return {name: sent for value in values for name, sent in value.sent(api).items()}


def refused_legally(exchange: Exchange, values: Iterable[Value], *, bytes_may_count: bool) -> bool:
    """Tell whether an answer is a refusal that the documents leave room for."""
    return refused(exchange) and any(may_be_refused(one, bytes_may_count=bytes_may_count) for one in values)


def may_be_refused(value: Value, *, bytes_may_count: bool) -> bool:
    """Tell whether a refusal of a value is legal, also where limits may count bytes."""
    return value.refusable or (bytes_may_count and isinstance(value, BodyPart) and value.long_in_bytes)


def refusable_apart(values: Sequence[V], *, bytes_may_count: bool) -> Sequence[Sequence[V]]:
    """Return what is left to try of values that were refused: none of one, of several each open one alone."""
    if len(values) == 1:
        return ()
    strict = [one for one in values if not may_be_refused(one, bytes_may_count=bytes_may_count)]
    alone = [[one] for one in values if one not in strict]
    return [strict, *alone] if strict else alone


def expect_read_back(read: Exchange, sent: Mapping[str, object]) -> None:
    """Expect a read to show the fields of a body as they were sent; canonically equal texts are equal."""
    document = expect_success(read)
    for name, wanted in sent.items():
        got = _event_texts(read, wanted) if name == "initial_events" else field(document, name)
        wanted = list(map(content_text, wanted)) if isinstance(wanted, list) else wanted  # noqa: PLW2901
        if name == "description" and got is None:
            got = ""  # the documents do not tell them apart
        if isinstance(got, dict):
            got = {key: value for key, value in got.items() if key != RESERVED_KEY}
        if canonical(got) != canonical(wanted):
            expected = shorten(_shown(wanted, got))
            raise broken(f"{name} to be {expected} in answer to {read.label}", _shown(got, wanted), read)


def _event_texts(read: Exchange, sent: object) -> object:
    """Return the texts of the events read; what is stored in a form of its own counts as it was sent."""
    events = expect_object(read).get("initial_events")
    if not isinstance(events, list) or not isinstance(sent, list) or len(events) != len(sent):
        return events
    pairs = zip(events, sent, strict=True)
    wrong_type = next((one for one, other in pairs if field(one, "type") != field(other, "type")), None)
    if wrong_type is not None:
        return [wrong_type]
    texts = map(content_text, events)
    return [content_text(other) if text is None else text for text, other in zip(texts, sent, strict=True)]


def canonical(value: object) -> object:
    """Return a JSON value with all texts in the form NFC: the documents do not promise which form is kept."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {canonical(key): canonical(inner) for key, inner in value.items()}
    return list(map(canonical, value)) if isinstance(value, list) else value


def _shown(value: object, other: object) -> object:
    """Return a value for a message: where two texts differ, not their common beginning."""
    if isinstance(value, str) and isinstance(other, str):
        return f"{len(value)} characters, {_tail(value, other)}"
    if isinstance(value, dict) and isinstance(other, dict):
        changed = {key: inner for key, inner in value.items() if other.get(key) != inner}
        return f"{len(value)} keys, with {shorten(changed) if changed else 'no others'}"
    if isinstance(value, list):
        return f"{len(value)} events: {shorten(value)}"
    return value


def _tail(value: str, other: str) -> str:
    pairs = enumerate(zip(value, other, strict=False))
    differs = next((n for n, (a, b) in pairs if a != b), min(len(value), len(other)))
    return f"from character {differs + 1} on {json.dumps(value[differs : differs + 20], ensure_ascii=False)}"
