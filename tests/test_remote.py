"""pytest-xdist's workers on other machines, as docs/ci/ssh-workers.md has it: over an sshd of the test's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.reference import ReferenceServer
from tests.door import HANGS, environment

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
FEW = "pause.second-is-conflict,race.pauses"


@pytest.fixture
def login(tmp_path: Path) -> Iterator[Path]:
    """A configuration of ssh with a host `worker`, which is this machine."""
    if SSHD is None or shutil.which("ssh-keygen") is None:
        pytest.skip("needs sshd: apt-get install openssh-server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / key], check=True)  # noqa: S607 (found above)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it separates its privileges
    (tmp_path / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nPidFile none\nStrictModes no\nUsePAM no\n"
        f"AuthorizedKeysFile {tmp_path}/user.pub\nPasswordAuthentication no\nAcceptEnv CONFORMANCE_*\n"
    )
    (tmp_path / "ssh_config").write_text(
        f"Host worker\n HostName 127.0.0.1\n Port {port}\n IdentityFile {tmp_path}/user\n SendEnv CONFORMANCE_*\n"
        f" StrictHostKeyChecking no\n UserKnownHostsFile {tmp_path}/known\n LogLevel ERROR\n"
    )
    daemon = subprocess.Popen([SSHD, "-D", "-f", tmp_path / "sshd_config"])
    while socket.socket().connect_ex(("127.0.0.1", port)) and daemon.poll() is None:
        time.sleep(0.05)
    yield tmp_path / "ssh_config"
    daemon.terminate()
    daemon.wait()


def judge(server: ReferenceServer, folder: Path, spec: str) -> str:
    """Judge with workers of a kind; return what pytest said."""
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "conformance.suite", "-p", "no:cacheprovider",
         "-p", "no:schemathesis", f"--conformance-base-url={server.base_url}", f"--conformance-only={FEW}",
         "--conformance-report-dir=reports", "--dist", "load", "--tx", spec],
        capture_output=True, text=True, check=False, cwd=folder, timeout=HANGS,
        env=environment(CONFORMANCE_TOKEN=server.tokens[0]),
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def test_workers_over_ssh(login: Path, tmp_path: Path) -> None:
    with ReferenceServer() as server:
        worker = f"ssh=-F {login} worker//python={sys.executable}//chdir={tmp_path}/remote"
        output = judge(server, tmp_path, f"2*{worker}")
    assert "conformance: PASS" in output
    assert "0 not judged" in output
    assert (tmp_path / "reports" / "result.json").exists()
    assert (tmp_path / "remote" / "reports" / "ledger.jsonl").exists()
    assert not (tmp_path / "reports" / "ledger.jsonl").exists()


def test_a_worker_elsewhere_keeps_its_ledger_and_evidence_and_that_is_said(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    with ReferenceServer() as server:
        output = " ".join(
            judge(server, tmp_path, f"popen//chdir={elsewhere}//python={sys.executable}").split()
        )
    assert "conformance: PASS" in output
    assert "evidence and ledger are on its machine" in output
    assert (elsewhere / "reports" / "ledger.jsonl").exists()
