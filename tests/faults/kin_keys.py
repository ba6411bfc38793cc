"""Faults of metadata that take one key for another, or a part of a value for the whole."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from conformance.reference import Call, Service
from tests.faults.catalogue import fault

MERGED = "update.metadata-is-merged"
merging = partial(fault, breaks=MERGED)


@merging(hides="inputs")
class ADeletedKeyTakesItsKin(Service):
    """Null for a metadata key deletes all keys that begin with it."""

    # N91
    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        gone = (
            [key for key, new in value.items() if new is None] if isinstance(value, dict) and current else []
        )
        return {key: old for key, old in bag.items() if not any(key.startswith(start) for start in gone)}


@merging(hides="inputs")
class ADeletionIgnoresCapitals(Service):
    """Null for a metadata key deletes every key that differs from it in capitals alone."""

    # N91
    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        bag = super().read_metadata(value, current)
        gone = (
            {key.lower() for key, new in value.items() if new is None} if isinstance(value, dict) else set()
        )
        return {key: old for key, old in bag.items() if current is None or key.lower() not in gone}


@merging(hides="inputs")
class MetadataValuesEndAtTheLine(Service):
    """A metadata value is stored up to its first line break."""

    # N51, N91
    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        stored = super().read_metadata_entry(key, entry, bag)
        return stored.split("\n", 1)[0] if isinstance(stored, str) else stored


@merging(hides="sequence")
class WhilePausedMetadataAreReplaced(Service):
    """An update of a paused deployment replaces its metadata; that of an active one merges them."""

    # N91, N97
    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        paused = self.find(call).status == "paused"
        return super().read_patch(call, self.default_metadata() if paused else metadata)
