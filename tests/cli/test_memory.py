"""Threads that read huge answers one after another need the memory of one of them."""

from __future__ import annotations

import subprocess
import sys

import pytest

READERS = """
import sys, threading
from pathlib import Path
from conformance.cli.memory import give_memory_back

def read(kept, done, over):
    blocks = [b"x" * 100_000 for _ in range(400)]
    kept.append(b"x" * 1_000)  # what stays behind the blocks: their memory cannot leave the end of a heap
    del blocks
    done.set()
    over.wait()

if "give" in sys.argv:
    give_memory_back()
over, kept, threads = threading.Event(), [], []
for _ in range(6):
    done = threading.Event()
    threads.append(threading.Thread(target=read, args=(kept, done, over)))
    threads[-1].start()
    done.wait()
over.set()
for thread in threads:
    thread.join()
status = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the parameters are glibc's")
def test_threads_share_one_heap() -> None:
    def peak(*words: str) -> int:
        command = [sys.executable, "-c", READERS, *words]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert peak() > 1.4 * peak("give")
