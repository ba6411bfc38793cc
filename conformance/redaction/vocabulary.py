"""The words that reports cannot do without: none is taken for a secret, nor masked as a part of one."""

from __future__ import annotations

from functools import cache

RESERVED = frozenset({
    # JSON, HTTP and the shell
    "true", "false", "null", "http", "https", "curl", "bearer", "basic", "authorization", "accept",
    "application", "json", "text", "html", "plain", "utf-8", "charset", "content-type", "content-length",
    "date", "location", "retry-after", "host", "head", "get", "post", "put", "patch", "delete", "options",
    # the API: its paths, fields, values and errors
    "conformance", "deployments", "deployment", "deployment_run", "deployment_runs", "runs", "run",
    "pause", "unpause", "archive", "active", "agent", "archived", "archived_at", "attempt", "budget",
    "cas_config", "cas_run_extras", "code", "completed", "completed_at", "content", "created_at", "cron",
    "data", "deployment_id", "description", "duration_ms", "environment_id", "environment_variables",
    "error", "expression", "failed", "first_id", "has_more", "initial_events", "last_id", "last_run_at",
    "manual", "max_credit_cost", "message", "metadata", "name", "next_page", "param", "paused",
    "paused_reason", "pending", "request_id", "resources", "retry", "running", "schedule", "scheduled_at",
    "session_id", "skipped", "started_at", "status", "system.message", "timezone", "trigger_context",
    "triggered_at", "turn_id", "type", "upcoming_runs_at", "updated_at", "user.define_outcome",
    "user.message", "vault_ids", "version", "workspace_id",
    # the report's own: its verdicts, headings and places
    "127.0.0.1", "again", "because", "blame", "broken", "cause", "created", "evidence", "expected", "fail",
    "got", "harness", "incomplete", "internal", "judged", "localhost", "may", "must", "not applicable",
    "not judged", "not-applicable", "not-judged", "note", "notice", "observed", "pass", "passed", "promised",
    "reference", "removed", "requests", "searches", "seed", "server", "should", "stopped", "story",
    "target", "timeline", "unknown", "verdict", "warned", "warning",
})  # fmt: skip
"""Words that answers and reports are made of: masked, they would say nothing any more."""
_FIXED = (
    "catalogue", "documents", "environment", "exchanges", "idempotency", "isolation", "lifecycle", "listing",
    "pagination", "preflight", "requirement", "requirements", "scheduled", "statements", "timestamps",
    "validation",
)  # fmt: skip
"""Other long words of the catalogue and of reports. No token is one, but it may hold one."""


@cache
def spelled() -> frozenset[str]:
    """Return the reserved words by their ASCII letters and digits alone, as texts are searched."""
    return frozenset(map(_signs, RESERVED))


@cache
def parts(size: int) -> frozenset[bytes]:
    """Return every run of `size` letters and digits of the words that reports are made of."""
    words = (*spelled(), *_FIXED)
    return frozenset(word[at : at + size].encode() for word in words for at in range(len(word) - size + 1))


def _signs(word: str) -> str:
    return "".join(filter(str.isalnum, word)).lower()
