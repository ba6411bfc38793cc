"""A verdict's evidence made short: the exchanges that show a broken promise first, never a silent cut."""

from __future__ import annotations

import re

# The head of one exchange in a timeline: `>> #3 label` for a culprit, `-- #2 label` for its neighbours.
_HEAD = re.compile(r"^(?=(?:>>|--) #\d+ )", re.MULTILINE)


def culprits(evidence: str) -> str:
    """Return the exchanges of a timeline that are marked as culprits, with a note of how many were left out.

    Evidence that marks none, such as a traceback, is returned as it is.
    """
    blocks = [block for block in _HEAD.split(evidence) if block.strip()]
    marked = [block.rstrip("\n") for block in blocks if block.startswith(">>")]
    if not marked or len(marked) == len(blocks):
        return evidence
    others = len(blocks) - len(marked)
    return "\n".join([*marked, f"({others} other exchange{'s' * (others > 1)}: result.json)"])


def capped(evidence: str, limit: int) -> str:
    """Return at most about `limit` characters: the culprits if not all fit, then the head and the tail."""
    if len(evidence) <= limit:
        return evidence
    shown = culprits(evidence)
    if len(shown) > limit:
        half = limit // 2
        shown = f"{shown[:half]}\n[... {len(shown) - 2 * half} characters cut ...]\n{shown[-half:]}"
    return f"{shown}\n[shortened from {len(evidence)} characters; result.json has the whole]"
