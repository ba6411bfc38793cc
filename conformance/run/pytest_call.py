"""How a run calls pytest: over the suite alone, with nothing that was set for somebody else's tests."""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import pytest

from conformance.config.options import SettingsError, did_you_mean
from conformance.config.settings import Settings
from conformance.contract.areas import AREAS, SEARCH_AREA, TIERS
from conformance.errors import ConformanceError
from conformance.report.result import RunResult
from conformance.run.given import Given
from conformance.run.terminal import Quiet

FOREIGN = (
    "PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DEBUG", "PYTEST_THEME", "PYTEST_THEME_MODE", "PY_COLORS",
    "FORCE_COLOR", "PYTHONWARNINGS",
)  # fmt: skip
"""Variables that tell pytest, and the workers that it starts, what to load, say, colour and warn of."""


def run_suite(settings: Settings, *, keyword: str | None = None, marks: str | None = None) -> RunResult:
    """Judge a target in this process and return the frozen result; reports go to `settings.report_dir`.

    `keyword` and `marks` are expressions of pytest's -k and -m. Nothing is printed. In the main thread,
    Ctrl-C, SIGTERM and SIGHUP end the run early; `result.ended_by` says so.
    Raises SettingsError when the settings cannot be used, ConformanceError when there is no result.
    """
    said: list[str] = []
    quiet = Quiet()
    code = call_pytest(expressions(keyword, marks), [Given(settings), quiet], said.append)
    if quiet.result is not None:
        return quiet.result
    why = "\n".join(said) or f"pytest ended with {code} and made no result"
    raise SettingsError(why) if code == pytest.ExitCode.USAGE_ERROR else ConformanceError(why)


def call_pytest(words: Sequence[str], plugins: Sequence[object], say: Callable[[str], None]) -> int:
    """Let pytest do with the suite what `words` say; return its code; `say` is told what it wrote to stderr.

    The environment is afterwards what it was before.
    """
    said = io.StringIO()
    try:
        with _own_environment(), redirect_stderr(said):  # it repeats the user's words as they are
            return int(pytest.main([*_suite_arguments(), *words], plugins=[*plugins]))
    finally:
        if text := said.getvalue().strip():
            say(text)


def expressions(keyword: str | None, marks: str | None) -> list[str]:
    """Return pytest's arguments for the expressions of -k and -m. Raises SettingsError for unknown marks."""
    known = ("must", "should", "observe", SEARCH_AREA, *AREAS, *TIERS)
    for word in re.findall(r"\w+", marks or ""):
        if word not in {"and", "or", "not", "True", "False", *known}:
            raise SettingsError(f"-m: no requirement is marked {word!r}{did_you_mean(word, known)}")
    return [word for flag, value in (("-k", keyword), ("-m", marks)) if value for word in (flag, value)]


@contextmanager
def _own_environment() -> Iterator[None]:
    """Keep from pytest what was set for somebody else's tests, and have it load no plugins by itself."""
    before = dict(os.environ)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(_cache() / "deployments-conformance"))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _cache() -> Path:
    """Return the user's cache, where Hypothesis keeps its tables: not in the current folder."""
    home = Path(os.environ.get("HOME") or tempfile.gettempdir())
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")


def _suite_arguments() -> list[str]:
    """Return what names the suite: by its folder, else pytest would load a conftest.py of the current one."""
    here = Path(__file__).parents[1]
    words = [str(here / "suite"), "-c", str(here / "suite" / "pytest.toml"), f"--rootdir={here}"]
    # Python's own streams alone are captured: for others pytest needs room for temporary files.
    words += ["-p", "conformance.plugin", "-p", "no:cacheprovider", "-q", "--capture=sys"]
    # Wrong settings keep pytest's code of wrong usage here: 2 is what it ends with after Ctrl-C.
    words += ["-p", "no:conformance-usage-code"]
    # The one collects garbage ten times over when the run is over, the other wants a stderr of its own.
    return [*words, "-p", "no:unraisableexception", "-p", "no:faulthandler"]
