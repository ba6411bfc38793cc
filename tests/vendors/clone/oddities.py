"""The decisions that the documents of the Anthropic shape leave to a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, kw_only=True)
class Oddities:
    """One legal way of being such a server, but for the two that say which promise they break."""

    # State.
    repeated: Literal[200, 400, 409] = 200
    """What a second pause or unpause is answered, and a second archive."""
    once_archived: Literal[400, 404, 409] = 400
    keeps_paused: bool = False
    """What was paused stays so when it is archived: breaks archive.keeps-status-active."""
    repeated_moves: bool = False
    """A second pause moves `updated_at`."""
    names_are_unique: bool = False

    # What answers look like.
    ids: Literal["base62", "uuid", "ulid", "number"] = "base62"
    times: Literal["us", "seconds", "ms", "ns", "offset"] = "us"
    extras: bool = False
    """Objects, errors, envelopes and runs have members that no page names."""
    last_run: Literal["null", "absent"] = "null"
    last_page: Literal["null", "absent"] = "null"
    upcoming: Literal[1, 3, 5] = 5
    oldest_first: bool = False
    created: Literal[200, 201] = 200

    # What is accepted.
    longest_name: Literal[256, 257] = 256
    """With 257, breaks create.name-of-257-is-400 and update.name-of-257-is-400."""
    null_metadata: Literal["kept", "refused", "cleared"] = "kept"
    unknown_fields: Literal["refused", "ignored"] = "refused"
    action_bodies: Literal["ignored", "refused"] = "ignored"
    missing: Literal[400, 404] = 404
    """What a reference to nothing is answered."""
    malformed_id: Literal[400, 404] = 404
    foreign: Literal[403, 404] = 404
    large_limits: Literal["refused", "capped"] = "refused"
    cursors: Literal["ignored", "refused"] = "ignored"
    """What `after_id` and other parameters that no page names are."""
    tokens: Literal["opaque", "offset"] = "opaque"

    # The door.
    needed: tuple[str, ...] = ("anthropic-version", "anthropic-beta")
    takes_bearer: bool = False


BREAKS: Final[Mapping[str, tuple[str, ...]]] = {
    "keeps_paused": ("archive.keeps-status-active",),
    "longest_name": ("create.name-of-257-is-400", "update.name-of-257-is-400"),
}
"""The oddities that break a promise, as many clones do, with what they break."""
