"""Faults of texts: what escapes, normalisers and stores do to some characters, keys and values, or in lists alone."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from conformance.reference import Call, Deployment, Document, Service
from tests.faults.catalogue import fault

NEW_ONLY = ("2026-07",)
CREATED, UPDATED, MERGED = "create.stores-what-was-sent", "update.is-stored", "update.metadata-is-merged"
LISTED = "list.items-are-current"
BAG = "create.metadata-at-its-limits-is-stored"
VARIABLES = "create.environment-variables-are-stored"
EVENTS = "create.50-events-are-stored"
REPLACED = "update.events-are-replaced"
ASTRAL = 0xFFFF


class _Descriptions(Service):
    """Stores descriptions as `bent` returns them."""

    def read_description(self, value: object) -> str:
        return self.bent(super().read_description(value))

    def bent(self, text: str) -> str:
        raise NotImplementedError


@fault(breaks=UPDATED, hides="inputs")
class EntitiesAreResolved(_Descriptions):
    """`&amp;` becomes `&` in descriptions."""

    def bent(self, text: str) -> str:
        return html.unescape(text)


@fault(breaks=UPDATED, hides="inputs")
class BackslashesAreEaten(_Descriptions):
    """Descriptions lose their backslashes."""

    def bent(self, text: str) -> str:
        return text.replace("\\", "")


@fault(breaks=UPDATED, hides="inputs")
class TagsAreStripped(_Descriptions):
    """Whatever stands between `<` and `>` is taken out of descriptions."""

    def bent(self, text: str) -> str:
        before, opening, rest = text.partition("<")
        inside, closing, after = rest.partition(">")
        return before + after if closing else before + opening + inside


@fault(breaks=UPDATED, hides="inputs")
class QuotesOfUpdatesAreDoubled(Service):
    """An apostrophe in the name of an update is stored twice."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        doubled = {"name": fields["name"].replace("'", "''")} if "name" in fields else {}
        return super().apply_update(record, {**fields, **doubled})


@fault(breaks=UPDATED, hides="inputs")
class PercentSignsOfNamesAreDecoded(Service):
    """A name with `%41` is stored with `A`."""

    def read_name(self, value: object) -> str:
        return unquote(super().read_name(value))


# --- in lists alone ----------------------------------------------------------------------------------------


class _Lists(Service):
    """Lists show deployments as `shown` returns them."""

    def list_deployments(self, call: Call) -> Document:
        page = super().list_deployments(call)
        items: Any = page["data"]
        return {**page, "data": [self.shown(item) for item in items]}

    def shown(self, item: Document) -> Document:
        raise NotImplementedError


@fault(breaks=LISTED, hides="inputs", shown_by=("pause_twice",))
class ListsEscapeMarkup(_Lists):
    """Lists show `<` in a description as `&lt;`."""

    def shown(self, item: Document) -> Document:
        return {**item, "description": html.escape(str(item["description"]), quote=False)}


@fault(breaks=LISTED, hides="inputs", shown_by=("pause_twice",))
class ListsCutDescriptions(_Lists):
    """Lists show the first 200 characters of a description."""

    def shown(self, item: Document) -> Document:
        return {**item, "description": str(item["description"])[:200]}


@fault(breaks=LISTED, hides="inputs", shown_by=("pause_twice",))
class ListsLoseEmoji(_Lists):
    """Lists show a question mark for each character beyond the basic plane in a name or description."""

    def shown(self, item: Document) -> Document:
        return {**item, "name": _basic(item["name"]), "description": _basic(item["description"])}


def _basic(text: object) -> str:
    return "".join(c if ord(c) <= ASTRAL else "?" for c in str(text))


@fault(breaks=LISTED, hides="inputs", shown_by=("pause_twice",))
class ListsShowTenEvents(_Lists):
    """Lists show the first ten events of a deployment."""

    def shown(self, item: Document) -> Document:
        events: Any = item["initial_events"]
        return {**item, "initial_events": events[:10]}


@fault(breaks=LISTED, hides="inputs", revisions=NEW_ONLY, shown_by=("pause_twice",))
class ListsShowOneVariable(_Lists):
    """Lists show the first line of the environment variables."""

    def shown(self, item: Document) -> Document:
        return {**item, "environment_variables": str(item["environment_variables"]).partition("\n")[0]}


# --- metadata ----------------------------------------------------------------------------------------------


