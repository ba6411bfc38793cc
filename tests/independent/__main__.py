"""Looks for false accusations: `python -m tests.independent [RUNS] [SEED]`.

Draws legal ways at random, judges a server that takes them with the tiers of a default run, and prints a line
for each, and what was accused or not judged.
"""

from __future__ import annotations

import random
import sys
from dataclasses import Field, fields, replace
from typing import Any, get_args, get_type_hints

from tests.independent import IndependentServer, Ways
from tests.independent.service import OLD_AGENT, OLD_ENVIRONMENT, TOKENS
from tests.judge import run_conformance
from tests.twins.catalogue import ADVISORY

OTHERS: dict[str, tuple[Any, ...]] = {
    "content_type": ("any", 400, 415),
    "missing_reference": (400, 404),
    "malformed_id": (404, 400),
    "foreign": (404,),
    "archived_change": ((409, "conflict_error"), (400, "invalid_request_error"), (403, "permission_error")),
    "least_minutes": (1, 60),
    "skew": (0.0, 140.0, -95.0),
    "lag": (0.0, 0.3, 1.5),
    "delay": (0.0, 0.02, 0.15),
    "work": (0.0,),
    "per_second": (0.0,),
    "agent_versions": (1, 3),
    "create_status": (200, 201),
    "charset": ("", "; charset=utf-8"),
    "idempotency": ("honoured",),
}
"""Values of ways whose type does not list them, and of those where another one is warned of: SHOULDs."""
CHANGED = 6
"""How many ways differ from the plainest in each run."""


def values(way: Field[Any], hint: object) -> tuple[Any, ...]:
    """Return the values that one way may have."""
    return OTHERS.get(way.name) or get_args(hint) or (False, True)


def draw(chance: random.Random) -> Ways:
    """Return the plainest ways but for a few."""
    hints = get_type_hints(Ways)
    chosen = chance.sample([way for way in fields(Ways) if way.name != "revision"], CHANGED)
    changed = {way.name: chance.choice(values(way, hints[way.name])) for way in chosen}
    return replace(Ways(), revision=chance.choice(get_args(hints["revision"])), **changed)


def tell(ways: Ways) -> str:
    """Return the ways that differ from the plainest."""
    plain = Ways()
    return " ".join(
        f"{way.name}={getattr(ways, way.name)!r}"
        for way in fields(Ways)
        if getattr(ways, way.name) != getattr(plain, way.name)
    )


def judge(ways: Ways, seed: int) -> list[str]:
    """Judge one server; return a line for each accusation, and for what was not judged."""
    first, second = list(TOKENS)
    with IndependentServer(ways) as server:
        run = run_conformance(
            "--base-url", server.base_url, "--second-token-env", "SECOND", "--seed", str(seed),
            "--archived-agent-id", OLD_AGENT, "--archived-environment-id", OLD_ENVIRONMENT,
            environment={"CONFORMANCE_TOKEN": first, "SECOND": second},
        )  # fmt: skip
    accused = sorted(run.broken() - ADVISORY)
    unjudged = sorted(run.with_verdict("not-judged"))
    found = [f"    accused {name}: {run.message(name)}" for name in accused]
    return found + [f"    not judged {name}: {run.message(name)}" for name in unjudged]


def main(words: list[str]) -> None:
    runs, first = int(words[0]) if words else 10, int(words[1]) if words[1:] else 0
    for seed in range(first, first + runs):
        ways = draw(random.Random(seed))  # noqa: S311 (not for secrets)
        found = judge(ways, seed)
        print(f"{'ACCUSED' if found else 'fine'} {seed}: {tell(ways)}", *found, sep="\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
