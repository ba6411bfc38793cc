"""The files for CI systems are what those systems read, and every command in them is one that there is."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from conformance.cli import _parser

FOLDER = Path(__file__).parents[1] / "docs" / "ci"
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
        _parser().parse_args(shlex.split(command)[1:])


def test_tokens_are_secrets_and_reports_are_kept_whatever_happens() -> None:
    github = yaml.safe_load((FOLDER / "github.yml").read_text(encoding="utf-8"))["jobs"]["conformance"]
    gitlab = yaml.safe_load((FOLDER / "gitlab.yml").read_text(encoding="utf-8"))["conformance"]
    assert github["env"]["CONFORMANCE_TOKEN"] == "${{ secrets.CONFORMANCE_TOKEN }}"
    upload = github["steps"][-1]
    assert "always()" in upload["if"]
    assert upload["with"]["path"] == gitlab["artifacts"]["paths"][0] == "reports/"
    assert gitlab["artifacts"]["when"] == "always"
    assert gitlab["artifacts"]["reports"]["junit"] == "reports/junit.xml"
