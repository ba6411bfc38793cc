"""Judges the clone: `python -m tests.vendors.clone faults [NAME…]`, or `… oddities [RUNS] [SEED]`.

Prints a line for each server and what was accused or not judged wrongly: a fault must be named by what it
breaks and by nothing else, an odd server by nothing at all.
"""

from __future__ import annotations

import random
import sys
from dataclasses import fields
from typing import get_args, get_type_hints

from tests.twins.catalogue import ADVISORY
from tests.vendors.clone.faults import FAULTS
from tests.vendors.clone.judging import judge
from tests.vendors.clone.oddities import BREAKS, Oddities
from tests.vendors.clone.service import Clone


def draw(seed: int) -> Oddities:
    """Return oddities of which each is drawn."""
    chance, hints = random.Random(seed), get_type_hints(Oddities)  # noqa: S311 (not for secrets)
    drawn = {
        field.name: chance.choice(get_args(hints[field.name]) or (False, True))
        for field in fields(Oddities)
        if field.name != "needed"
    }
    return Oddities(**drawn, needed=chance.choice(((), ("anthropic-beta",), Oddities().needed)))


def faults(names: list[str]) -> None:
    for one in FAULTS:
        if names and one.service.__name__ not in names:
            continue
        run = judge(one.service(), "--tier", one.tier)
        found, wanted = run.broken() - ADVISORY, {one.breaks, *one.also}
        print("SHARP" if found == wanted else "WRONG", one.service.__name__, sorted(found), flush=True)  # noqa: T201
        for name in sorted(found - wanted):
            print(f"    {name}: {run.message(name)}", flush=True)  # noqa: T201


def oddities(runs: int, first: int) -> None:
    for seed in range(first, first + runs):
        odd = draw(seed)
        run = judge(Clone(odd), "--seed", str(seed))
        wanted = {name for field, names in BREAKS.items() if _differs(odd, field) for name in names}
        found = (run.broken() - ADVISORY) ^ wanted
        print("fine" if not found else "WRONG", seed, odd, flush=True)  # noqa: T201
        for name in sorted(found | run.with_verdict("not-judged")):
            print(f"    {name}: {run.message(name)}", flush=True)  # noqa: T201


def _differs(odd: Oddities, field: str) -> bool:
    return bool(getattr(odd, field) != getattr(Oddities(), field))


if __name__ == "__main__":
    if sys.argv[1:2] == ["faults"]:
        faults(sys.argv[2:])
    else:
        numbers = [int(word) for word in sys.argv[2:4]]
        oddities(*(numbers + [10, 0][len(numbers) :]))
