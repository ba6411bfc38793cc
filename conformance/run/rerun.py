"""The command that judges one requirement alone, as the run at hand did."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from conformance.config.options import OPTIONS
from conformance.config.settings import Settings
from conformance.contract.areas import SEARCH_AREA
from conformance.contract.catalogue import Requirement
from conformance.contract.failure import FOLDER, case_of, file_name
from conformance.contract.verdict import Finding
from conformance.redaction.known_secrets import TOKEN_VARIABLES

NOT_REPEATED = {
    "target": "what conformance.toml says of it is written out",
    "only": "it names the one requirement",
    "tier": "it names the one of the requirement",
    "replay": "it names what was found, or was to be tried",
    "accepted": "it says what fails a run, not what is judged",
    "strict": "it says what fails a run, not what is judged",
    "compare-with": "the same",
    "shard": "the requirement is judged whole",
    "run-label": "it names the run and makes its seed, which is written out",
    "har": "reports of the run stay as they are",
    "report-dir": "the same",
    "max-requests": "the limit was one for all requirements",
    "max-created": "the same",
    "max-seconds": "the same",
}
"""The options that the command does not take over from the run, or in a form of its own, and why."""
OF_SEARCHES = ("seed", "examples", "footprint")


def again(settings: Settings, requirement: Requirement, findings: Sequence[Finding] = ()) -> str:
    """Return the command; that of a search tries first what it found, as it is saved below `failures/`."""
    words = [*_repeated(settings, requirement)]
    if requirement.tier not in Settings().tier:
        words.append(f"--tier {requirement.tier}")
    words += [f"--replay {shlex.quote(path)}" for path in _replayed(settings, requirement, findings)]
    return " ".join(["conformance run", *words, f"--only {requirement.id}"])


def _repeated(settings: Settings, requirement: Requirement) -> Iterator[str]:
    """Yield every option that the run was given and that may change how a requirement is judged."""
    for option in OPTIONS:
        if option.name in NOT_REPEATED or (option.name in OF_SEARCHES and requirement.area != SEARCH_AREA):
            continue
        given, usual = _value(settings, option.attribute), _value(Settings(), option.attribute)
        if given == usual:
            continue
        yield f"--{option.name}" if option.kind == "flag" else f"--{option.name} {shlex.quote(_text(given))}"


def _value(settings: Settings, attribute: str) -> object:
    """Return what an option was given as; a worker has its share of some."""
    special: Mapping[str, object] = {
        "token_env": None if settings.token_variable in TOKEN_VARIABLES else settings.token_variable,
        "second_token_env": settings.second_token_variable or None,
        "rate": None if settings.rate is None else settings.rate * settings.processes,
    }
    return special[attribute] if attribute in special else getattr(settings, attribute)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _replayed(settings: Settings, requirement: Requirement, findings: Sequence[Finding]) -> Iterator[str]:
    saved = [file_name(requirement.id, f.requirement) for f in findings if case_of(f) is not None]
    paths = [str(Path(settings.report_dir, FOLDER, name)) for name in saved]
    paths += [failure.path for failure in settings.replay if failure.search == requirement.id]
    yield from dict.fromkeys(str(Path(path)) for path in paths)
