"""Ids to which a path leads without doubt."""

from __future__ import annotations

import re

# What a proxy or a server may take for something else in a path, percent-encoded or not.
_MISLEADING = re.compile(r"[/\\?#%\s\x00-\x1f\x7f-\x9f\ud800-\udfff]|\A\.*\Z")
LONGEST_ID = 1_000


def misleading(deployment_id: str) -> bool:
    """Tell whether no path leads to an id without doubt."""
    return len(deployment_id) > LONGEST_ID or bool(_MISLEADING.search(deployment_id))
