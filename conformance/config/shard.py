"""Settings of a run that is shared out to several processes: which part is told here, and the common seed."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping

from conformance.config.options import SettingsError

LARGEST_SEED = 2**32
MOST_SHARDS = 100


def parse_shard(text: object, origin: str) -> tuple[int, int]:
    """Return I and N of the text `I/N`; raises SettingsError, naming the `origin` of a wrong one."""
    found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", str(text), re.ASCII)
    index, count = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= index <= count <= MOST_SHARDS:
        raise SettingsError(
            f"{origin} must be I/N with I from 1 to N and N up to {MOST_SHARDS}, such as 2/5, not {text!r}."
        )
    return index, count


def seed_of(values: Mapping[str, object]) -> int:
    """Return the seed of a run that none was given for: that of its label, so that all shards have the same.

    Raises SettingsError for a shard without a label.
    """
    label = values.get("run_label")
    if label:
        return int.from_bytes(hashlib.sha256(str(label).encode()).digest()[:4], "big")
    if "shard" in values:
        raise SettingsError(
            "--shard needs --run-label TEXT or --seed N, the same for all shards of a run. "
            "Hint: --run-label takes the id of the CI run."
        )
    return secrets.randbelow(LARGEST_SEED)
