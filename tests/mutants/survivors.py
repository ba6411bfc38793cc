"""What mutants changed that lived, and why a test need not tell: for a person who reads the list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

NOT_EXPLAINED = (
    "No written exchange tells these apart: a test is missing, or the code says more than it needs"
)
KINDS = (
    ("A separator, where a list has one entry in every written exchange", r"XX[,;] XX"),
    ("How much of a long value is shown", r"shorten\([^→]*(?:, \)|, (?:81|71|41|121)\))|most_common\(None\)"),
    ("A spelling of the same encoding, or the default of the platform where tests run", r"encoding="),
    (
        "A guard of Python's that speaks up only when something else is wrong already",
        r"strict=(?:None|False)|zip\([^→]*, \)|map\([^→]*, \)|allow_nan|indent=1, \)",
    ),
    ("What a lookup finds where there is nothing, which leads to the same verdict", r"\.get\([^→]*→[^→]*(?:None|, \)|XXXX)"),
    ("An order or a key that only saves work", r"sort_keys|key=None|json\.dumps\(document, \)|seen\.add|key = "),
    ("A guard against shapes that a check before it has refused already", r"\) (?:or True|and False)"),
)  # fmt: skip
"""The reason why most of a kind may live, and what the lines before and after the change look like together."""


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test noticed: the function that was changed, and the lines before and after."""

    function: str
    before: str
    after: str

    @property
    def why(self) -> str:
        """Why no test has to notice it, or that none does."""
        if _without_bounds(self.before) == _without_bounds(self.after):
            return "A bound that is met exactly: either side of it is right"
        change = f"{self.before} → {self.after}"
        return next((why for why, pattern in KINDS if re.search(pattern, change)), NOT_EXPLAINED)


def survivor(mutant: str, diff: Iterable[str]) -> Survivor:
    """Return what a mutant, named as mutmut does, changed by its unified diff."""
    lines = list(diff)[3:]
    before, after = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in ("-", "+")
    )
    function = mutant.removeprefix("conformance.").rpartition("__mutmut_")[0]
    return Survivor(re.sub(r"\.x_|\.xǁ|ǁ", ".", function), before, after)


def told(survivors: Iterable[Survivor]) -> Iterator[str]:
    """Yield the lines of a page in Markdown: survivors by the reason why they may live."""
    known = {NOT_EXPLAINED: 1}
    ordered = sorted(survivors, key=lambda one: (known.get(one.why, 0), one.why))
    for why, alike in groupby(ordered, key=lambda one: one.why):
        ours = list(alike)
        yield f"\n## {why} ({len(ours)})\n"
        for one in ours:
            yield f"- `{one.function}`\n  - `` {one.before} ``\n  - `` {one.after} ``"


def _without_bounds(code: str) -> str:
    return re.sub(r"[<>]=?", "~", code)
