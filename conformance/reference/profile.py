"""What a profile says of a vendor, as far as a server needs it: read from its data, which judges nothing."""

from __future__ import annotations

import secrets
import string
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import urlsplit

from conformance.reference.routes import ROUTES, Routes
from conformance.reference.store import make_id

BASE62: Final = string.digits + string.ascii_letters
OPERATIONS: Final = (
    ("runs-of-deployment", "list_runs"),
    ("run-of-deployment", "get_run"),
    ("runs", "list_all_runs"),
    ("run", "get_run_globally"),
)
"""The routes that a profile names, each with its operation; the first two only where they nest."""
OF_RUNS: Final = tuple(operation for _, operation in OPERATIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileData:
    """One profile's document in the server's words.

    `answers` are the preferred ones; a situation that is missing is open. `promises` are the ids of
    requirements that bind. `error_key` is the key of `error` that says its kind; `request_id_header` is empty
    where answers carry none.
    """

    base_path: str
    body_limit: int
    credentials: Mapping[str, Any]
    ids: Mapping[str, Mapping[str, str]]
    error_types: Mapping[int, str]
    error_key: str
    request_id_header: str
    routes: Routes
    lists: Mapping[str, Any]
    deployments: Mapping[str, Any]
    answers: Mapping[str, str]
    promises: frozenset[str]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Return what a whole and valid document of a profile says."""
        errors = document["errors"]
        return cls(
            base_path=urlsplit(document["base_url"]).path,
            body_limit=document["limits"]["body"],
            credentials=document["credentials"],
            ids=document["ids"],
            error_types={int(status): kind for status, kind in errors["types"].items()},
            error_key=errors.get("key", "type"),
            request_id_header=errors.get("request_id_header", ""),
            routes=_routes(document["routes"]),
            lists=document["lists"],
            deployments=document["deployments"],
            answers={situation: _preferred(answer) for situation, answer in document["answers"].items()},
            promises=frozenset(name for name, row in document["promises"].items() if "off" not in row),
        )

    def new_id(self, kind: str, at: datetime, sequence: int) -> str:
        """Return a new id of the kind `deployment` or `run`, in the form that the profile says."""
        prefix, form = self.ids[kind]["prefix"], self.ids[kind]["form"]
        if form == "uuid7-hex":
            return prefix + make_id("", at, sequence).removeprefix("_")
        return prefix + (str(uuid.uuid4()) if form == "uuid" else base62(int(form.removeprefix("base62-"))))


def base62(length: int) -> str:
    """Return random digits and letters."""
    return "".join(secrets.choice(BASE62) for _ in range(length))


def _routes(paths: Mapping[str, str]) -> Routes:
    routes = [route for route in ROUTES if route[2] not in OF_RUNS]
    for name, operation in OPERATIONS:
        path = paths.get(name, "").partition("?")[0]
        if path and ("of-deployment" not in name or "{deployment}" in path):
            routes.append(("GET", _segments(path), operation))
    return tuple(routes)


def _segments(path: str) -> tuple[str, ...]:
    words = path.replace("{deployment}", "{deployment_id}").replace("{run}", "{run_id}")
    return tuple(words.strip("/").split("/"))


def _preferred(answer: str | Sequence[str]) -> str:
    return answer if isinstance(answer, str) else answer[0]
