"""The metadata bag, and the reserved key that the revision 2026-06 keeps in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conformance.reference.core import Core
from conformance.reference.errors import invalid
from conformance.reference.messages import Document
from conformance.reference.shapes import mapping, text, whole_number

CAS_CONFIG: Final = "cas_config"
CAS_DEFAULTS: Final = {
    "config": {"max_retries": 0, "timeout_ms": 300_000, "max_concurrent": 1},
    "session_strategy": "new_session",
}


def cas_settings(metadata: Mapping[str, object]) -> Any:  # noqa: ANN401 (free JSON below a checked shape)
    """Return the reserved settings of a bag, the defaults when it holds none."""
    return metadata.get(CAS_CONFIG, CAS_DEFAULTS)


class MetadataRules(Core):
    """Reads metadata; lengths are counted in code points."""

    metadata_limit = 16
    metadata_key_limit = 64
    metadata_value_limit = 512

    def length(self, text: str) -> int:
        """Return a text's length as the limits count it."""
        return len(text)

    def default_metadata(self) -> dict[str, object]:
        """Return the metadata of a deployment that was sent none."""
        return {CAS_CONFIG: CAS_DEFAULTS} if self.old else {}

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        """Return `current` patched by `value`, or a first bag; the limits bind the result."""
        bag = self.default_metadata() if current is None else dict(current)
        for key, entry in mapping(value, "metadata").items():
            if entry is None and current is not None:
                bag.pop(key, None)
            else:
                bag[key] = self.read_metadata_entry(key, entry, bag)
        plain = {key: entry for key, entry in bag.items() if not self.is_cas_config(key)}
        if len(plain) > self.metadata_limit:
            raise invalid(f"metadata must hold at most {self.metadata_limit} keys", "metadata")
        return bag

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        """Return a value of at most 512 characters under a key of at most 64."""
        if self.is_cas_config(key):
            return self.read_cas_config(entry, bag)
        if not isinstance(entry, str):
            raise invalid(f"metadata.{key} must be a string", "metadata")
        if self.length(key) > self.metadata_key_limit:
            raise invalid(f"a metadata key must be at most {self.metadata_key_limit} characters", "metadata")
        if self.length(entry) > self.metadata_value_limit:
            raise invalid(
                f"metadata.{key} must be at most {self.metadata_value_limit} characters", "metadata"
            )
        return entry

    def is_cas_config(self, key: str) -> bool:
        """Return whether a metadata key is the reserved one of the revision 2026-06."""
        return self.old and key == CAS_CONFIG

    def read_cas_config(self, value: object, bag: Mapping[str, object]) -> Document:
        """Return the reserved settings, patched; `stats` is the server's own, null the default."""
        if value is None:
            return dict(CAS_DEFAULTS)
        sent = mapping(value, "metadata.cas_config")
        before = cas_settings(bag)
        config = before["config"] | mapping(sent.get("config", {}), "metadata.cas_config.config")
        for name in CAS_DEFAULTS["config"]:
            whole_number(config[name], f"metadata.cas_config.config.{name}")
        strategy = sent.get("session_strategy", before["session_strategy"])
        return {"config": config, "session_strategy": text(strategy, "metadata.cas_config.session_strategy")}
