"""What is known of a promise: who makes it, how it is judged, how servers get it wrong.

Nothing is written twice for it: titles and statements come from the catalogue, what is asked from the
docstrings of the suite, mistakes from those of the faults that prove the suite.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType

from conformance.contract.areas import AREAS
from conformance.contract.catalogue import DEFAULT_PROFILE, Requirement, load_catalogue
from conformance.contract.mode import Mode
from conformance.contract.verdict import Level
from conformance.vendors import shipped

STRENGTHS = {
    "H": "the documents say it plainly",
    "S": "an example or an SDK implies it",
    "P": "the documents are silent",
}
LEVELS = {
    Level.MUST: "a server that breaks it fails the run",
    Level.SHOULD: "a server that breaks it gets a warning; with --strict it fails the run",
    Level.OBSERVE: "what a server does is recorded, never failed",
}
OF_THE_WHOLE_RUN = {
    "every_exchange": "Every answer of the run.",
    "every_deployment": "Every deployment in an answer of the run.",
    "creatable": "The first creation of the run.",
}
"""Fixtures that are no story, and what a judgement reads of them."""
BROKEN_FILE = Path(__file__).with_name("broken_answers.json")
"""Broken answers of the written tests; `python -m tests.suite.broken_answers` writes it."""
MISTAKES_FILE = "_mistakes.json"
"""What a wheel holds of the faults."""


@dataclass(frozen=True, slots=True)
class StatementUse:
    """A numbered statement of a vendor's documents in our words: its strengths, its page, what judges it.

    `without` says why it is not judged, or not in full.
    """

    number: str
    profile: str
    says: str
    source: str
    strengths: tuple[str, ...]
    requirements: tuple[str, ...]
    without: str = ""


@dataclass(frozen=True, slots=True)
class VendorPromise:
    """How one vendor promises a requirement; `unbound` says why it does not bind there, else empty."""

    profile: str
    level: str
    statements: tuple[str, ...]
    source: str
    editions: tuple[str, ...]
    unbound: str


@dataclass(frozen=True, slots=True)
class StoryText:
    """A story or a search by name, in the sentences of its docstring."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class BrokenAnswer:
    """An answer, written by hand, of which the judgement says that it breaks the promise.

    `where` leads to it: the story and the part of it. `promised` is an answer that the documents allow there,
    `answer` the broken one, both as far as they differ; empty where no single answer breaks the promise.
    """

    where: str
    expected: str
    got: str
    promised: str
    answer: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """A server that breaks a promise: the name of the fault, what it does, and which search finds it."""

    fault: str
    text: str
    breaks: str
    found_by: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One requirement or search; `judged` says how it is judged where the title leaves that open.

    `requirement` and `statements` are as one profile says them, `vendors` has all shipped ones.
    """

    requirement: Requirement
    statements: Sequence[StatementUse]
    vendors: Sequence[VendorPromise]
    judged: str
    stories: Sequence[StoryText]
    broken: Sequence[BrokenAnswer]
    mistakes: Sequence[Mistake]


def explanation_of(requirement_id: str, profile: str = DEFAULT_PROFILE) -> Explanation:
    """Return what is known of a requirement or a search; raises KeyError for an unknown id.

    Raises ProfileError for a profile that cannot be read.
    """
    requirement = load_catalogue(profile)[requirement_id]
    judgement = _judgements().get(requirement_id)
    read = tuple(inspect.signature(judgement).parameters) if judgement else ()
    return Explanation(
        requirement=requirement,
        statements=[_statement(number, profile) for number in requirement.statements],
        vendors=[_promise(requirement_id, vendor) for vendor in shipped()],
        judged=doc if (doc := _doc(judgement)) != requirement.title else "",
        stories=[*_stories(read), *_searches(requirement_id)],
        broken=_broken_answers().get(requirement_id, []),
        mistakes=[m for m in _mistakes() if requirement_id in (m.breaks, m.found_by)],
    )


def statement_of(number: str, profile: str = DEFAULT_PROFILE) -> StatementUse:
    """Return a statement by its number, such as N105: of a profile, else of the shipped one that has it.

    Raises KeyError for an unknown number.
    """
    for vendor in (profile, *shipped()):
        if number in load_catalogue(vendor).statements:
            return _statement(number, vendor)
    raise KeyError(number)


def statements_of(profile: str) -> Sequence[StatementUse]:
    """Return all statements of a vendor's documents."""
    return [_statement(number, profile) for number in load_catalogue(profile).statements]


