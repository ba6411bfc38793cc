"""The proof as a page to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SHOWN = 160


def markdown(proof: Mapping[str, Any]) -> str:
    """Return the page of a proof, as `proof_of` makes it."""
    return "\n".join(
        [*_summary(proof), *_requirements(proof), *_faults(proof), *_twins(proof), *_left_out(proof), ""]
    )


def _summary(proof: Mapping[str, Any]) -> Iterator[str]:
    totals = proof["totals"]
    yield "# What proves the verdicts"
    yield ""
    yield (
        f"Suite {proof['suite_version']}, profile {proof['profile']}, {proof['finished_at']}: {totals['runs']} runs with "
        f"{totals['requests']} requests in {proof['seconds']:.0f} s of wall time, seed {proof['seed']}"
        f"{'' if proof['whole'] else '; only a part was chosen'}."
    )
    yield ""
    yield "| | of | |"
    yield "|---|---|---|"
    for word, part, whole in (
        (
            "requirements (MUST and SHOULD) seen failing for a fault that breaks them",
            "proven",
            "requirements",
        ),
        ("faults caught: what they break was found broken in every run", "caught", "faults"),
        ("faults sharp: nothing beyond what they declare was found broken", "sharp", "faults"),
        ("twins accused of anything", "accused", "twins"),
    ):
        yield f"| {word} | {totals[part]} of {totals[whole]} | {_share(totals[part], totals[whole])} |"
    unproven = [f"`{row['id']}`" for row in proof["requirements"] if row["state"] == "never seen failing"]
    if proof["whole"] and unproven:
        yield from ("", f"Never seen failing: {', '.join(unproven)}.")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"


def _requirements(proof: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        "",
        "## Requirements",
        "",
        "| requirement | level | tested | proven to fail by |",
        "|---|---|---|---|",
    )
    for row in proof["requirements"]:
        by = ", ".join(row["faults"]) or f"**{row['state']}**{': ' + row['reason'] if row['reason'] else ''}"
        yield f"| `{row['id']}` | {row['level']} | {'yes' if row['tested'] else 'no'} | {by} |"


def _faults(proof: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "## Faults", "", "| fault | breaks | hides | verdict | also failed | unexpected |")
    yield "|---|---|---|---|---|---|"
    for row in proof["faults"]:
        word = "sharp" if row["sharp"] else "caught" if row["caught"] else "**missed**"
        failed = {name for run in row["runs"] for name in run["failed"]}
        odd = {name: text for run in row["runs"] for name, text in run["unexpected"].items()}
        others = ", ".join(f"`{name}`" for name in sorted(failed - {row["breaks"], *odd}))
        cells = (f"{row['id']}: {row['says']}", f"`{row['breaks']}`", row["hides"], word, others, _told(odd))
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _twins(proof: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "## Twins", "", "| twin | runs | accused of |", "|---|---|---|")
    for row in proof["twins"]:
        odd = {name: text for run in row["runs"] for name, text in run["accusations"].items()}
        cells = (f"{row['id']}: {row['says']}", str(len(row["runs"])), _told(odd) or "nothing")
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _left_out(proof: Mapping[str, Any]) -> Iterator[str]:
    """Yield why faults and twins were not judged, many of them for one reason."""
    ids: dict[str, list[str]] = {}
    for name, reason in proof["left_out"].items():
        ids.setdefault(reason, []).append(name)
    if ids:
        yield from ("", "## Left out under this profile", "", "| reason | faults and twins |", "|---|---|")
        yield from (f"| {_cell(reason)} | {', '.join(names)} |" for reason, names in ids.items())


def _told(found: Mapping[str, str]) -> str:
    return "; ".join(f"`{name}`: {text[:SHOWN]}" for name, text in found.items())


def _cell(text: str) -> str:
    """Return text as one line that does not end its cell."""
    return " ".join(text.replace("|", "\\|").split())
