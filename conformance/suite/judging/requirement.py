"""How a judgement says which requirement it upholds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from conformance.contract.catalogue import load_catalogue

MARK = "conformance_requirement"
T = TypeVar("T", bound=Callable[..., object])


def requirement(requirement_id: str) -> Callable[[T], T]:
    """Mark a test function as the judgement of one requirement; an unknown id is refused at once."""
    if requirement_id not in load_catalogue().requirements:
        raise KeyError(f"no requirement is called {requirement_id!r}; its row belongs into the catalogue")
    return pytest.mark.conformance_requirement(requirement_id)