def known(profile: str = DEFAULT_PROFILE) -> Sequence[str]:
    """Return all that can be explained: ids of requirements and searches, numbers of statements."""
    catalogue = load_catalogue(profile)
    numbers = (number for vendor in (profile, *shipped()) for number in load_catalogue(vendor).statements)
    return (*catalogue.requirements, *catalogue.searches, *dict.fromkeys(numbers))


def _statement(number: str, profile: str) -> StatementUse:
    catalogue = load_catalogue(profile)
    found = catalogue.statements[number]
    judged = tuple(row.id for row in catalogue if number in row.statements)
    without = found.excluded or found.planned
    return StatementUse(number, profile, found.says, found.source, tuple(found.strength), judged, without)


def _promise(requirement_id: str, profile: str) -> VendorPromise:
    row = load_catalogue(profile)[requirement_id]
    return VendorPromise(profile, row.level, row.statements, row.source, row.revisions, row.unbound)


def _stories(read: Sequence[str]) -> Iterator[StoryText]:
    from conformance.suite.engine import registry  # not at the top: it takes long to load

    stories = registry.load_stories(Mode.FULL)
    for name in dict.fromkeys(parameter.removesuffix(registry.IF_ANY) for parameter in read):
        if name in stories:
            yield StoryText(name, _doc(stories[name].collect))
        elif name in OF_THE_WHOLE_RUN:
            yield StoryText(name, OF_THE_WHOLE_RUN[name])


def _searches(requirement_id: str) -> Iterator[StoryText]:
    """Yield the searches to which a module of tests leaves a requirement."""
    for module in _test_modules():
        for name in getattr(module, "SEARCHES", {}).get(requirement_id, ()):
            yield StoryText(name, load_catalogue()[name].title)


@cache
def _judgements() -> Mapping[str, Callable[..., object]]:
    """Return the test function of each requirement."""
    from conformance.suite.judging.requirement import MARK  # not at the top: it loads pytest

    return {
        str(mark.args[0]): member
        for module in _test_modules()
        for member in vars(module).values()
        if inspect.isfunction(member)
        for mark in getattr(member, "pytestmark", ())
        if mark.name == MARK
    }


@cache
def _test_modules() -> Sequence[ModuleType]:
    rooms = [importlib.import_module(f"conformance.suite.{name}") for name in (*AREAS, "exploration")]
    names = [f"{room.__name__}.{m.name}" for room in rooms for m in pkgutil.iter_modules(room.__path__)]
    return [importlib.import_module(name) for name in names if ".test_" in name]


def _doc(described: object) -> str:
    """Return a docstring in one line; empty when there is none."""
    return " ".join((inspect.getdoc(described) or "").split()) if described else ""


@cache
def _broken_answers() -> Mapping[str, Sequence[BrokenAnswer]]:
    """Return broken answers by the requirement that they break."""
    found: dict[str, list[BrokenAnswer]] = {}
    for row in json.loads(BROKEN_FILE.read_text(encoding="utf-8")):
        found.setdefault(row.pop("requirement"), []).append(BrokenAnswer(**row))
    return found


@cache
def _mistakes() -> Sequence[Mistake]:
    """Return what all faults do, as the wheel holds it; in a checkout the faults themselves are asked."""
    packed = files("conformance") / MISTAKES_FILE
    if packed.is_file():
        rows = json.loads(packed.read_text(encoding="utf-8"))
    elif (files("conformance") / ".." / "tests" / "faults").is_dir():
        rows = importlib.import_module("tests.faults.catalogue").mistakes()
    else:
        rows = []
    return [Mistake(**row) for row in rows]
