"""Calls the judgement of a requirement with written stories."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import conformance.suite
from conformance.client.exchange import Exchange
from conformance.contract.verdict import BrokenPromiseError
from conformance.suite.engine.registry import IF_ANY
from conformance.suite.judging.answers import Deployments
from conformance.suite.judging.requirement import MARK
from conformance.vendors import load_profile
from tests.suite import open_stories, run_stories, stories
from tests.suite.written import Edit, edited

UNLABELLED = "read"
"""The label of written exchanges for which the stories give none."""
CONFORMING = {**stories.CONFORMING, **run_stories.WRITTEN, **open_stories.WRITTEN}
Edits = Mapping[str, Edit]
"""What is not as a conforming target answers: the story and the way to the exchange, such as `pause_twice.first`."""
Accusing = Sequence[tuple[str, str, Edit, str]]
"""Rows of what is accused: the requirement, the way, what is answered, a piece of what the message says was got."""
Rows = Sequence[tuple[str, str, Edit]]
"""Rows of what is not: the requirement, the way, what is answered."""


@cache
def judgements() -> Mapping[str, Callable[..., None]]:
    """Return the functions of the suite by the requirement that they judge."""
    return dict(_judgements())


def _judgements() -> Iterator[tuple[str, Callable[..., None]]]:
    for module in pkgutil.walk_packages(conformance.suite.__path__, "conformance.suite."):
        if ".test_" in module.name:
            loaded = importlib.import_module(module.name)
            for function in vars(loaded).values():
                for mark in getattr(function, "pytestmark", ()):
                    if mark.name == MARK:
                        yield mark.args[0], function


def judge(requirement: str, edits: Edits, *, labelled: bool = False) -> str:
    """Judge a requirement by conforming stories with some exchanges edited; return what was observed.

    With `labelled`, messages name exchanges by the ways to them. Raises what the judgement raises; a broken
    promise is noted with the ways to the exchanges that show it.
    """
    function = judgements()[requirement]
    parameters = inspect.signature(function).parameters
    stories = {name: CONFORMING.get(name.removesuffix(IF_ANY)) for name in parameters}
    given: dict[str, Any] = {name: story() for name, story in stories.items() if story}
    if "every_deployment" in parameters:
        given["every_exchange"] = CONFORMING["every_exchange"]()
    for way, edit in edits.items():
        story, *path = way.split(".")
        given[story] = edited(given[story], path, edit)
    if labelled:
        given = {name: _labelled(story, name.removesuffix(IF_ANY)) for name, story in given.items()}
    told = dict(given)
    if "every_deployment" in parameters:
        given["every_deployment"] = Deployments(given["every_exchange"])
    if "every_exchange" not in parameters:
        given.pop("every_exchange", None)
    if "newest" in given:
        given["newest"] = partial(tuple, given["newest"])
    target = SimpleNamespace(profile=load_profile("qoder"))
    observed: list[str] = []
    besides = {"target": target, "revision": "2026-07", "observe": observed.append}
    try:
        function(**given, **{name: value for name, value in besides.items() if name in parameters})
    except BrokenPromiseError as broken:
        broken.add_note(", ".join(_ways(told, set(broken.culprits))))
        raise
    return "".join(observed)


def _labelled(told: Any, way: str) -> Any:  # noqa: ANN401 (a story, or a part of one)
    """Return a part of a story in which each exchange that has no label of its own is labelled by the way to it."""
    if isinstance(told, Exchange):
        return replace(told, label=way) if told.label == UNLABELLED else told
    parts = {name: _labelled(part, f"{way}.{name}") for name, part in _parts(told)}
    if isinstance(told, Mapping):
        return dict(zip(told, parts.values(), strict=True))
    if isinstance(told, list | tuple):
        return type(told)(parts.values())
    return replace(told, **parts) if parts else told


def _ways(told: object, numbers: set[int], way: str = "") -> Iterator[str]:
    """Yield the ways to the exchanges with these numbers, to each its first."""
    if isinstance(told, Exchange):
        if told.number in numbers:
            numbers.remove(told.number)
            yield way
        return
    for name, part in _parts(told):
        yield from _ways(part, numbers, f"{way}.{name}" if way else name)


def _parts(told: object) -> Iterator[tuple[str, object]]:
    if is_dataclass(told) and not isinstance(told, type):
        yield from ((field.name, getattr(told, field.name)) for field in fields(told))
    elif isinstance(told, Mapping):
        yield from ((str(name), part) for name, part in told.items())
    elif isinstance(told, list | tuple):
        yield from ((str(place), part) for place, part in enumerate(told))
