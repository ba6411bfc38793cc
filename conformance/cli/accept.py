"""`conformance accept`: writes down which broken promises of a report are known, why, and until when."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.cli.parsers import Commands, saved_result, show_examples
from conformance.cli.printing import say
from conformance.config.accepted import ACCEPTED_FILE
from conformance.config.accepted_file import AcceptedFile
from conformance.config.options import SettingsError, did_you_mean
from conformance.contract.acceptance import Deviation, fingerprint
from conformance.contract.catalogue import load_catalogue

if TYPE_CHECKING:
    from conformance.report.comparing.saved import SavedResult, SavedRow

KEPT = ("pass", "observed")


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("accept", help="accept known deviations until a date", allow_abbrev=False)
    parser.set_defaults(command=accept)
    parser.description = (
        "Accepts known deviations: a run goes on to judge them, but they do not fail it until\n"
        "they expire, change or are mended. Reads a report, and writes a file that you commit."
    )
    add = parser.add_argument
    add("report", type=Path, metavar="REPORT", help="result.json of a run, or its folder")
    add(
        "--requirement", action="append", default=[], metavar="ID", help="id of a broken promise (repeatable)"
    )
    add("--reason", metavar="TEXT", help="why it is accepted")
    add("--issue", default="", metavar="URL", help="where it is followed up")
    add("--expires", type=_date, metavar="DATE", help="the last day on which it is accepted, as 2027-01-31")
    add("--this-target", action="store_true", help="accept it only on the target of the report")
    add("--update", action="store_true", help="accept the way in which they are broken now")
    add("--prune", action="store_true", help="remove entries that are mended or name nothing")
    add("--file", type=Path, default=Path(ACCEPTED_FILE), metavar="FILE",
        help=f"the file that is written (default: {ACCEPTED_FILE})")  # fmt: skip
    show_examples(
        parser,
        "conformance accept reports --requirement pause.is-stored --reason known --expires 2099-01-31",
        "conformance accept reports --update",
        "conformance accept reports --prune",
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2027-01-31") from None


def accept(chosen: argparse.Namespace) -> int:
    """Write the file, print a line for each entry that changed; return 0. Raises SettingsError."""
    _check(chosen)
    result = saved_result(chosen.report)
    file = AcceptedFile(chosen.file)
    changes = [_accept(file, result, chosen, name) for name in chosen.requirement]
    if chosen.update:
        changes += _update(file, result)
    if chosen.prune:
        changes += _prune(file, result)
    file.save()
    say("\n".join([*changes, f"accept: {len(changes)} changed; {chosen.file} holds {len(file.deviations)}"]))
    return 0


def _check(chosen: argparse.Namespace) -> None:
    if not (chosen.requirement or chosen.update or chosen.prune):
        raise SettingsError(
            "nothing to do. Hint: say what to accept with --requirement, or give --update or --prune."
        )
    if not chosen.requirement:
        return
    if not (chosen.reason and chosen.reason.strip()) or not chosen.expires:
        raise SettingsError("--requirement needs --reason and --expires: no deviation is accepted for ever.")
    if chosen.expires < _today():
        raise SettingsError(
            f"--expires {chosen.expires} is in the past. Hint: give a later day, such as {_in_a_month()}."
        )


def _today() -> date:
    return datetime.now(UTC).date()


def _in_a_month() -> date:
    return date.fromordinal(_today().toordinal() + 30)


def _accept(file: AcceptedFile, result: SavedResult, chosen: argparse.Namespace, name: str) -> str:
    row = _broken(result, name)
    target = result.target if chosen.this_target else None
    known = [
        deviation.first_seen
        for deviation in file.deviations
        if deviation.requirement == name and deviation.target == target
    ]
    seen = _seen(result)
    deviation = Deviation(
        requirement=name,
        profile=result.profile,
        target=target,
        reason=chosen.reason.strip(),
        issue=chosen.issue,
        expires=chosen.expires,
        first_seen=min([*known, seen]),
        last_seen=seen,
        **_how(row),
    )
    file.put(deviation)
    return f"accepted  {name} until {deviation.expires}: {deviation.reason}"


def _how(row: SavedRow) -> Mapping[str, Any]:
    """Return the fields of a deviation that say in which way a promise is broken."""
    return {
        "fingerprint": fingerprint(row.expected, row.got),
        "expected": row.expected,
        "got": row.got,
        "found_by": row.found_by,
    }


def _broken(result: SavedResult, name: str) -> SavedRow:
    """Return the row of a broken requirement; raises SettingsError for any other name."""
    broken = [row.id for row in result.rows.values() if row.verdict in ("fail", "warn")]
    if name in broken:
        return result.rows[name]
    known = load_catalogue().requirements
    if name not in known:
        raise SettingsError(f"--requirement: no requirement is called {name!r}{did_you_mean(name, known)}")
    raise SettingsError(
        f"--requirement: {name} is not broken in that report. It has: {', '.join(broken) or 'none'}."
    )


def _concerned(file: AcceptedFile, result: SavedResult) -> list[Deviation]:
    return [deviation for deviation in file.deviations if deviation.concerns(result.profile, result.target)]


def _update(file: AcceptedFile, result: SavedResult) -> list[str]:
    """Take over how the accepted promises are broken in a report, and when that was seen."""
    lines = []
    for deviation in _concerned(file, result):
        row = result.rows.get(deviation.requirement)
        if row is None or row.verdict not in ("fail", "warn"):
            continue
        now = replace(deviation, last_seen=max(deviation.last_seen, _seen(result)), **_how(row))
        if now != deviation:
            file.put(now)
            lines.append(f"updated   {deviation.requirement}: expected {now.expected}; got {now.got}")
    return lines


def _prune(file: AcceptedFile, result: SavedResult) -> list[str]:
    """Remove what a report shows kept, and what names no requirement."""
    gone = [deviation for deviation in _concerned(file, result) if _is_over(deviation, result)]
    for deviation in gone:
        file.remove(deviation)
    return [f"removed   {deviation.requirement}" for deviation in gone]


def _is_over(deviation: Deviation, result: SavedResult) -> bool:
    if deviation.requirement not in load_catalogue(deviation.profile).requirements:
        return True
    row = result.rows.get(deviation.requirement)
    return row is not None and row.verdict in KEPT and not deviation.found_by  # a search may find it tomorrow


def _seen(result: SavedResult) -> date:
    return datetime.fromisoformat(result.started_at).date()
