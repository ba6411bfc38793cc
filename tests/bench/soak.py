"""Judges a server again and again in one process: `python -m tests.bench.soak [REQUESTS]`.

The server runs in a process of its own. Until REQUESTS (default 20,000) have been sent, prints for each default
run what this process holds when it is over; at the end, one JSON document with the first and the last of it.
"""

from __future__ import annotations

import gc
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from conformance.config.resolution import resolve
from conformance.config.settings import Settings
from conformance.contract.areas import DEFAULT_TIERS
from conformance.contract.catalogue import load_catalogue
from tests.proof.engine import judge_in_process

REQUESTS = 20_000
MEBI = 1024 * 1024


@dataclass(frozen=True)
class Held:
    """What a process holds after a run; the peak is of all its time."""

    requests: int
    exit_code: int
    resident_mib: float
    peak_mib: float
    descriptors: int
    threads: int


@contextmanager
def served() -> Iterator[dict[str, str]]:
    """Serve the reference in a process of its own; yield the variables that say how it is judged."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "conformance", "serve", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        said = ""
        while "CONFORMANCE_TOKEN=" not in said and process.stdout:
            said += process.stdout.readline()
        url = re.search(r" at (http://[^;\s]+)", said)
        token = re.search(r"CONFORMANCE_TOKEN=(\S+)", said)
        if not url or not token:
            raise RuntimeError(f"`conformance serve` said {said!r}")
        yield {"CONFORMANCE_BASE_URL": url[1], "CONFORMANCE_TOKEN": token[1]}
    finally:
        process.terminate()
        process.wait()


def held(requests: int, exit_code: int) -> Held:
    gc.collect()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return Held(
        requests,
        exit_code,
        round(resident / MEBI, 1),
        round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        len(list(Path("/proc/self/fd").iterdir())),
        threading.active_count(),
    )


def run(environment: dict[str, str], folder: Path, seed: int) -> tuple[int, int]:
    """Judge once by the default tiers; return the requests and the exit code."""
    settings: Settings = resolve(
        {"seed": str(seed), "tier": list(DEFAULT_TIERS), "report_dir": str(folder)},
        environment, load_catalogue(), folder,
    )  # fmt: skip
    result = judge_in_process(settings, lambda _: None)
    return result.traffic.requests, result.exit_code


def main(words: list[str]) -> int:
    wanted, sent, rows = int(words[0]) if words else REQUESTS, 0, list[Held]()
    with served() as environment, tempfile.TemporaryDirectory() as folder:
        while sent < wanted:
            requests, exit_code = run(environment, Path(folder), seed=len(rows))
            sent += requests
            rows.append(held(sent, exit_code))
            print(rows[-1], flush=True)  # noqa: T201 (what it is for)
    print(json.dumps({"runs": len(rows), "first": asdict(rows[0]), "last": asdict(rows[-1])}, indent=1))  # noqa: T201 (the same)
    return max(row.exit_code for row in rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
