"""Judges any Deployments API endpoint against every promise its documentation makes.

`load_settings` and `run_suite` judge a target from Python; the other names are what they return and raise.
All else in the package may change without notice.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from conformance.version import __version__

if TYPE_CHECKING:
    from conformance.client.ownership.ledger import LedgerError
    from conformance.config.options import SettingsError
    from conformance.config.resolution import load_settings
    from conformance.config.settings import Settings
    from conformance.contract.catalogue import CatalogueError, Requirement
    from conformance.contract.mode import Mode
    from conformance.contract.verdict import (
        Blame,
        BrokenPromiseError,
        Finding,
        Level,
        NotApplicableError,
        NotJudgedError,
        Outcome,
        Verdict,
    )
    from conformance.errors import ConformanceError
    from conformance.evidence import EvidenceError
    from conformance.report.files import ReportError
    from conformance.report.result import Judged, RunResult, Traffic
    from conformance.run.pytest_call import run_suite

__all__ = [
    "Blame",
    "BrokenPromiseError",
    "CatalogueError",
    "ConformanceError",
    "EvidenceError",
    "Finding",
    "Judged",
    "LedgerError",
    "Level",
    "Mode",
    "NotApplicableError",
    "NotJudgedError",
    "Outcome",
    "ReportError",
    "Requirement",
    "RunResult",
    "Settings",
    "SettingsError",
    "Traffic",
    "Verdict",
    "__version__",
    "load_settings",
    "run_suite",
]

_HOMES = {
    "client.ownership.ledger": ("LedgerError",),
    "config.options": ("SettingsError",),
    "config.resolution": ("load_settings",),
    "config.settings": ("Settings",),
    "contract.catalogue": ("CatalogueError", "Requirement"),
    "contract.mode": ("Mode",),
    "contract.verdict": (
        "Blame", "BrokenPromiseError", "Finding", "Level", "NotApplicableError", "NotJudgedError", "Outcome",
        "Verdict",
    ),
    "errors": ("ConformanceError",),
    "evidence": ("EvidenceError",),
    "report.files": ("ReportError",),
    "report.result": ("Judged", "RunResult", "Traffic"),
    "run.pytest_call": ("run_suite",),
}  # fmt: skip
"""Modules are loaded when a name is asked for: whoever imports the package pays for no pytest and no HTTP."""


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
