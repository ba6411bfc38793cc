"""Pages that MkDocs makes from the suite itself: one for each promise, and what each tier costs."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from conformance.cli.explanation import (
    LEVELS,
    STRENGTHS,
    BrokenAnswer,
    Explanation,
    StatementUse,
    explanation_of,
    statements_of,
)
from conformance.contract.areas import DEFAULT_TIERS
from conformance.contract.catalogue import Requirement, load_catalogue
from conformance.vendors import shipped

_MARKDOWN = re.compile(r"([\\`*_{}\[\]|])")
_PLAN = re.compile(r"<!-- plan ([\w,]+) -->")
PLAN_LINES = 6
"""The lines of a plan that say what it costs; after them come the names of requirements."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the promises."""
    for name, text in _pages():
        files.append(File.generated(config, f"promises/{name}.md", content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the plan of some tiers where a page asks for it with `<!-- plan core -->`."""
    return _PLAN.sub(lambda found: _plan(found[1]), markdown)


def _plan(tiers: str) -> str:
    chosen = [word for tier in tiers.split(",") for word in ("--tier", tier)]
    command = ["run", "--plan", "--base-url", "https://api.example.com/v1", *chosen]
    planned = subprocess.run(  # noqa: S603 (a command of our own)
        [sys.executable, "-m", "conformance", *command],
        env={**os.environ, "CONFORMANCE_TOKEN": "a-token-that-is-sent-nowhere"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = planned.stdout.splitlines()[:PLAN_LINES]
    return "\n".join(["```text", *lines, "```"])


def _pages() -> Iterator[tuple[str, str]]:
    catalogue = load_catalogue()
    yield "index", "\n".join(_index())
    yield "statements", "\n".join(_statements())
    for row in (*catalogue, *catalogue.searches.values()):
        yield row.id, "\n".join(_promise(explanation_of(row.id)))


def _index() -> Iterator[str]:
    catalogue = load_catalogue()
    yield "# The promises"
    yield f"\n{len(catalogue.requirements)} requirements by area, and {len(catalogue.searches)} searches. "
    yield "`conformance explain ID` prints what each page says, `conformance list` what your options judge.\n"
    rows = (*catalogue, *catalogue.searches.values())
    for area, found in groupby(rows, key=lambda row: row.area):
        yield f"\n## {area}\n\n| requirement | level | tier | |\n|---|---|---|---|"
        yield from (f"| {_link(row)} | {row.level} | {row.tier} | {_escaped(row.title)} |" for row in found)


def _statements() -> Iterator[str]:
    yield "# Statements of the documents"
    yield "\nWhat the documents of each vendor say, in our words, how strongly they do, and what judges it."
    for profile in shipped():
        yield f"\n## {profile}\n\n| statement | | strength | judged by |\n|---|---|---|---|"
        rows = load_catalogue(profile)
        for one in statements_of(profile):
            judged = [_link(rows[name]) for name in one.requirements]
            judged += [f"*{_escaped(one.without)}*"] if one.without else []
            yield f"| {one.number} | {_escaped(one.says)} | {_strength(one)} | {'<br>'.join(judged)} |"


def _promise(explained: Explanation) -> Iterator[str]:
    row = explained.requirement
    yield f"# {_escaped(row.id)}\n\n**{row.level}** ({LEVELS[row.level]})\n\n{_escaped(row.title)}"
    if explained.judged:
        yield f"\n{_escaped(explained.judged)}"
    yield "\n## Who promises it\n"
    yield "| profile | level | statements | page |\n|---|---|---|---|"
    for one in explained.vendors:
        page = f"<{one.source}>" if one.source else ""
        level = _escaped(one.unbound) or one.level
        yield f"| {one.profile} | {level} | {', '.join(one.statements)} | {page} |"
    yield from _list("What the documents say", [_said(one) for one in explained.statements])
    yield f"\nIn the tier `{row.tier}`, edition {' and '.join(row.revisions)}."
    if row.needs:
        yield f"Needs {', '.join(f'`--{need}`' for need in row.needs)}."
    yield from _list(
        "What is asked", [f"`{story.name}`: {_escaped(story.text)}" for story in explained.stories]
    )
    yield from _list("What a broken answer looks like", [_broken(one) for one in explained.broken])
    yield from _list("How servers get it wrong", [_escaped(one.text) for one in explained.mistakes])
    if explained.mistakes:
        yield "\nEach of these is a server that the suite is proven to accuse (`conformance prove`)."
    tier = "" if row.tier in DEFAULT_TIERS else f" --tier {row.tier}"
    yield f"\n## Judge it alone\n\n```sh\nconformance run --only {row.id}{tier} --base-url …\n```"


def _broken(one: BrokenAnswer) -> str:
    said = f"Expected {_escaped(one.expected)}; got {_escaped(one.got)}."
    if not one.answer:
        return said
    where = f"`{one.where}` is {_code(one.answer)}, where {_code(one.promised)} keeps the promise"
    return f"{said} {where}."


def _code(text: str) -> str:
    """Return a text as code, whatever it holds."""
    return f"<code>{html.escape(text).replace('|', '&#124;')}</code>"


def _said(statement: StatementUse) -> str:
    return f"{statement.number}: {_escaped(statement.says)} ({_strength(statement)})"


def _list(title: str, entries: list[str]) -> Iterator[str]:
    if entries:
        yield f"\n## {title}\n"
        yield from (f"- {entry}" for entry in entries)


def _link(row: Requirement) -> str:
    return f"[{_escaped(row.id)}]({row.id}.md)"


def _strength(statement: StatementUse) -> str:
    return "; in part ".join(STRENGTHS[strength] for strength in statement.strengths)


def _escaped(text: str) -> str:
    """Return a text that is no Markdown and no HTML."""
    return _MARKDOWN.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
