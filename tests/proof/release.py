"""Makes the page of docs/proof from the proof of a release: `python -m tests.proof.release [PROOF] [PAGE]`.

The proof itself, `reports/proof.json`, is too large for git: it is attached to the release.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema

from conformance.contract.catalogue import DEFAULT_PROFILE
from conformance.version import __version__
from tests.faults.catalogue import Fault, load_faults
from tests.proof.markdown import markdown
from tests.proof.profiles import promised
from tests.twins.catalogue import Twin, load_twins

PROOF, PAGE = Path("reports", "proof.json"), Path("docs", "proof", "proof.md")
SCHEMA = Path(__file__).parents[2] / "schemas" / "report" / "proof.schema.json"
SHOWN = 20
SETTLED = ("proven", "excepted")


def release(proof_file: Path, page: Path) -> int:
    """Write the page and return 0; where the proof cannot be released, say each reason and return 1."""
    try:
        proof = json.loads(proof_file.read_text("utf-8"))
        jsonschema.validate(proof, json.loads(SCHEMA.read_text("utf-8")))
    except (OSError, ValueError, jsonschema.ValidationError) as error:
        why = error.message if isinstance(error, jsonschema.ValidationError) else error
        return _refused(proof_file, [f"it is no proof: {why}"])
    if found := list(shortcomings(proof)):
        return _refused(proof_file, found)
    page.write_text(markdown(proof), encoding="utf-8")
    print(f"{page}: suite {proof['suite_version']}, {proof['totals']['runs']} runs")  # noqa: T201 (a command prints)
    return 0


def shortcomings(proof: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a proof lacks of what this checkout can break, and what it shows to be wrong."""
    if proof["suite_version"] != __version__:
        yield f"it is of version {proof['suite_version']}, this is {__version__}"
    states = {row["id"]: row["state"] for row in proof["requirements"]}
    for requirement in promised(DEFAULT_PROFILE):
        if states.get(requirement.id) not in SETTLED:
            yield f"requirement {requirement.id}: {states.get(requirement.id, 'missing')}"
    yield from _missing_runs("fault", load_faults().values(), proof["faults"])
    yield from _missing_runs("twin", load_twins().values(), proof["twins"])
    yield from (f"fault {row['id']}: missed" for row in proof["faults"] if not row["caught"])
    yield from (f"twin {row['id']}: accused" for row in proof["twins"] if row["accused"])


def _missing_runs(kind: str, subjects: Iterable[Fault | Twin], rows: Iterable[Any]) -> Iterator[str]:
    judged = {(row["id"], run["revision"]) for row in rows for run in row["runs"]}
    for subject in subjects:
        for revision in subject.revisions:
            if (subject.id, revision) not in judged:
                yield f"{kind} {subject.id}: not judged in revision {revision}"


def _refused(proof_file: Path, reasons: Sequence[str]) -> int:
    more = [f"and {len(reasons) - SHOWN} more reasons"] if len(reasons) > SHOWN else []
    for reason in [*reasons[:SHOWN], *more]:
        print(f"{proof_file}: {reason}", file=sys.stderr)  # noqa: T201 (the same)
    print("Hint: `conformance prove` without a name judges everything.", file=sys.stderr)  # noqa: T201 (the same)
    return 1


if __name__ == "__main__":
    given = [Path(word) for word in sys.argv[1:]]
    sys.exit(release(given[0] if given else PROOF, given[1] if len(given) > 1 else PAGE))
