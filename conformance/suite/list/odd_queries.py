"""Queries that no client should send: whatever they are answered, no server must fail on them (N181)."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.client.api import Api
from conformance.client.exchange import Exchange

ODD_QUERIES: Mapping[str, Mapping[str, object]] = {
    "a limit beyond 64 bits": {"limit": "9" * 30},
    "a limit with an exponent": {"limit": "1e3"},
    "an empty limit": {"limit": ""},
    "two limits": {"limit": (1, 2)},
    "two statuses": {"status": ("active", "paused")},
    "a superscript as limit": {"limit": "\u00b2"},
    "a NUL as status": {"status": "\0"},
    "a NUL as cursor": {"after_id": "\0"},
    "an empty cursor": {"after_id": ""},
    "an empty page": {"page": ""},
    "a cursor beyond ASCII": {"before_id": "dep_🚀"},
    "a page that nobody gave": {"page": "%%%"},
    "a page beyond ASCII": {"page": "🚀"},
    "an agent of 3,000 characters": {"agent_id": "a" * 3_000},
    "a NUL as agent": {"agent_id": "agent_\0"},
    "a bound that is no time": {"created_at[gte]": "yesterday"},
    "a bound without an offset": {"created_at[gte]": "2026-01-01T00:00:00"},
    "a bound in the year 99999": {"created_at[lte]": "99999-01-01T00:00:00Z"},
    "a bound with an offset of 99 hours": {"created_at[gte]": "2026-01-01T00:00:00+99:00"},
    "bounds that UTC has no years for": {
        "created_at[gte]": "0001-01-01T00:00:00+14:00",
        "created_at[lte]": "9999-12-31T23:59:59-12:00",
    },
    "a NUL as include_archived": {"include_archived": "\0"},
}
ODD_RUN_QUERIES: Mapping[str, Mapping[str, object]] = {
    "a NUL as deployment": {"deployment_id": "\0"},
    "a NUL as trigger type": {"trigger_type": "\0"},
    "a bound that is no time": {"created_at[gt]": "yesterday"},
    "a page that nobody gave": {"page": "%%%"},
}


def ask_odd_queries(api: Api) -> Mapping[str, Exchange]:
    """Ask for lists with values that no server can make sense of; return the answers by these."""
    lists = {
        f"list with {what}": api.list(query, label=f"list with {what}", probe=True)
        for what, query in ODD_QUERIES.items()
    }
    runs = {
        f"list all runs with {what}": api.all_runs(query, label=f"list all runs with {what}", probe=True)
        for what, query in ODD_RUN_QUERIES.items()
    }
    traced = "list with an x-request-id of 1,000 characters"
    long = {traced: api.list(label=traced, headers={"x-request-id": "x" * 1_000}, probe=True)}
    return {**lists, **runs, **long}
