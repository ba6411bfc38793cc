"""Listings: which records match, in which order, and how they are cut into pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final, Protocol, TypeVar

from conformance.reference.core import Core
from conformance.reference.errors import ApiError, invalid
from conformance.reference.messages import Call, Document
from conformance.reference.rendering import Page
from conformance.reference.store import Agent, Deployment, Environment

Query = Mapping[str, str]
INTEGER: Final = re.compile(r"-?[0-9]{1,9}")
AFTER: Final = "after"
BEFORE: Final = "before"


class Row(Protocol):
    """What a listing needs to know of a record."""

    @property
    def id(self) -> str: ...  # noqa: D102 (a name says it)
    @property
    def created_at(self) -> datetime: ...  # noqa: D102 (a name says it)
    @property
    def sequence(self) -> int: ...  # noqa: D102 (a name says it)


R = TypeVar("R", bound=Row)


class Listing(Core):
    """Filters, orders and pages records; a query parameter that the revision does not know is ignored."""

    default_limit = 20

    # --- pages ---------------------------------------------------------------------------------------------

    def page(
        self, rows: Iterable[R], wanted: Callable[[R], bool], render: Callable[[R], Document], query: Query
    ) -> Page:
        """Return the page that a query asks for.

        The cursor's own row needs not match the filters, so that a walk goes on when its last row changed.
        """
        limit = self.read_limit(query)
        direction, cursor = self.read_cursor(query)
        candidates = self.beyond(self.newest_first(rows), direction, cursor)
        found = list(islice(filter(wanted, candidates), limit + 1))
        chosen = found[:limit]
        token = _token(direction, chosen[-1].id) if chosen else ""
        if direction == BEFORE:
            chosen.reverse()
        return Page([render(row) for row in chosen], len(found) > limit, token)

    def newest_first(self, rows: Iterable[R]) -> list[R]:
        """Return records in the order of listings."""
        return sorted(rows, key=lambda row: (row.created_at, row.sequence), reverse=True)

    def beyond(self, rows: Sequence[R], direction: str, cursor: str | None) -> Iterable[R]:
        """Return the rows that follow a cursor, nearest first."""
        if cursor is None:
            return rows
        position = next((index for index, row in enumerate(rows) if row.id == cursor), None)
        if position is None:
            raise self.unknown_cursor()
        return rows[position + 1 :] if direction == AFTER else rows[:position][::-1]

    def unknown_cursor(self) -> ApiError:
        """Return the refusal of a cursor that names nothing (the documents are silent)."""
        return invalid("the cursor does not name an object of this list")

    def max_limit(self) -> int:
        """Return the largest page size."""
        return 1000 if self.old else 100

    def read_limit(self, query: Query) -> int:
        """Return the page size that a query asks for."""
        limit = _integer(query.get("limit", str(self.default_limit)), "limit")
        if not 1 <= limit <= self.max_limit():
            raise invalid(f"limit must be from 1 to {self.max_limit()}", "limit")
        return limit

    def read_cursor(self, query: Query) -> tuple[str, str | None]:
        """Return the direction of a walk and the id it starts from, None for the newest end."""
        given = [name for name in self.cursor_parameters() if name in query]
        if len(given) > 1:
            raise invalid(f"{' and '.join(given)} exclude each other", given[0])
        if not given:
            return AFTER, None
        if given == ["page"]:
            return _read_token(query["page"])
        return given[0].removesuffix("_id"), query[given[0]]

    def cursor_parameters(self) -> tuple[str, ...]:
        """Return the parameters that move through a list."""
        return ("after_id", "before_id") if self.old else ("after_id", "before_id", "page")

    # --- deployments ---------------------------------------------------------------------------------------

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        """Return the deployments that a listing chooses from."""
        return call.tenant.deployments.values()

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        """Return what decides whether a deployment is listed; raises ApiError for a bad parameter."""
        status = _choice(query, "status", ("active", "paused"))
        archived = self.read_flag(query, "include_archived")
        span = {} if self.old else self.read_span(query, ("gte", "lte"))

        def wanted(record: Deployment) -> bool:
            return (
                self.matches_archived(record, include=archived is True)
                and self.matches_status(record, status)
                and self.matches_agent(record, query.get("agent_id"))
                and self.matches_span(record.created_at, span)
            )

        return wanted

    def matches_archived(self, record: Deployment | Agent | Environment, *, include: bool) -> bool:
        """Return whether a record is shown, archived or not."""
        return include or record.archived_at is None

    def matches_status(self, record: Deployment, status: str | None) -> bool:
        """Return whether a deployment has the status asked for."""
        return status is None or record.status == status

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        """Return whether a deployment is of the agent asked for."""
        return agent_id is None or record.agent.id == agent_id

    def matches_span(self, at: datetime, span: Mapping[str, datetime]) -> bool:
        """Return whether an instant lies within the bounds `gt`, `gte`, `lt`, `lte`."""
        outside = (
            ("gt" in span and at <= span["gt"])
            or ("gte" in span and at < span["gte"])
            or ("lt" in span and at >= span["lt"])
            or ("lte" in span and at > span["lte"])
        )
        return not outside

    # --- parameters ----------------------------------------------------------------------------------------

    def read_span(self, query: Query, bounds: Iterable[str]) -> dict[str, datetime]:
        """Return the bounds that `created_at[...]` parameters set."""
        names = {bound: f"created_at[{bound}]" for bound in bounds}
        return {bound: _instant(query[name], name) for bound, name in names.items() if name in query}

    def read_flag(self, query: Query, name: str) -> bool | None:
        """Return a parameter that is true or false, None when it was not sent."""
        value = _choice(query, name, ("true", "false"))
        return None if value is None else value == "true"

    def read_instant(self, query: Query, name: str) -> datetime | None:
        """Return a parameter that is an instant, None when it was not sent."""
        return _instant(query[name], name) if name in query else None

    def read_choice(self, query: Query, name: str, allowed: tuple[str, ...]) -> str | None:
        """Return a parameter that is one of a few words, None when it was not sent."""
        return _choice(query, name, allowed)


def _choice(query: Query, name: str, allowed: tuple[str, ...]) -> str | None:
    value = query.get(name)
    if value is not None and value not in allowed:
        raise invalid(f"{name} must be one of {', '.join(allowed)}", name)
    return value


def _integer(text: str, name: str) -> int:
    if not INTEGER.fullmatch(text):
        raise invalid(f"{name} must be a whole number", name)
    return int(text)


def _instant(text: str, name: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid(f"{name} must be an ISO 8601 timestamp", name) from None


def _token(direction: str, row_id: str) -> str:
    return base64.urlsafe_b64encode(f"{direction}:{row_id}".encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        text = ""
    direction, _, row_id = text.partition(":")
    if direction not in {AFTER, BEFORE}:
        raise invalid("page must be the next_page of an earlier answer", "page")
    return direction, row_id