class _Bags(Service):
    """Stores metadata under keys and with values as `key` and `value` return them."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        return {
            self.key(key): entry if isinstance(entry, dict) else self.value(entry)
            for key, entry in bag.items()
        }

    def key(self, key: str) -> str:
        return key

    def value(self, value: object) -> object:
        return value


@fault(breaks=MERGED, hides="inputs")
class DotsOfKeysBecomeUnderscores(_Bags):
    """A dot in a metadata key becomes an underscore."""

    def key(self, key: str) -> str:
        return key.replace(".", "_")


@fault(breaks=MERGED, also=(BAG,), hides="inputs", tiers=("property",), found_by="property.valid-updates")
class DollarsOfKeysAreLost(_Bags):
    """A dollar sign at the beginning of a metadata key is lost."""

    def key(self, key: str) -> str:
        return key.removeprefix("$")


@fault(breaks=MERGED, hides="inputs")
class MetadataKeysAreSmall(_Bags):
    """Metadata keys are stored in small letters."""

    def key(self, key: str) -> str:
        return key.lower()


@fault(breaks=MERGED, hides="inputs")
class DashesOfKeysBecomeUnderscores(_Bags):
    """A hyphen in a metadata key becomes an underscore."""

    def key(self, key: str) -> str:
        return key.replace("-", "_")


@fault(breaks=MERGED, hides="inputs")
class DigitsBecomeNumbers(_Bags):
    """A metadata value of digits is answered as a number."""

    def value(self, value: object) -> object:
        return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value


@fault(breaks=MERGED, hides="inputs")
class WordsBecomeConstants(_Bags):
    """A metadata value `true`, `false` or `null` is answered as the constant."""

    def value(self, value: object) -> object:
        return {"true": True, "false": False, "null": None}.get(str(value), value)


@fault(breaks=MERGED, hides="inputs")
class PlusSignsBecomeBlanks(_Bags):
    """A plus sign in a metadata value becomes a blank."""

    def value(self, value: object) -> object:
        return str(value).replace("+", " ")


@fault(breaks=MERGED, hides="inputs")
class EmptyMetadataValuesAreDropped(Service):
    """A key of metadata with an empty value is not stored."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        return {key: entry for key, entry in super().read_metadata(value, current).items() if entry != ""}


@fault(breaks=MERGED, hides="inputs")
class PrototypesAreDropped(Service):
    """The metadata keys `__proto__` and `constructor` are not stored."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        return {key: entry for key, entry in bag.items() if key not in {"__proto__", "constructor"}}


@fault(breaks=MERGED, hides="inputs")
class KeysThatDifferInCaseCollide(Service):
    """Of two metadata keys that differ in case alone the later one takes the place of the other."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        last = {key.lower(): key for key in bag}
        return {key: entry for key, entry in bag.items() if last[key.lower()] == key}


@fault(breaks=MERGED, hides="inputs")
class NumericKeysAreLost(Service):
    """A metadata key of digits is not stored."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        return {k: v for k, v in super().read_metadata(value, current).items() if not k.isdecimal()}


# --- events and variables ----------------------------------------------------------------------------------


@fault(breaks=EVENTS, hides="inputs")
class EqualEventsAreMerged(Service):
    """Of several equal events one is stored."""

    def read_events(self, value: object) -> Sequence[object]:
        kept: list[object] = []
        for event in super().read_events(value):
            if event not in kept:
                kept.append(event)
        return kept


@fault(breaks=EVENTS, hides="inputs")
class EventsSortByTheirNumberAsText(Service):
    """The eleventh event is stored before the third: numbers are sorted as text."""

    def read_events(self, value: object) -> Sequence[object]:
        events = super().read_events(value)
        return [events[int(number)] for number in sorted(str(n) for n in range(len(events)))]


def _trimmed(value: object) -> object:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [_trimmed(item) for item in value]
    return {key: _trimmed(item) for key, item in value.items()} if isinstance(value, dict) else value


@fault(breaks="create.50-events-are-stored", hides="inputs")
class EventsKeepOneBlock(Service):
    """Of several blocks in an event the first is stored."""

    def read_event(self, value: object) -> object:
        event: Any = super().read_event(value)
        return {**event, "content": event["content"][:1]} if isinstance(event.get("content"), list) else event


@fault(breaks=VARIABLES, hides="inputs", revisions=NEW_ONLY)
class VariablesEndAtTheSecondEqualsSign(Service):
    """A value of an environment variable ends at an equals sign in it."""

    def read_environment_variables(self, value: object) -> str:
        lines = super().read_environment_variables(value).split("\n")
        return "\n".join("=".join(line.split("=")[:2]) for line in lines)


@fault(breaks=VARIABLES, hides="inputs", revisions=NEW_ONLY)
class VariablesAreSorted(Service):
    """Environment variables are stored in the order of the alphabet."""

    def read_environment_variables(self, value: object) -> str:
        return "\n".join(sorted(super().read_environment_variables(value).split("\n")))


@fault(breaks=VARIABLES, hides="inputs", revisions=NEW_ONLY)
class NamesOfVariablesAreCapitals(Service):
    """The names of environment variables are stored in capitals."""

    def read_environment_variables(self, value: object) -> str:
        lines = [line.partition("=") for line in super().read_environment_variables(value).split("\n")]
        return "\n".join(name.upper() + sign + rest for name, sign, rest in lines)


@fault(breaks=VARIABLES, hides="inputs", revisions=NEW_ONLY)
class QuotesOfVariablesAreLost(Service):
    """Environment variables lose the quotes around their values."""

    def read_environment_variables(self, value: object) -> str:
        return super().read_environment_variables(value).replace('"', "")


@fault(breaks=VARIABLES, hides="inputs", revisions=NEW_ONLY)
class EmptyVariablesAreDropped(Service):
    """An environment variable without a value is not stored."""

    def read_environment_variables(self, value: object) -> str:
        lines = super().read_environment_variables(value).split("\n")
        return "\n".join(line for line in lines if not line.endswith("="))
