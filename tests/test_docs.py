"""What the documentation tells people to type is typed here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.reference import ReferenceServer
from tests.door import ONE, Door, environment

DOCS = Path(__file__).parents[1] / "docs"
TARGET = re.compile(r"https://(?:staging|api)\.example\.com(?:/\w+)*")
BORROWED = "dep_0123"
FAULTLESS = (0, 3)
"""Kept, or incomplete: little is judged here, and not every mode judges that."""
ELSEWHERE = ("accept",)
"""Commands that need a broken promise to say anything: their own tests type them."""
DOORS = ("conformance", "pytest")


def typed() -> Iterator[tuple[str, str]]:
    """Every command of the pages by hand; pages on CI have tests of their own."""
    for page in sorted(DOCS.glob("*.md")):
        for block in re.findall(r"```sh\n(.+?)```", page.read_text(), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if words and Path(words[0]).name in DOORS and words[1] not in ELSEWHERE:
                    yield page.stem, line


COMMANDS = list(typed())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("docs")


@pytest.fixture(scope="module")
def target() -> Iterator[tuple[ReferenceServer, str]]:
    """A server, and the id of a deployment that lies in its account."""
    with ReferenceServer() as served:
        newest, *_ = served.seed(count=5)
        yield served, newest


def test_the_pages_tell_what_to_type() -> None:
    assert {page for page, _ in COMMANDS} >= {"index", "production", "python", "reports"}


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[f"{page}: {line[:60]}" for page, line in COMMANDS])
def test_a_command_of_the_pages_works(
    page: str, line: str, folder: Path, target: tuple[ReferenceServer, str]
) -> None:
    server, borrowed = target
    door = Door(folder)
    reference = "--reference" in line
    if reference and "--reference" not in door.run("--help").output:
        pytest.skip("the option --reference is still to come")
    written = TARGET.sub(server.base_url, line).replace(BORROWED, borrowed)
    program, *words = shlex.split(written, comments=True)
    token = {} if reference else {"CONFORMANCE_TOKEN": server.tokens[0]}
    opened = door.open(Path(program).name, *words, environment=environment(CONFORMANCE_ONLY=ONE, **token))
    assert opened.code in FAULTLESS, (page, opened.output, opened.errors)
