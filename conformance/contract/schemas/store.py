"""The schema files: where they lie, which there are, and one registry in which they find each other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.vendors.folders import editions, schema_folder

if TYPE_CHECKING:
    from referencing import Registry

# The schemas carry no $id, so that relative references mean the same to every tool that reads the files;
# here they hang below a base that no network can reach.
BASE = "https://deployments-conformance.invalid/schemas/"


def schema_kinds(revision: str) -> tuple[str, ...]:
    """Return the kinds that `violations` knows in a revision, sorted; ValueError for an unknown revision."""
    return _kinds(f"{_folder_of(revision)}/")


def closed_kinds(revision: str) -> tuple[str, ...]:
    """Return the kinds that `drift` knows in a revision, sorted; ValueError for an unknown revision."""
    return _kinds(f"{_folder_of(revision)}/closed/")


def schema_document(kind: str, revision: str) -> Mapping[str, Any]:
    """Return the schema of a kind as data, its references unresolved; ValueError for unknown names."""
    return documents()[path_of(kind, revision)]


def openapi_file(revision: str) -> Path:
    """Return where the OpenAPI file of a revision lies, beside the schemas that it refers to."""
    return Path(str(schema_folder() / _folder_of(revision) / "openapi.yaml"))


def report_schema(name: str) -> Mapping[str, Any]:
    """Return the schema of what the suite itself writes, such as `evidence`."""
    schema: Mapping[str, Any] = json.loads((schema_folder() / "report" / f"{name}.schema.json").read_bytes())
    return schema


def path_of(kind: str, revision: str, *, closed: bool = False) -> str:
    """Return a schema's path below the schema folder; ValueError, with the allowed names, if unknown."""
    kinds = closed_kinds(revision) if closed else schema_kinds(revision)
    folder = f"{_folder_of(revision)}{'/closed' if closed else ''}"
    return f"{folder}/{_known(f'schema kind of revision {revision}', kind, kinds)}.json"


@cache
def documents() -> Mapping[str, Mapping[str, Any]]:
    """Return the contract's schema files by their paths below the schema folder."""
    tops = ("common", *editions().values())
    found = (entry for top in tops for entry in _json_files(schema_folder() / top, f"{top}/"))
    return {path: json.loads(file.read_bytes()) for path, file in found}


@cache
def registry() -> Registry[Any]:
    """Return the registry of these files, under `BASE`; it never retrieves anything else.

    `$schema` is left out: where a referenced schema names its dialect, jsonschema falls back to its stock
    validator for it and forgets the extensions of the one that was asked.
    """
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    bare = (
        {key: value for key, value in schema.items() if key != "$schema"} for schema in documents().values()
    )
    resources = zip(
        (BASE + path for path in documents()), map(DRAFT202012.create_resource, bare), strict=True
    )
    return Registry[Any]().with_resources(resources)


def _folder_of(revision: str) -> str:
    """Return the folder of an edition below the schema folder; ValueError for one that has no schemas."""
    known = editions()
    return known[_known("revision", revision, tuple(known))]


def _json_files(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _json_files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".json"):
            yield prefix + entry.name, entry


def _kinds(folder: str) -> tuple[str, ...]:
    names = (
        path.removeprefix(folder).removesuffix(".json") for path in documents() if path.startswith(folder)
    )
    return tuple(sorted(name for name in names if "/" not in name))


def _known(what: str, name: str, allowed: tuple[str, ...]) -> str:
    """Return `name` if it is allowed; otherwise ValueError with the allowed names and the likely one."""
    if name in allowed:
        return name
    near = get_close_matches(name, allowed, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"unknown {what}: {name!r}; allowed: {', '.join(allowed) or 'none'}{hint}")
