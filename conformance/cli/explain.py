"""`conformance explain`: what a promise means, who makes it, how it is judged, how servers get it wrong."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from conformance.cli.explanation import (
    LEVELS,
    STRENGTHS,
    BrokenAnswer,
    Explanation,
    StatementUse,
    VendorPromise,
    explanation_of,
    known,
    statement_of,
)
from conformance.cli.parsers import INTERNAL, USAGE, Commands, show_examples
from conformance.cli.printing import say, warn
from conformance.config.options import did_you_mean
from conformance.contract.areas import DEFAULT_TIERS
from conformance.contract.catalogue import DEFAULT_PROFILE, load_catalogue

WIDTH = 100


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("explain", help="explain a requirement or a statement", allow_abbrev=False)
    parser.set_defaults(command=explain)
    parser.add_argument(
        "names",
        nargs="+",
        metavar="ID",
        help="id of a requirement or search, or number of a statement (N105)",
    )
    parser.add_argument(
        "--profile",
        default=DEFAULT_PROFILE,
        help=f"profile whose promises are explained (default: {DEFAULT_PROFILE})",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="output format (default: text)"
    )
    parser.description = (
        "Says what a requirement promises, who promises it, how it is judged, what a broken answer\n"
        "looks like and how servers break it. Broken answers are those of the profile qoder."
    )
    show_examples(
        parser,
        "conformance explain pause.second-is-conflict",
        "conformance explain N105",
        "conformance explain model.lifecycle --format json",
    )


def explain(chosen: argparse.Namespace) -> int:
    """Explain each name; return 0, 2 for an unknown name, or 4 when the text is lost."""
    found: list[Explanation | StatementUse] = []
    for name in chosen.names:
        explained = _explained(name, chosen.profile)
        if explained is None:
            hint = did_you_mean(name, known(chosen.profile))
            warn(f"conformance explain: {name} is no requirement, search or statement{hint}")
            warn("Hint: `conformance list` prints every id.")
            return USAGE
        found.append(explained)
    if chosen.format == "json":
        return 0 if say(json.dumps([asdict(explained) for explained in found], indent=1)) else INTERNAL
    return 0 if say("\n\n".join("\n".join(_lines(explained)) for explained in found)) else INTERNAL


def _explained(name: str, profile: str) -> Explanation | StatementUse | None:
    for find, spelled in ((explanation_of, name), (statement_of, name.upper())):
        try:
            return find(spelled, profile)
        except KeyError:
            continue
    return None


def _lines(explained: Explanation | StatementUse) -> Iterator[str]:
    return _of_statement(explained) if isinstance(explained, StatementUse) else _of_requirement(explained)


def _of_statement(statement: StatementUse) -> Iterator[str]:
    yield from _wrapped(f"{statement.number} ({statement.profile}): {statement.says}", "")
    yield from _wrapped(f"{_strengths(statement)}: {statement.source}")
    catalogue = load_catalogue(statement.profile)
    for name in statement.requirements:
        row = catalogue[name]
        yield from _wrapped(f"{row.id} ({row.level}): {row.title}")
    if statement.without:
        yield from _wrapped(f"not judged{' in full' * bool(statement.requirements)}: {statement.without}")


def _of_requirement(explained: Explanation) -> Iterator[str]:
    row = explained.requirement
    yield f"{row.id} ({row.level}: {LEVELS[row.level]})"
    yield from _wrapped(row.title)
    yield from _wrapped(explained.judged)
    promised = [
        f"{statement.number}: {statement.says} ({_strengths(statement)})"
        for statement in explained.statements
    ]
    yield from _section("Promised by", [*promised, *filter(None, [row.source, row.unbound])])
    yield from _section("By vendor", [_vendor(vendor) for vendor in explained.vendors])
    yield from _section("Judged in", _conditions(explained))
    yield from _section("What is asked", [f"{story.name}: {story.text}" for story in explained.stories])
    yield from _broken(explained.broken)
    yield from _section("How servers get it wrong", [m.text for m in explained.mistakes])
    yield from ("", "Judge it alone", f"  conformance run --only {row.id}{_tier(explained)}")


def _broken(answers: Sequence[BrokenAnswer]) -> Iterator[str]:
    """Yield broken answers in the words of a report, each beside one that keeps the promise."""
    if answers:
        yield from ("", "What a broken answer looks like")
    for answer in answers:
        yield from _wrapped(answer.where, "  - in        ")
        parts = {
            "expected": answer.expected,
            "got": answer.got,
            "broken": answer.answer,
            "kept": answer.promised,
        }
        for word, text in parts.items():
            yield from _wrapped(text, f"    {word:<10}")


def _conditions(explained: Explanation) -> Iterator[str]:
    row = explained.requirement
    yield f"tier {row.tier}; editions {', '.join(row.revisions)}"
    if row.needs:
        yield f"needs {', '.join(f'--{need}' for need in row.needs)}"


def _vendor(promise: VendorPromise) -> str:
    if promise.unbound:
        return f"{promise.profile}: does not bind; {promise.unbound}"
    return f"{promise.profile}: {promise.level}, {', '.join(promise.statements) or 'whatever it promises'}"


def _tier(explained: Explanation) -> str:
    tier = explained.requirement.tier
    return "" if tier in DEFAULT_TIERS else f" --tier {tier}"


def _strengths(statement: StatementUse) -> str:
    return "; in part ".join(STRENGTHS[strength] for strength in statement.strengths)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield a title and its lines, unless there are none."""
    for place, line in enumerate(lines):
        if not place:
            yield from ("", title)
        yield from _wrapped(line, "  - ")


def _wrapped(text: str, first: str = "  ") -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
