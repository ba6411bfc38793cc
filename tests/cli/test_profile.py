"""`conformance profile`: what a profile promises is shown, one of your own is checked, a new one begins whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.contract.catalogue import load_catalogue
from conformance.vendors import load_profile, shipped


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["profile", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", shipped())
def test_what_binds_is_shown_with_level_statements_and_source(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = {line.split()[0]: line.split() for line in told(capsys, "show", name).splitlines() if line}
    bound = [row for row in load_catalogue(name) if not row.unbound]
    for row in bound:
        assert lines[row.id] == [row.id, row.level, *", ".join(row.statements).split(), row.source]
    assert not [row.id for row in load_catalogue(name) if row.unbound and row.id in lines]


def test_routes_answers_and_credentials_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(told(capsys, "show", "anthropic").split())
    for words in (
        "anthropic: Claude Managed Agents (digest ",
        "credentials x-api-key: TOKEN header anthropic-version: 2023-06-01",
        "query beta=true",
        "runs-of-deployment /deployment_runs?deployment_id={deployment}",
        "pause-when-paused open: observed, never accused",
        "run-when-archived 4xx",
    ):
        assert words in text


def test_what_does_not_bind_is_shown_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    line = "  archive.renames: the profile anthropic does not promise it\n"
    assert line in told(capsys, "show", "anthropic", "--unbound")
    assert line not in told(capsys, "show", "anthropic")


def test_a_wrong_name_gets_the_likely_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "show", "antropic"]) == 2
    assert "Did you mean anthropic?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[answers]\npause-when-pausd = "200"', "line 4: answers.pause-when-pausd is unknown. Did you mean pause-when-paused?"),
        ('[promises."list.limit-is-kep"]\noff = "x"', "Did you mean list.limit-is-kept?"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "clone.toml"
    path.write_text(f'format = "1"\nextends = "anthropic"\n{text}\n')
    assert main(["profile", "check", str(path)]) == 2
    assert said in capsys.readouterr().err


def test_a_folder_beside_us_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / "vendor.toml").write_text('format = "1"\nextends = "bigmodel"\n')
    monkeypatch.chdir(tmp_path)
    bound = [row for row in load_catalogue("bigmodel") if not row.unbound]
    assert told(capsys, "check", "clone").startswith(f"clone: can be used; binds {len(bound)} (")


@pytest.mark.parametrize("base", shipped())
def test_a_new_one_is_valid_and_changes_nothing(
    base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "clone.toml"
    told(capsys, "new", str(path), "--extends", base, "--title", 'Our "clone"')
    told(capsys, "check", str(path))
    own, old = load_profile(str(path)), load_profile(base)
    assert own.title == 'Our "clone"'
    assert (own.promises, own.answers, own.routes) == (old.promises, old.answers, old.routes)


@pytest.mark.parametrize("base", shipped())
def test_each_comment_of_a_new_one_may_be_taken_away(
    base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, whole = tmp_path / "clone.toml", tmp_path / "whole.toml"
    told(capsys, "new", str(path), "--extends", base)
    whole.write_text(re.sub(r"^#(?=\S)", "", path.read_text(), flags=re.MULTILINE))
    own, old = load_profile(str(whole)), load_profile(base)
    assert {name for name, one in own.promises.items() if one != old.promises[name]} == {
        name
        for name, one in own.promises.items()
        if (one.off and not old.promises[name].off) or one.reason == "say why"
    }
    for part in ("base_url", "credentials", "deployment_ids", "run_ids", "error_types", "routes", "lists", "deployments"):  # fmt: skip
        assert getattr(own, part) == getattr(old, part)
    assert {name: one for name, one in own.answers.items() if one != ("any",)} == old.answers


def test_a_new_one_replaces_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "clone.toml"
    path.write_text("mine")
    assert main(["profile", "new", str(path), "--extends", "qoder"]) == 2
    assert "exists" in capsys.readouterr().err
    assert path.read_text() == "mine"
