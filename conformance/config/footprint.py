"""How far a run goes, by the word of `--footprint`: its figures, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """What a run tries; `searches` tells whether searches run at all.

    `musts`: only stories without which some MUST could not be judged are told, and of their questions
    none that are open, or of a SHOULD alone, and one where several are alike; what else they show is judged.
    `examples` are values of each property search, its whole boundary table included; `--examples` has
    precedence. `archives` are those with an odd body, `bodies` the valid ones of a creation and
    of an update that the OpenAPI file has, `alike` its requests of one kind.
    `rounds` are those of a race, `final_rounds` those of one that costs a deployment each. `walks` are those
    of each flavour of the lifecycle search. Once something is found, `spare_requests` and `spare_created` are
    what one search may ask and create to take it apart.
    """

    searches: bool = True
    musts: bool = False
    examples: int
    archives: int
    bodies: int
    alike: int
    rounds: int
    final_rounds: int
    walks: int
    spare_requests: int
    spare_created: int


FOOTPRINTS: Mapping[str, Footprint] = {
    "minimal": Footprint(
        searches=False, musts=True,
        examples=1, archives=0, bodies=0, alike=0, rounds=0, final_rounds=0, walks=0,
        spare_requests=0, spare_created=0,
    ),
    "small": Footprint(
        examples=20, archives=2, bodies=2, alike=1, rounds=3, final_rounds=2, walks=1,
        spare_requests=400, spare_created=40,
    ),
    "normal": Footprint(
        examples=60, archives=6, bodies=8, alike=100, rounds=10, final_rounds=10, walks=1,
        spare_requests=1_000, spare_created=100,
    ),
    "thorough": Footprint(
        examples=250, archives=25, bodies=100, alike=100, rounds=40, final_rounds=40, walks=4,
        spare_requests=3_000, spare_created=300,
    ),
}  # fmt: skip
REPEATED_REQUESTS, REPEATED_CREATED, REPEATED_SECONDS = 800, 60, 60.0
"""What stories may take that are told again, each alone, on a target that changes what no request named."""
COMPARED_REQUESTS, COMPARED_CREATED, COMPARED_SECONDS = 400, 60, 40.0
"""What stories may take that are told again with plain values, and half of it with one that is rich."""
SEARCHED_TIERS = ("property", "race")
"""The tiers that searches judge, and nothing else."""
SMALLEST_WITH_SEARCHES = next(word for word, footprint in FOOTPRINTS.items() if footprint.searches)
LARGER = f"judged with --footprint {SMALLEST_WITH_SEARCHES} or a larger one"
"""Why something is not judged by a smaller one."""
