"""One vendor's promises as data: everything in which vendors differ, so that no code asks for a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from conformance.errors import ConformanceError
from conformance.vendors.ids import IdForm

EventForm = Literal["blocks", "string", "message"]


class ProfileError(ConformanceError, ValueError):
    """A profile is wrong or not there: the message says where, what was given, what is allowed and a hint."""


@dataclass(frozen=True, slots=True)
class CredentialForm:
    """How a request carries a token, and what it carries besides.

    `scheme` is empty where the token stands alone in the header. `headers` and `query` go with every request.
    """

    header: str
    scheme: str
    headers: Mapping[str, str]
    query: Mapping[str, str]

    def value(self, token: str) -> str:
        """Return the value of the header that carries a token."""
        return f"{self.scheme} {token}" if self.scheme else token


@dataclass(frozen=True, slots=True)
class Mark:
    """What an answer may show of the edition.

    Either a `field` that is there in what `shown_by` names (`deployment` or `error`), or the `status` that a
    list with a `query` is answered.
    """

    shown_by: str = ""
    field: str = ""
    query: Mapping[str, str] | None = None
    status: int = 0


@dataclass(frozen=True, slots=True)
class EditionRule:
    """A target follows `edition` when every mark in `when` is there, or is not, as it says."""

    edition: str
    when: Mapping[str, bool]
    reason: str


@dataclass(frozen=True, slots=True)
class Editions:
    """The dated sets of documents, the newest last, and the rules that tell them apart; the first fits."""

    names: tuple[str, ...]
    marks: Mapping[str, Mark]
    rules: Sequence[EditionRule]


@dataclass(frozen=True, slots=True)
class ListForm:
    """How lists end and go on.

    `cursors` are the query parameters that lead to the next page, the preferred first: `after_id` takes the
    last id of a page, `page` its `next_page`. `envelope` names the fields beside `data`, `largest_page` the
    largest limit that is documented.
    """

    cursors: tuple[str, ...]
    envelope: tuple[str, ...]
    largest_page: int


@dataclass(frozen=True, slots=True)
class DeploymentForm:
    """How deployments look and how they are asked for.

    `fields` are the documented ones, each with those of the object in it that count; `moving` are the paths
    of what time alone changes. `agent` is `text` or `object`; `events` are the forms of an event, the
    preferred first: `blocks`, `string` or `message`. `renamed_by_archive` and `status_once_archived` (empty:
    open) say what an archive does to a paused deployment.
    """

    fields: Mapping[str, tuple[str, ...]]
    moving: tuple[str, ...]
    agent: str
    events: tuple[EventForm, ...]
    environment_required: bool
    renamed_by_archive: bool
    status_once_archived: str


@dataclass(frozen=True, slots=True)
class Promise:
    """That a requirement binds: how strongly, by which statements on which page, in which editions.

    A search has no level. `off` says why one that a base profile names does not bind, `reason` why its level
    is another than the statements warrant. `title` is another than the catalogue's, where values differ.
    """

    level: str = ""
    statements: tuple[str, ...] = ()
    source: str = ""
    editions: tuple[str, ...] = ()
    title: str = ""
    off: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the documents say in our words; `excluded` or `planned` says why no requirement judges it."""

    says: str
    strength: str
    source: str
    excluded: str = ""
    planned: str = ""


@dataclass(frozen=True, eq=False)  # compared and hashed as the one object that it is: its mappings cannot be
class Profile:
    """One vendor's promises.

    `answers` maps a situation to what may answer it, the preferred first; a situation that is not there is
    open. `routes` maps names of routes to their paths; one that is not there does not exist. `error_types`
    maps HTTP statuses to the documented `error.type`. `error_key` is the key of `error` that holds it, and
    `request_id_header` the header of every answer with the id of its request; both are empty where no page
    says. `body_limit` is in bytes. `digest` tells two profiles of one name apart.
    """

    name: str
    title: str
    base_url: str
    digest: str
    credentials: CredentialForm
    deployment_ids: IdForm
    run_ids: IdForm
    body_limit: int
    error_types: Mapping[int, str]
    error_key: str
    request_id_header: str
    editions: Editions
    routes: Mapping[str, str]
    lists: ListForm
    deployments: DeploymentForm
    answers: Mapping[str, Sequence[str]]
    promises: Mapping[str, Promise]
    statements: Mapping[str, Statement]
