"""Reads profiles: those that the package holds by name, a user's own by the path of a folder or file."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from conformance.vendors.folders import shipped, shipped_folder
from conformance.vendors.ids import IdForm
from conformance.vendors.profile import (
    CredentialForm,
    DeploymentForm,
    EditionRule,
    Editions,
    ListForm,
    Mark,
    Profile,
    ProfileError,
    Promise,
    Statement,
)
from conformance.vendors.source import Source, nearest

Document = dict[str, Any]
TOP = ("vendor.toml", "api.toml")
"""The files of a folder whose tables stand at the top of the document."""
TABLES = ("answers", "promises", "statements")
"""Tables of the document; in a folder each is a file of its own."""
LARGEST_FILE = 1024 * 1024
"""Bytes of one file of a profile."""
HINT = 'Hint: a profile of your own begins with format = "1" and extends = "NAME" of a shipped one.'


def is_path(name: str) -> bool:
    """Tell whether what names a profile is the path of one: no name has a slash or an ending."""
    return "/" in name or "\\" in name or name.endswith(".toml")


@cache
def load_profile(name: str) -> Profile:
    """Return the profile of a shipped name, or the one at a path; the same one for the same name.

    Raises ProfileError for an unknown name, for files that cannot be read, and for what is wrong in them.
    """
    return build(Path(name).stem if is_path(name) else name, profile_document(name))


def profile_document(name: str) -> Document:
    """Return the whole document of the profile of a name or path; raises as `load_profile` does."""
    if is_path(name):
        return _own(Path(name))
    if name not in shipped():
        raise ProfileError(
            f"no profile is called {name!r}{nearest(name, shipped())} Allowed: {', '.join(shipped())}, "
            "or the path of a folder or of a .toml file."
        )
    return shipped_document(name)


def build(name: str, document: Document) -> Profile:
    """Return the profile that a whole and valid document describes."""
    ids, limits, errors = document["ids"], document["limits"], document["errors"]
    return Profile(
        name=name,
        title=document["title"],
        base_url=document["base_url"],
        digest=_digest(document),
        credentials=CredentialForm(**{"headers": {}, "query": {}, **document["credentials"]}),
        deployment_ids=IdForm(**ids["deployment"]),
        run_ids=IdForm(**ids["run"]),
        body_limit=limits["body"],
        error_key=errors.get("key", ""),
        request_id_header=errors.get("request_id_header", ""),
        error_types={int(status): kind for status, kind in errors["types"].items()},
        editions=_editions(document["editions"]),
        routes={route: path for route, path in document["routes"].items() if path},
        lists=ListForm(**_frozen(document["lists"])),
        deployments=_deployments(document["deployments"]),
        answers={situation: _several(answer) for situation, answer in document["answers"].items()},
        promises={name: Promise(**_frozen(row)) for name, row in document["promises"].items()},
        statements={number: Statement(**row) for number, row in document["statements"].items()},
    )


def _digest(document: Document) -> str:
    import json
    from hashlib import sha256

    return sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]


def _editions(table: Document) -> Editions:
    marks = {name: Mark(**mark) for name, mark in table.get("marks", {}).items()}
    return Editions(tuple(table["names"]), marks, [EditionRule(**rule) for rule in table.get("rules", [])])


def _deployments(table: Document) -> DeploymentForm:
    fields = {name: tuple(parts) for name, parts in table["fields"].items()}
    return DeploymentForm(**{**_frozen(table), "fields": fields})


def _frozen(row: Document) -> Document:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def _several(answer: str | list[str]) -> tuple[str, ...]:
    return (answer,) if isinstance(answer, str) else tuple(answer)


# --- from files to a document ----------------------------------------------------------------------------


@cache
def shipped_document(name: str) -> Document:
    """Return the whole document of a shipped profile; tests check these, so that a run need not."""
    read = _read(shipped_folder(name), lambda file: file.read_bytes())
    return _extended(read.document)


def base_of(name: str) -> str:
    """Return the name of the shipped profile that a shipped one extends; empty for one that stands alone."""
    base: str = _read(shipped_folder(name), lambda file: file.read_bytes()).document.get("extends", "")
    return base


def _own(path: Path) -> Document:
    """Return the document of a user's own profile, checked; raises ProfileError."""
    from conformance.vendors.checking import check

    try:
        source = _read(path, _read_bounded) if path.is_dir() else _single(path)
    except OSError as error:
        raise ProfileError(f"{path} cannot be read: {error.strerror or error}. {HINT}") from None
    check(source, whole=False)
    whole = _extended(source.document)
    check(Source(whole, source.texts), whole=True)
    return whole


def _extended(document: Mapping[str, Any]) -> Document:
    """Return a document laid over the one that it extends; raises ProfileError for an unknown base."""
    base = document.get("extends")
    if base is None:
        return dict(document)
    if base not in shipped():
        raise ProfileError(
            f"extends names {base!r}{nearest(base, shipped())} Allowed: {', '.join(shipped())}."
        )
    own = {key: value for key, value in document.items() if key != "extends"}
    return merged(shipped_document(base), own)


def merged(base: Document, own: Mapping[str, Any]) -> Document:
    """Return a document with the values of another laid over its own: tables merge, all else is replaced."""
    return {
        **base,
        **{
            key: merged(base[key], value)
            if isinstance(value, dict) and isinstance(base.get(key), dict)
            else value
            for key, value in own.items()
        },
    }


def _read(folder: Traversable, content: Callable[[Any], bytes]) -> Source:
    """Return what the files of a folder say together; a file may be missing."""
    document: Document = {}
    texts: dict[str, str] = {}
    for name in (*TOP, *(f"{table}.toml" for table in TABLES)):
        file = folder / name
        if file.is_file():
            texts[str(file)] = text = _decoded(str(file), content(file))
            parsed = _parsed(str(file), text)
            document |= parsed if name in TOP else {name.removesuffix(".toml"): parsed}
    return Source(document, texts)


def _single(path: Path) -> Source:
    text = _decoded(str(path), _read_bounded(path))
    return Source(_parsed(str(path), text), {str(path): text})


def _read_bounded(path: Path) -> bytes:
    if not path.is_file():  # a pipe would wait for its writer
        raise FileNotFoundError(2, "there is no such file or folder")
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise OSError(27, f"it is larger than {LARGEST_FILE} bytes")
    return content


def _decoded(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProfileError(f"{name} is not in UTF-8. {HINT}") from None


def _parsed(name: str, text: str) -> Document:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileError(f"{name} is no TOML: {error}. {HINT}") from None
