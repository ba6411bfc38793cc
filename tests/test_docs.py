"""What the documentation tells people to type is typed here."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conformance.cli.explanation import explanation_of
from conformance.reference import ReferenceServer
from tests.door import ONE, Door, SecondPauseSucceeds, environment

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
"""Those by hand; the pages on CI have tests of their own."""
TARGET = re.compile(r"https://(?:staging|api)\.example\.com(?:/\w+)*")
BORROWED = "dep_0123"
FAULTLESS = (0, 3)
"""Kept, or incomplete: little is judged here, and not every mode judges that."""
DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")
TOMORROW = datetime.now(UTC).date() + timedelta(days=1)
LONGEST_README = 120
DOORS = ("conformance", "pytest")


def typed() -> Iterator[tuple[str, str]]:
    """Every command of the pages, with the first page that has it."""
    seen: set[str] = set()
    for page in PAGES:
        for block in re.findall(r"```sh\n(.+?)```", page.read_text(), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if words and Path(words[0]).name in DOORS and shlex.join(words) not in seen:
                    seen.add(shlex.join(words))
                    yield page.stem, line


COMMANDS = list(typed())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where somebody works who has run it before: `yesterday`, `today`, `nights`."""
    found = tmp_path_factory.mktemp("docs")
    assert Door(found).run("--reference", "--only", ONE).code == 0
    for name in ("yesterday", "today", "nights/monday"):
        shutil.copytree(found / "reports", found / name)
    return found


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where somebody works whose last run found a broken promise."""
    found = tmp_path_factory.mktemp("broken")
    with ReferenceServer(SecondPauseSucceeds) as server:
        assert Door(found).run_at(server, "--only", ONE).code == 1
    return found


@pytest.fixture(scope="module")
def target() -> Iterator[tuple[ReferenceServer, str]]:
    """A server, and the id of a deployment that lies in its account."""
    with ReferenceServer() as served:
        newest, *_ = served.seed(count=5)
        yield served, newest


def test_the_pages_tell_what_to_type() -> None:
    assert {page for page, _ in COMMANDS} >= {
        "README",
        "accepted-deviations",
        "production",
        "python",
        "reports",
    }


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= LONGEST_README


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[f"{page}: {line[:60]}" for page, line in COMMANDS])
def test_a_command_of_the_pages_works(
    page: str, line: str, folder: Path, broken: Path, target: tuple[ReferenceServer, str]
) -> None:
    server, borrowed = target
    written = DATE.sub(str(TOMORROW), TARGET.sub(server.base_url, line)).replace(BORROWED, borrowed)
    program, *words = shlex.split(written, comments=True)
    door = Door(broken if words[0] == "accept" else folder)
    token = {} if "--reference" in line else {"CONFORMANCE_TOKEN": server.tokens[0]}
    opened = door.open(Path(program).name, *words, environment=environment(CONFORMANCE_ONLY=ONE, **token))
    assert opened.code in FAULTLESS, (page, opened.output, opened.errors)


def test_the_failure_in_the_readme_is_what_a_run_prints(tmp_path: Path) -> None:
    """Each line begins as one of a real report does; what follows differs from run to run."""
    (shown,) = re.findall(r"```text\n(BROKEN .+?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    with ReferenceServer(SecondPauseSucceeds) as server:
        printed = Door(tmp_path).run_at(server, "--only", ONE).output
    for beginning in re.findall(r"^ *(?:\| *>> #|\| *\w+|[\w:]+(?: [\w.-]+)?)", shown, re.MULTILINE):
        assert beginning in printed, beginning


def test_a_page_shows_a_broken_answer() -> None:
    pytest.importorskip("mkdocs")
    page = runpy.run_path(str(ROOT / "docs" / "generated.py"))["_promise"]
    told = "\n".join(page(explanation_of(ONE)))
    assert "## What a broken answer looks like" in told
    assert "`pause_twice.second` is <code>200 {&quot;id&quot;" in told
