"""Ids to which a path leads without doubt."""

from __future__ import annotations

import re
from hashlib import sha256
from urllib.parse import unquote

# What a proxy or a server may take for something else in a path, percent-encoded or not.
_MISLEADING = re.compile(r"[/\\?#%\s\x00-\x1f\x7f-\x9f\ud800-\udfff]|\A\.*\Z")
LONGEST_ID = 1_000
"""Characters of an id beyond which servers and proxies refuse paths with it."""


def misleading(deployment_id: str) -> bool:
    """Tell whether no path leads to an id without doubt."""
    return len(deployment_id) > LONGEST_ID or bool(_MISLEADING.search(deployment_id))


def spelled(segment: str) -> str:
    """Return the id that a segment of a path spells; what is no UTF-8 in it is replaced."""
    try:
        return unquote(segment, errors="surrogatepass")
    except UnicodeDecodeError:
        return unquote(segment, errors="replace")


def key_of(deployment_id: str) -> str:
    """Return what stands for an id where it is remembered: of a huge one a digest, for a run may see many."""
    if len(deployment_id) <= LONGEST_ID:
        return deployment_id
    return sha256(deployment_id.encode("utf-8", "surrogatepass")).hexdigest()
