"""Judges many servers at a time, in processes: more of them than cores, since a run waits much of its time."""

from __future__ import annotations

import gc
import multiprocessing
import os
import queue
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.cli.memory import collect_rarely
from conformance.config.resolution import resolve
from conformance.config.settings import Settings
from conformance.contract.catalogue import load_catalogue
from conformance.run.session import Session
from tests.proof.cases import Case, Outcome

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from conformance.reference import ReferenceServer

PROCESSES_PER_CORE = 3
"""One run at a time in each: stories wait for whole seconds to pass, but several runs would wait for one interpreter."""
LONGEST = 900.0
"""Seconds after which a run sends no more; what it did not reach is not judged then."""
PATIENCE = LONGEST + 120
INTERNAL = 4


def default_jobs() -> int:
    """Return how many runs this machine judges at a time."""
    return PROCESSES_PER_CORE * (os.cpu_count() or 1)


def judge_all(cases: Iterable[Case], jobs: int | None = None) -> Iterator[Outcome]:
    """Judge all cases in `jobs` processes (default: `default_jobs`); yield outcomes as runs end.

    The slowest are begun first, so that the processes end together. Raises RuntimeError when a process dies or
    none answers.
    """
    cases = sorted(cases, key=_slowest_first)
    context = multiprocessing.get_context("spawn")
    todo: Any = context.Queue()
    done: Any = context.Queue()
    processes = min(jobs or default_jobs(), len(cases))
    for case in [*cases, *[None] * processes]:
        todo.put(case)
    nursery = context.Process(target=_raise_workers, args=(processes, todo, done))
    nursery.start()
    try:
        for _ in cases:
            yield _next(done, nursery)
        nursery.join()
    finally:
        todo.cancel_join_thread()  # nobody takes what is left of a proof that was stopped
        nursery.terminate()


def _slowest_first(case: Case) -> bool:
    return not {"property", "time"} & {*case.tiers}


def _next(done: Any, nursery: BaseProcess) -> Outcome:  # noqa: ANN401 (multiprocessing names no type)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            outcome: Outcome = done.get(timeout=1)
        except queue.Empty:
            if nursery.exitcode:
                raise RuntimeError("a process that judges servers has died") from None
        else:
            return outcome
    raise RuntimeError(f"no run ended within {PATIENCE:g} seconds")


def _raise_workers(count: int, todo: Any, done: Any) -> None:  # noqa: ANN401 (the same)
    """Collect the suite once and fork `count` workers; end with 1 when one of them dies."""
    from tests.proof.engine import collect

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # its daemons end with it
    collect()
    gc.freeze()
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_work, args=(todo, done), daemon=True) for _ in range(count)]
    for worker in workers:
        worker.start()
    left: dict[Any, BaseProcess] = {worker.sentinel: worker for worker in workers}
    while left:
        for sentinel in wait(left):
            ended = left.pop(sentinel)
            ended.join()
            if ended.exitcode:
                sys.exit(1)


def _work(todo: Any, done: Any) -> None:  # noqa: ANN401 (the same)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    collect_rarely()
    while (case := todo.get()) is not None:
        done.put(judge_case(case))
    done.close()
    done.join_thread()


def judge_case(case: Case) -> Outcome:
    """Serve and judge one case; a failure of the suite itself is an outcome as well."""
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder, case.server() as server:
            return _judged(case, settings_for(case, server, Path(folder)), began)
    except Exception as error:  # noqa: BLE001 (whoever reads the table is told)
        return Outcome(
            case, INTERNAL, {}, {}, 0, time.monotonic() - began, f"{type(error).__name__}: {error}"
        )


def _judged(case: Case, settings: Settings, began: float) -> Outcome:
    from tests.proof.engine import judge_in_process

    with _at_most(LONGEST) as watch:
        result = judge_in_process(settings, watch, case.stories or None, isolates=not case.only)
    rows = [row.verdict for row in (*result.judged, *result.searches)]
    return Outcome(
        case,
        result.exit_code,
        {row.requirement.id: str(row.verdict.outcome) for row in result.judged},
        {v.requirement: v.message for v in rows if str(v.outcome) in {"fail", "warn", "not-judged"}},
        result.traffic.requests,
        time.monotonic() - began,
        result.internal_error,
    )


@contextmanager
def _at_most(seconds: float) -> Iterator[Any]:
    """Yield what watches a session: after `seconds` it sends no more."""
    timers: list[threading.Timer] = []

    def watch(session: Session) -> None:
        timer = threading.Timer(seconds, session.target.stopped.set)
        timer.daemon = True
        timer.start()
        timers.append(timer)

    try:
        yield watch
    finally:
        for timer in timers:
            timer.cancel()


def settings_for(case: Case, server: ReferenceServer, folder: Path) -> Settings:
    """Return the settings that judge a running server with everything that options can add."""
    given = {
        "base_url": server.base_url,
        "profile": case.profile,
        "second_token_env": "SECOND",
        "archived_agent_id": server.archived_agent_id,
        "archived_environment_id": server.archived_environment_id,
        "tier": list(case.tiers),
        "only": list(case.only),
        "seed": case.seed,
        "report_dir": str(folder),
    }
    tokens = {"CONFORMANCE_TOKEN": server.tokens[0], "SECOND": server.tokens[1]}
    return resolve(given, tokens, load_catalogue(), folder)
