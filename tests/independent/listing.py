"""Pages of lists: filters, limits and cursors."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.independent.bodies import ProblemError, need
from tests.independent.journal import State
from tests.independent.ways import Ways

Query = Mapping[str, str]
BOUNDS: dict[str, Callable[[float, float], bool]] = {
    "created_at[gt]": lambda at, bound: at > bound,
    "created_at[gte]": lambda at, bound: at >= bound,
    "created_at[lt]": lambda at, bound: at < bound,
    "created_at[lte]": lambda at, bound: at <= bound,
    "triggered_after": lambda at, bound: at >= bound,
    "triggered_before": lambda at, bound: at <= bound,
}


@dataclass(frozen=True)
class Page:
    rows: list[State]
    has_more: bool
    next_page: str | None
    names: list[str] = field(default_factory=list)

    def document(self, data: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "data": data,
            "has_more": self.has_more,
            "first_id": data[0]["id"] if data else None,
            "last_id": data[-1]["id"] if data else None,
            "next_page": self.next_page,
        }


class Lists:
    """Chooses what a list shows; every method raises ProblemError."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways
        self.new = ways.revision == "2026-07"

    def deployments(self, states: list[State], query: Query) -> Page:
        status, archived = query.get("status"), query.get("include_archived", "false")
        if self.ways.odd_filters == "refused":
            need(status in (None, "active", "paused"), "status is active or paused", "status")
            need(archived in ("true", "false"), "include_archived is true or false", "include_archived")
        if archived != "true" or (status and self.ways.status_hides_archived):
            states = [s for s in states if not s["archived"]]
        if status in ("active", "paused") or (status and self.ways.odd_filters == "empty"):
            states = [s for s in states if ("paused" if s["paused"] else "active") == status]
        if "agent_id" in query:
            states = [s for s in states if s["agent"]["id"] == query["agent_id"]]
        return self.page(self.bounded(states, query, "created"), query)

    def runs(self, runs: list[State], query: Query) -> Page:
        trigger, error = query.get("trigger_type"), query.get("has_error")
        if trigger:
            runs = [r for r in runs if r["trigger_context"]["type"] == trigger]
        if error in ("true", "false"):
            runs = runs if error == "false" else []
        if "status" in query and not self.new:
            runs = [r for r in runs if query["status"] == "running"]
        return self.page(self.bounded(runs, query, "at"), query)

    def bounded(self, rows: list[State], query: Query, name: str) -> list[State]:
        for parameter, within in BOUNDS.items():
            if parameter in query and self.new == parameter.startswith("created"):
                bound = self.instant(query[parameter], parameter)
                rows = [row for row in rows if within(self.visible(row[name]), bound)]
        return rows

    def visible(self, at: float) -> float:
        """Return the instant as precisely as answers show it, so that a shown one works as a bound."""
        digits = {"seconds": 0, "ms": 3}.get(self.ways.times, 6)
        return float(int(at)) if digits == 0 else int(round(at * 1e6) // 10 ** (6 - digits)) / 10**digits

    def instant(self, text: str, parameter: str) -> float:
        try:
            at = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
        except ValueError as error:
            raise ProblemError(400, f"{parameter} must be ISO 8601", parameter) from error
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()

    def limit(self, query: Query) -> int:
        text = query.get("limit", "20")
        need(re.fullmatch(r"[0-9]{1,9}", text) and int(text) > 0, "limit must be positive", "limit")
        most = 100 if self.new else 1000
        if int(text) > most:
            need(self.ways.caps_limit, f"limit is at most {most}", "limit")
            return 100
        return int(text)

    def page(self, rows: list[State], query: Query) -> Page:
        limit = self.limit(query)
        cursors = [name for name in ("after_id", "before_id", "page") if name in query]
        need(len(cursors) <= 1, "cursors exclude each other", cursors[-1] if cursors else None)
        names = [row["id"] for row in rows]
        if not cursors or (cursors == ["page"] and not self.new):
            return self._cut(rows, 0, limit)
        position = self.position(names, query[cursors[0]], token=cursors == ["page"])
        if position is None:
            need(self.ways.unknown_cursor != "refused", "unknown cursor", cursors[0])
            return self._cut(rows if self.ways.unknown_cursor == "first page" else [], 0, limit)
        if cursors == ["before_id"]:
            newer = rows[:position]
            start = max(0, position - limit) if self.ways.before_reads == "nearest" else 0
            more = len(newer) > limit
            chosen = newer[start : start + limit]
            return Page(chosen, more, self.token(chosen[-1]["id"]) if more else None)
        return self._cut(rows, position + 1, limit)

    def _cut(self, rows: list[State], start: int, limit: int) -> Page:
        chosen = rows[start : start + limit]
        more = len(rows) > start + limit
        return Page(chosen, more, self.token(chosen[-1]["id"]) if more else None)

    def position(self, names: list[str], cursor: str, *, token: bool) -> int | None:
        if token and self.ways.page_tokens == "opaque":
            try:
                cursor = base64.urlsafe_b64decode(cursor + "===").decode()
            except ValueError:
                return None
        return names.index(cursor) if cursor in names else None

    def token(self, name: str) -> str:
        if self.new and self.ways.page_tokens == "opaque":
            return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")
        return name
