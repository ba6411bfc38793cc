"""A saved run is judged again, offline: the same verdicts, wherever the target has gone."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.reference import ReferenceServer, Request, Response, Service
from tests.door import HANGS, environment
from tests.faults.catalogue import load_faults

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "schemas" / "report" / "evidence.schema.json").read_text())
OFFLINE = """
import socket, sys
def refuse(*_, **__):
    raise AssertionError("the network was used")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.create_connection = socket.getaddrinfo = refuse
from conformance.cli import main
sys.exit(main(sys.argv[1:]))
"""
SOME = "pause.*,errors.*,object.*,list.*,property.ids,race.updates"
"""Requirements of all kinds: of one story and of several, about every answer, and two searches."""
Verdicts = dict[str, tuple[str, str]]


def call(words: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment(**more),
        capture_output=True, text=True, check=False, timeout=HANGS,
    )  # fmt: skip


def judge(server: ReferenceServer, folder: Path, *words: str) -> int:
    tokens = {"CONFORMANCE_TOKEN": server.tokens[0], "SECOND": server.tokens[1]}
    command = [
        "-m",
        "conformance",
        "run",
        "--base-url",
        server.base_url,
        "--second-token-env",
        "SECOND",
        "--seed",
        "3",
    ]
    return call([*command, *words], folder, **tokens).returncode


def rejudge(folder: Path, *words: str, file: str = "reports") -> subprocess.CompletedProcess[str]:
    return call(["-c", OFFLINE, "rejudge", file, "--report-dir", "again", *words], folder)


def result(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return found


def verdicts(folder: Path) -> Verdicts:
    found = result(folder)
    return {
        row["id"]: (row["verdict"], row["message"]) for row in (*found["requirements"], *found["searches"])
    }


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        gzip.decompress((folder / "reports" / "evidence.json.gz").read_bytes())
    )
    return found


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of the reference, which has gone since."""
    folder = tmp_path_factory.mktemp("saved")
    with ReferenceServer() as server:
        assert judge(server, folder, "--examples", "3", "--only", SOME) == 0
    return folder


def test_a_run_has_the_same_verdicts_again_without_a_network(saved: Path) -> None:
    told = rejudge(saved)
    assert (told.returncode, told.stderr) == (0, "")
    assert verdicts(saved / "again") == verdicts(saved / "reports")
    then, now = result(saved / "reports"), result(saved / "again")
    for name in ("target", "profile", "revision", "seed", "run_id", "started_at", "totals"):
        assert now[name] == then[name], name
    assert f"none of {len(verdicts(saved / 'again'))} verdicts changed" in told.stdout
    assert sorted(path.name for path in (saved / "again").iterdir()) == [
        "junit.xml",
        "report.html",
        "result.json",
        "summary.md",
    ]


def test_the_saved_run_keeps_the_schema(saved: Path) -> None:
    jsonschema.validate(document(saved), SCHEMA)


def test_a_selection_is_judged_alone(saved: Path) -> None:
    told = rejudge(saved, "--only", "pause.*", "-k", "reason")
    assert told.returncode == 0
    assert set(verdicts(saved / "again")) == {
        name for name in verdicts(saved / "reports") if name == "pause.reason-is-manual"
    }


def test_what_has_changed_is_said(saved: Path, tmp_path: Path) -> None:
    changed = document(saved)
    for row in changed["verdicts"]:
        if row["requirement"] == "pause.second-is-conflict":
            row["outcome"] = "fail"
    (tmp_path / "run.gz").write_bytes(gzip.compress(json.dumps(changed).encode()))
    told = rejudge(tmp_path, file="run.gz")
    assert told.returncode == 0
    assert "notice: pause.second-is-conflict: fail → pass" in told.stdout
    assert "pause.second-is-conflict: fail → pass" in result(tmp_path / "again")["notices"]


def test_a_story_that_was_not_told_is_not_invented(saved: Path, tmp_path: Path) -> None:
    for interrupted, code, verdict in ((False, 3, "not-applicable"), (True, 3, "not-judged")):
        changed = document(saved) | {"interrupted": interrupted}
        del changed["parts"][0]["stories"]["pause_twice"]
        (tmp_path / "run.gz").write_bytes(gzip.compress(json.dumps(changed).encode()))
        told = rejudge(tmp_path, "--only", "pause.second-is-conflict", file="run.gz")
        assert told.returncode == code, told.stdout
        assert verdicts(tmp_path / "again")["pause.second-is-conflict"][0] == verdict


@pytest.mark.parametrize("ways", [[], ["-n", "2"]], ids=["", "-n 2"])
def test_what_was_broken_is_broken_again(ways: list[str], tmp_path: Path) -> None:
    name = "PauseTwiceIsFine"
    with ReferenceServer(load_faults()[name].service) as server:
        assert judge(server, tmp_path, "--only", "pause.*", "--tier", "core", *ways) == 1
    told = rejudge(tmp_path)
    assert told.returncode == 1
    assert load_faults()[name].breaks in {
        name for name, (verdict, _) in verdicts(tmp_path / "again").items() if verdict == "fail"
    }
    assert outcomes(verdicts(tmp_path / "again")) == outcomes(verdicts(tmp_path / "reports"))
    assert [path.name for path in (tmp_path / "reports").iterdir() if path.name.startswith(".")] == []


def outcomes(found: Verdicts) -> dict[str, str]:
    return {name: verdict for name, (verdict, _) in found.items()}


class Echo(Service):
    """Puts the token into every deployment and error, as a value and as the name of a member."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        token = request.headers.get("authorization", "").rpartition(" ")[2]
        if isinstance(response.document, dict) and token:
            return Response(
                response.status, {**response.document, "echo": {token: f"<{token}>"}}, response.headers
            )
        return response


def test_a_run_whose_answers_hold_the_token_has_the_same_verdicts_without_it(tmp_path: Path) -> None:
    with ReferenceServer(Echo) as server:
        code = judge(server, tmp_path, "--tier", "core", "--only", "pause.*,auth.*")
    text = json.dumps(document(tmp_path))
    assert server.tokens[0] not in text
    assert server.tokens[1] not in text
    assert "[redacted:" in text
    assert rejudge(tmp_path).returncode == code
    assert outcomes(verdicts(tmp_path / "again")) == outcomes(verdicts(tmp_path / "reports"))


Damage = Callable[[bytes], bytes]
WRONG: dict[str, tuple[Damage, str]] = {
    "cut off": (lambda content: content[:-100], "cut off"),
    "not ours": (lambda _: b"PK plain", "no evidence of a run"),
    "newer": (
        lambda content: gzip.compress(gzip.decompress(content).replace(b'"1.2"', b'"9.0"', 1)),
        "schema version 9.0; this suite reads 1.0 and 1.1 and 1.2",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_file_that_cannot_be_judged_is_wrong_usage(kind: str, saved: Path, tmp_path: Path) -> None:
    damage, said = WRONG[kind]
    content = (saved / "reports" / "evidence.json.gz").read_bytes()
    (tmp_path / "run.gz").write_bytes(damage(content))
    told = rejudge(tmp_path, file="run.gz")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("conformance: run.gz")
    assert said in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [(["nowhere.gz"], "cannot be read"), ([], "required: FILE"), (["reports", "--only", "x.y"], "--only")],
)
def test_wrong_usage_is_told_in_a_line_or_two(words: list[str], said: str, saved: Path) -> None:
    told = call(["-m", "conformance", "rejudge", *words], saved)
    assert told.returncode == 2
    assert said in told.stderr
    assert "Traceback" not in told.stderr
