"""A profile to begin with: it extends a shipped one, and shows in comments what the base has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from conformance.vendors.checking import profile_schema
from conformance.vendors.loading import load_profile, shipped_document

TABLES: Mapping[str, str] = {
    "credentials": "How a request carries the token; the token itself comes from the environment.",
    "ids": "How ids look.",
    "errors.types": "The `error.type` of each status.",
    "routes": 'The routes of runs; "" where there is none.',
    "lists": "How lists go on, what stands beside `data`, and the largest page.",
    "deployments": "How a deployment looks and what an archive does to it.",
    "deployments.fields": "Its documented fields, each with those of the object in it that count.",
}
"""The tables that a starter shows, each with what it is about."""


def situations() -> Sequence[str]:
    """Return the situations that a profile may answer, in the order of the schema."""
    return tuple(profile_schema()["properties"]["answers"]["properties"])


def starter(base: str, title: str) -> str:
    """Return the text of a profile that extends a shipped one and changes nothing but its title."""
    return "\n".join((*_head(base, title), *_tables(base), *_answers(base), *_promises(base)))


def _head(base: str, title: str) -> Iterator[str]:
    yield f"# A profile on top of {base}: take away the # before what differs; all else stays."
    yield "# Check it with: conformance profile check FILE"
    yield from ('format = "1"', f"extends = {_toml(base)}", f"title = {_toml(title)}")
    yield f"#base_url = {_toml(shipped_document(base)['base_url'])}"


def _tables(base: str) -> Iterator[str]:
    for name, about in TABLES.items():
        table = shipped_document(base)
        for part in name.split("."):
            table = table[part]
        yield from ("", f"# {about}", f"[{name}]")
        yield from (
            f"#{key} = {_toml(value)}" for key, value in table.items() if f"{name}.{key}" not in TABLES
        )


def _answers(base: str) -> Iterator[str]:
    known = load_profile(base).answers
    yield from ("", "# What may answer in a situation, the preferred first:")
    yield '# "200", "409 conflict_error", "4xx", or a list of those; "any" leaves it open.'
    yield "[answers]"
    for situation in situations():
        yield f"#{situation} = {_toml(list(known.get(situation, ['any'])))}"


def _promises(base: str) -> Iterator[str]:
    """Yield one promise that is switched off, and one with another level."""
    document = shipped_document(base)["promises"]
    first, second = [name for name, row in document.items() if row.get("level") == "MUST"][-2:]
    yield from ("", "# A requirement that does not bind your server; the reason is shown in the reports.")
    yield from (f'#[promises."{first}"]', '#off = "our server does otherwise on purpose: say why"')
    yield from ("", "# A requirement with another level than the documents warrant.")
    yield from (f'#[promises."{second}"]', '#level = "SHOULD"', '#reason = "say why"', "")


def _toml(value: object) -> str:
    """Return a value as TOML writes it; its texts are those of JSON."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{key} = {_toml(part)}" for key, part in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
