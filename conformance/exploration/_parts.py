"""Parts of a body that the documents allow: how each is sent, and how it must read back."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.contract.judgement import (
    broken,
    content_text,
    expect_object,
    expect_success,
    field,
    shorten,
)
from conformance.target.api import Api
from conformance.target.exchange import Exchange

BAD_REQUEST = 400
NAME_LIMIT = 256
KEY_LIMIT = 64
VALUE_LIMIT = 512
"""The largest limit that the documents set for any text; descriptions have none."""
RESERVED_KEY = "cas_config"


@dataclass(frozen=True)
class Part:
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
        """Whether a 400 is legal: no description is promised beyond the largest limit of any text."""
        return self.field == "description" and len(self.value) > VALUE_LIMIT

    @property
    def long_in_bytes(self) -> bool:
        """Whether it exceeds its limit if that counts bytes: in which unit names count is not said (N32)."""
        if self.field == "name":
            return len(self.value.encode()) + NAME_BEGINNING > NAME_LIMIT
        if self.field == "metadata":
            pairs = self.value.items()
            return any(len(k.encode()) > KEY_LIMIT or len(v.encode()) > VALUE_LIMIT for k, v in pairs)
        return False


NAME_BEGINNING = 16
"""The length of what `unique` returns."""
NAME_ROOM = NAME_LIMIT - NAME_BEGINNING
"""How long the generated ending of a name may be."""


def unique(api: Api) -> str:
    """Return the beginning of a name that no other request of any run sends."""
    return f"{api.target.run_id}-{api.target.next_number():06d}-"


ASTRAL = "\U0001d4b3\U0001f680"
COMBINING = "q\u0303e\u0301\u1100\u1161"
BOUNDARIES: Sequence[Part] = (
    Part("name", "n" * NAME_ROOM),
    Part("name", "\U0001f680" * NAME_ROOM),
    Part("name", COMBINING * (NAME_ROOM // len(COMBINING))),
    Part("description", ""),
    Part("description", "d" * VALUE_LIMIT),
    Part("description", f"a long <line> of '{ASTRAL}' & \"{COMBINING}\" \\n %20 {{}}\n" * 150 + "end"),
    Part(
        "metadata", {f"{ASTRAL} Key": f"{ASTRAL} Value", "a.b": "dotted", "/a~b": "slash", "$set": "dollar"}
    ),
    Part("metadata", {f"{n:x}".rjust(KEY_LIMIT, "k"): "v" * VALUE_LIMIT for n in range(16)}),
    Part(
        "metadata", {f"{n:x}" + "\U0001f511" * (KEY_LIMIT - 1): "\U0001f680" * VALUE_LIMIT for n in range(16)}
    ),
    Part("initial_events", ["the only one"]),
    Part("initial_events", [f"number {n} {ASTRAL}" for n in range(11)]),
    Part("initial_events", [f"number {n}" for n in range(50)]),
)
"""What belongs to every run: parts at their limits, and just beyond what hasty servers are built for."""


def refused_legally(exchange: Exchange, part: Part, *, bytes_may_count: bool) -> bool:
    """Tell whether an answer is a refusal that the documents leave room for."""
    open_unit = bytes_may_count and part.long_in_bytes
    return exchange.status == BAD_REQUEST and (part.refusable or open_unit)


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
            expected = shorten(_told(wanted, got))
            raise broken(f"{name} to be {expected} in answer to {read.label}", _told(got, wanted), read)


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


def _told(value: object, other: object) -> object:
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
