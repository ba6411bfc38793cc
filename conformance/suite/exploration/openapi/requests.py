"""The requests that are made of the OpenAPI file of a revision, as a run can send them.

schemathesis goes through the file value by value, in a process of its own (`generation`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from random import Random
from typing import Any, Final

from conformance.contract.catalogue import load_catalogue
from conformance.contract.comparing import shorten
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.exploration.case_limits import check_fields
from conformance.suite.exploration.cases import reader
from conformance.suite.exploration.openapi.promises import ALL_RUNS, PROBED_METHODS, ROUTES, RUNS

GENERATION: Final = "conformance.suite.exploration.openapi.generation"
GENERATION_SECONDS: Final = 120.0
PASSED_ON: Final = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "TEMP", "SYSTEMROOT")
"""Variables of the environment that the other process needs; tokens are in none of them."""
SUCCESS, REFUSAL, UNKNOWN = "success", "400", "404"
UNAUTHENTICATED, NO_SUCCESS, NO_CRASH = "401", "no success", "no failure of the server"
EXPECTED: Final = (SUCCESS, REFUSAL, UNKNOWN, UNAUTHENTICATED, NO_SUCCESS, NO_CRASH)
OWN, NONE, FORGED = "own", "none", "unknown"
SEVERAL: Final = "several fields"


@dataclass(frozen=True)
class Asked:
    """One request that schemathesis made of the file, and what the documents promise of its answer.

    `route` is as in the file, with its documented method; `credentials` are the run's own, none, or unknown.
    """

    route: str
    what: str
    promise: str
    expects: str
    method: str = ""
    credentials: str = OWN
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None

    def __post_init__(self) -> None:
        if not (
            self.route in ROUTES
            and self.expects in EXPECTED
            and self.credentials in (OWN, NONE, FORGED)
            and (not self.method or (self.method in PROBED_METHODS and "{id}" in self.route))
            and self.promise in load_catalogue().requirements
        ):
            raise ValueError(f"unknown: {self!r:.200}")
        if self.body is not None and not isinstance(self.body, dict):
            raise ValueError(f"the body is no object: {self.body!r:.60}")
        check_fields(self.body or {})
        if not all(isinstance(value, str) for value in self.query.values()):
            raise ValueError(f"the query holds more than texts: {self.query!r:.60}")

    def __str__(self) -> str:
        return f"{self.sent_to}, {self.what}"

    @property
    def sent_to(self) -> str:
        """The method and the route, as the file has it."""
        method, path = self.route.split(" ")
        return f"{self.method or method} {path}"

    @property
    def kind(self) -> tuple[str, ...]:
        """What requests have in common of which a few stand for all."""
        what = self.what
        if self.expects == SUCCESS and self.body and len(self.body) > 1:
            what = SEVERAL
        elif self.route in (RUNS, ALL_RUNS) and "limit" in self.query:
            what = "limit"
        return self.route, what, self.expects, self.credentials, self.method

    @property
    def key(self) -> str:
        """What two requests have in common that are the same to a server."""
        return json.dumps([self.route, self.method, self.credentials, self.query, self.body])


@cache
def requests(revision: str) -> tuple[Asked, ...]:
    """Return all requests that can be judged, each once and always in the same order.

    Raises NotJudgedError when schemathesis cannot make them.
    """
    # Importing schemathesis replaces parts of Hypothesis, which other tests of this process may use.
    known = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    path = os.pathsep.join(os.path.abspath(folder) for folder in sys.path)  # noqa: PTH100 (it may be empty)
    try:
        done = subprocess.run(  # noqa: S603 (our own module)
            [sys.executable, "-P", "-m", GENERATION, revision],
            env={**known, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
            timeout=GENERATION_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as error:
        why = str(getattr(error, "stderr", None) or error).strip().rpartition("\n")[2]
        reason = f"schemathesis {version('schemathesis')} made no requests: {shorten(why, 200)}"
        raise NotJudgedError(Blame.HARNESS, reason) from None
    read = reader(Asked)
    return tuple(read(row) for row in json.loads(done.stdout))


def deal(every: Sequence[Asked], seed: int, *, alike: int, bodies: int) -> list[Asked]:
    """Return requests of each kind: at most so many `alike`, and valid `bodies` of several fields.

    One of those has all fields.
    """
    kinds: dict[tuple[str, ...], list[Asked]] = defaultdict(list)
    for asked in every:
        kinds[asked.kind].append(asked)
    random = Random(seed)  # noqa: S311 (a choice that can be repeated, no secret)
    chosen: list[Asked] = []
    for kind, pile in kinds.items():
        most = bodies if SEVERAL in kind else alike
        whole = [max(pile, key=lambda asked: len(asked.body))] if SEVERAL in kind else []
        others = [asked for asked in pile if asked not in whole]
        chosen += [*whole, *random.sample(others, min(most - len(whole), len(others)))]
    return chosen


def filled(value: Any, own: Mapping[str, Any]) -> Any:  # noqa: ANN401 (JSON)
    """Return a value with this run's own in place of what `$` marks."""
    if isinstance(value, dict):
        return {name: filled(part, own) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, own) for part in value]
    return own.get(value, value) if isinstance(value, str) else value
