"""The files for CI systems are what those systems read, and every command in them is one that there is."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.cli import make_parser
from conformance.reference import ReferenceServer, Service
from tests.door import HANGS, ONE, Door, SecondPauseSucceeds

FOLDER = Path(__file__).parents[1] / "docs" / "ci"
ROOT = Path(__file__).parents[1]
SCHEMAS = [
    ("github.yml", "vendor.github-workflows"),
    ("github.yml", "custom.github-workflows-require-timeout"),
    ("gitlab.yml", "vendor.gitlab-ci"),
]


def check(path: Path, schema: str) -> int:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize(("name", "schema"), SCHEMAS)
def test_a_file_is_what_its_system_reads(tmp_path: Path, name: str, schema: str) -> None:
    assert check(FOLDER / name, schema) == 0
    broken = tmp_path / name
    words = {"timeout-minutes": "x-minutes", "timeout: 40 minutes": "timeout: [40]", "runs-on": "runs"}
    text = (FOLDER / name).read_text(encoding="utf-8")
    for word, other in words.items():
        text = text.replace(word, other)
    broken.write_text(text)
    assert check(broken, schema) != 0


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_every_command_is_one_that_there_is(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    commands = re.findall(r"^\s*(?:-|run:) (conformance .*)$", text, re.MULTILINE)
    assert [shlex.split(command)[1] for command in commands] == ["doctor", "run", "sweep"]
    for command in commands:
        make_parser().parse_args(shlex.split(command)[1:])


def test_tokens_are_secrets_and_reports_are_kept_whatever_happens() -> None:
    github = yaml.safe_load((FOLDER / "github.yml").read_text(encoding="utf-8"))["jobs"]["conformance"]
    gitlab = yaml.safe_load((FOLDER / "gitlab.yml").read_text(encoding="utf-8"))["conformance"]
    assert github["env"]["CONFORMANCE_TOKEN"] == "${{ secrets.CONFORMANCE_TOKEN }}"
    upload = github["steps"][-1]
    assert "always()" in upload["if"]
    assert upload["with"]["path"] == gitlab["artifacts"]["paths"][0] == "reports/"
    assert gitlab["artifacts"]["when"] == "always"
    assert gitlab["artifacts"]["reports"]["junit"] == "reports/junit.xml"


def action() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return document


def test_the_action_is_one_that_github_reads(tmp_path: Path) -> None:
    assert check(ROOT / "action.yml", "vendor.github-actions") == 0
    broken = tmp_path / "action.yml"
    broken.write_text((ROOT / "action.yml").read_text().replace("using: composite", "using: bash"))
    assert check(broken, "vendor.github-actions") != 0


def step(door: Door, name: str, given: Mapping[str, str]) -> tuple[int, str]:
    """Run one step of the action as GitHub's runner does: its inputs in the environment, bash that stops at errors."""
    (found,) = (one for one in action()["runs"]["steps"] if one["name"] == name)
    inputs = {key: value.get("default", "") for key, value in action()["inputs"].items()} | dict(given)
    values = {
        key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: inputs[match[1]], text)
        for key, text in found["env"].items()
    }
    (door.cwd / "output").touch()
    programs = door.cwd / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "conformance").write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m conformance "$@"\n'
    )
    (programs / "conformance").chmod(0o755)
    path = f"{programs}:{door.environment['PATH']}"
    process = subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found["run"]], cwd=door.cwd, check=False,
        env={**door.environment, **values, "PATH": path, "GITHUB_OUTPUT": str(door.cwd / "output"), "GITHUB_ACTIONS": "true"},
        capture_output=True, text=True, timeout=HANGS,
    )  # fmt: skip
    return process.returncode, process.stdout


@pytest.mark.parametrize(
    ("service", "code", "verdict"),
    [(Service, 0, "PASS"), (SecondPauseSucceeds, 1, "FAIL")],
    ids=["kept", "broken"],
)
def test_the_steps_of_the_action_judge_and_clean_up(
    door: Door, service: type[Service], code: int, verdict: str
) -> None:
    with ReferenceServer(service) as server:
        given = {
            "base-url": server.base_url,
            "token": server.tokens[0],
            "arguments": f"--only {ONE} -q",
            "report-dir": "out",
        }
        judged, output = step(door, "Judge", given)
        swept, _ = step(door, "Archive what a killed run left", given)
    assert (judged, swept) == (code, 0), output
    assert (door.cwd / "output").read_text().splitlines() == [f"verdict={verdict}", "report-dir=out"]
    assert (door.cwd / "out" / "junit.xml").exists()
    assert (f"::error title={ONE}::expected 409" in output) is bool(code)


def test_the_action_without_a_url_ends_with_an_error(door: Door) -> None:
    code, _ = step(door, "Judge", {"base-url": "", "token": "pt-x-0000"})
    assert code == 2
    assert "verdict=ERROR" in (door.cwd / "output").read_text()


def test_outputs_are_those_of_the_step_that_judges() -> None:
    document = action()
    assert {name: one["value"] for name, one in document["outputs"].items()} == {
        name: f"${{{{ steps.judge.outputs.{name} }}}}" for name in ("verdict", "report-dir")
    }
