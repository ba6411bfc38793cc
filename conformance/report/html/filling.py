"""The templates of pages, and what keeps pages harmless: escaping, and a policy that browsers enforce."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from conformance.report.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def templates(**filters: Callable[..., object]) -> Environment:
    """Return the templates, with filters of their page's own."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # slow to import, and used once in a run

    environment = Environment(
        loader=PackageLoader("conformance.report.html"),
        autoescape=True,
        finalize=_calm,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(filters)
    return environment


def source(name: str) -> str:
    """Return the text of a style or script."""
    return (files("conformance.report.html") / "templates" / name).read_text(encoding="utf-8")


def policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy that allows this style and this script alone."""
    allowed = {"style-src": style, "script-src": script}
    parts = [f"{kind} 'sha256-{_digest(text)}'" for kind, text in allowed.items()]
    return "; ".join(["default-src 'none'", *parts, "base-uri 'none'", "form-action 'none'"])


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _calm(value: object) -> object:
    """Spell out what an escaped text could still do: steer direction, or be no text at all."""
    return visible(value) if type(value) is str else value  # markup of the templates is no plain str
