"""Threads that build syntax trees at the same time: CPython up to 3.12 counts their depth together."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from conformance.exploration._syntax import build_trees_in_turn


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads that take turns so often that two are always in the middle of a tree."""
    usual = sys.getswitchinterval()
    monkeypatch.setattr(ast, "parse", ast.parse)
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("restless")
def test_trees_are_built_in_turn() -> None:
    build_trees_in_turn()
    source = inspect.getsource(ast)
    with ThreadPoolExecutor(6) as threads:
        trees = list(threads.map(ast.parse, [source] * 48))
    assert len({ast.dump(tree) for tree in trees}) == 1


@pytest.mark.usefixtures("restless")
def test_doing_it_again_changes_nothing() -> None:
    build_trees_in_turn()
    once = ast.parse
    build_trees_in_turn()
    assert ast.parse is once
