"""A document of a profile as it was read, and where in its files something stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """A document of a profile, and the texts that it was read from by the names of their files."""

    document: Mapping[str, Any]
    texts: Mapping[str, str]

    def place(self, path: Sequence[str]) -> str:
        """Return where something stands: `mine.toml, line 7: answers.pause-when-paused`."""
        dotted = ".".join(path) or "the profile"
        line = next(filter(None, (_line(name, text, path) for name, text in self.texts.items())), "")
        return f"{line}{dotted}"


def _line(name: str, text: str, path: Sequence[str]) -> str:
    """Return the file and line that name the last keys of a path, or an empty text.

    The reader of TOML keeps no lines, so that the first that looks like it has to do.
    """
    for key in reversed(path):
        word = rf"[\"']?{re.escape(key)}[\"']?"
        found = re.search(
            rf"^\s*(?:{word}\s*=|\[+[^\]]*{word}\]|[^=#\n]*[{{,]\s*{word}\s*=)", text, re.MULTILINE
        )
        if found:
            return f"{name}, line {text.count(chr(10), 0, found.end()) + 1}: "
    return ""


def nearest(given: str, allowed: Iterable[str]) -> str:
    """Return the end of a sentence: `. Did you mean X?` for the nearest allowed word, or a full stop."""
    from difflib import get_close_matches

    near = get_close_matches(given, list(allowed), n=1)
    return f". Did you mean {near[0]}?" if near else "."
