"""Syntax trees of Python code: Hypothesis and schemathesis build some of the functions they are given."""

from __future__ import annotations

import ast
import functools
import sys
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_ONE = threading.RLock()
_LAST_TO_COUNT_TOGETHER = (3, 12)


def build_trees_in_turn() -> None:
    """Let only one thread at a time build a syntax tree; searches run in many.

    Up to 3.12 CPython counts the depth of all trees that are being built together, and raises a SystemError
    when a thread ends with another count than it began with.
    """
    if sys.version_info[:2] <= _LAST_TO_COUNT_TOGETHER and not hasattr(ast.parse, "__wrapped__"):
        ast.parse = _in_turn(ast.parse)


def _in_turn(parse: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(parse)
    def in_turn(*args: P.args, **kwargs: P.kwargs) -> R:
        with _ONE:
            return parse(*args, **kwargs)

    return in_turn
