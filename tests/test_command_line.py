"""The command line as a reader and a shell see it: help in groups, examples that work, completion."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.cli import COMMANDS, make_parser
from conformance.cli.completion import SHELLS
from conformance.cli.parsers import GROUPS
from conformance.config.options import OPTIONS
from tests.door import HANGS, Door, environment


def help_of(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        make_parser().parse_args([name, "--help"])
    return capsys.readouterr().out


def test_every_option_is_in_one_group() -> None:
    grouped = [name for members in GROUPS.values() for name in members]
    assert sorted(grouped) == sorted(option.name for option in OPTIONS)


def test_help_of_a_run_has_groups_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    text = help_of("run", capsys)
    assert [title for title in GROUPS if f"\n{title}:\n" not in text] == []
    assert "conformance run --reference" in text


def test_every_example_is_a_command_that_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    names = [module.__name__.rpartition(".")[2] for module in COMMANDS]
    examples = [
        line
        for name in names
        for line in re.findall(r"^  (conformance .*)$", help_of(name, capsys), re.MULTILINE)
    ]
    assert len(examples) > 10
    for example in examples:
        make_parser().parse_args(shlex.split(example.partition(" | ")[0])[1:])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "sweep --reference",
            "conformance sweep: unrecognized arguments: --reference. `conformance run` takes it.",
        ),
        (
            "sweep --bas-url x",
            "conformance sweep: unrecognized arguments: --bas-url. Did you mean --base-url?",
        ),
        ("sweep --exampels 3", "conformance sweep: unrecognized arguments: --exampels."),
        (
            "run --exampels 3",
            "conformance run: unrecognized arguments: --exampels 3. Did you mean --examples?",
        ),
        ("--reference run", "conformance: unrecognized arguments: --reference. `conformance run` takes it."),
    ],
)
def test_only_what_a_command_takes_is_suggested(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        make_parser().parse_args(line.split())
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[0] == said


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_gets_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = make_parser().parse_args(["completion", shell])
    assert chosen.command(chosen) == 0
    script = capsys.readouterr().out
    assert "conformance" in script
    assert "_ARGCOMPLETE" in script


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("conformance comp", {"compare", "completion"}),
        ("conformance profile n", {"new"}),
        ("conformance profile show an", {"anthropic"}),
        ("conformance serve --profile bi", {"bigmodel"}),
        ("conformance run --ma", {"--max-requests", "--max-created", "--max-seconds"}),
        ("conformance run --tier r", {"race"}),
        ("conformance run --only pause.second", {"pause.second-is-conflict"}),
    ],
)
def test_what_may_follow_is_completed(line: str, words: set[str], tmp_path: Path) -> None:
    said = tmp_path / "said"
    asked = environment(
        _ARGCOMPLETE="1", _ARGCOMPLETE_STDOUT_FILENAME=str(said), COMP_LINE=line, COMP_POINT=str(len(line)),
    )  # fmt: skip
    subprocess.run([sys.executable, "-m", "conformance"], env=asked, check=True, timeout=HANGS, cwd=tmp_path)
    assert {word.strip() for word in said.read_text().split("\013")} == words


def test_a_reader_that_had_enough_is_no_failure(door: Door) -> None:
    """As `conformance list | head -1` does it."""
    process = door.start("conformance", "list")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    process.wait(timeout=HANGS)
    assert process.stderr is not None
    assert (process.returncode, process.stderr.read()) == (0, "")
