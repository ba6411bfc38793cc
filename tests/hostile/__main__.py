"""`python -m tests.hostile [NAME…]`: judge hostile targets and print what each cost."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.catalogue import load_hostile
from tests.hostile.judged import judge_hostile


def lines(names: list[str]) -> Iterator[str]:
    """Judge the named targets, or all; yield what is to be said of each."""
    targets = load_hostile()
    yield f"{'target':<34} exit seconds   MB report  verdict"
    for name in names or targets:
        with tempfile.TemporaryDirectory() as folder:
            run = judge_hostile(targets[name], Path(folder))
            mark = "" if run.code in targets[name].codes else "  <<<<"
            figures = f"{run.code:4} {run.seconds:7.1f} {run.megabytes:4.0f} {run.reported:6.1f}"
            yield f"{name:<34} {figures}  {run.last_line[:110]}{mark}"
            yield from (f"    {complaint}" for complaint in run.complaints[:3])
            if mark:
                yield f"    {run.errors[-600:]}"


for line in lines(sys.argv[1:]):
    print(line, flush=True)  # noqa: T201 (the lines are what it is for)
