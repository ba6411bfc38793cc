"""The decisions that the documents leave to a server; the default of each is the plainest one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Ways:
    """One legal way of being a Deployments API."""

    revision: Literal["2026-06", "2026-07"] = "2026-07"

    # How answers look.
    ids: Literal["hex", "base62", "ulid", "long", "dashed"] = "base62"
    times: Literal["seconds", "ms", "us", "ns", "offset", "trimmed"] = "ms"
    whole_seconds: bool = False
    create_status: int = 200
    chinese: bool = False
    escaped: bool = False
    null_description: bool = False
    last_run_null: bool = False
    extras: bool = False
    reason_extras: bool = False
    content: Literal["as sent", "text", "blocks"] = "as sent"
    cas: Literal["always", "when sent", "never"] = "always"
    old_request_ids: bool = False
    null_param: bool = False

    # What is accepted, and how the rest is refused.
    content_type: Literal["any", 400, 415] = "any"
    unknown_fields: Literal["ignored", "refused"] = "ignored"
    strict_events: bool = False
    strict_text: bool = False
    one_event_form: bool = False
    names_are_unique: bool = False
    lazy_references: bool = False
    unversioned_agents: bool = False
    missing_reference: int = 400
    malformed_id: int = 404
    foreign: int = 404
    action_body: Literal["ignored", "parsed", "refused"] = "ignored"
    archived_change: tuple[int, str] = (409, "conflict_error")
    schedule_null: Literal["clears", "refused"] = "clears"
    null_metadata: Literal["refused", "ignored", "clears"] = "refused"
    null_fields: Literal["refused", "ignored"] = "refused"

    # Lifecycle.
    archived_keeps_paused: bool = False
    idle_update_touches: bool = True
    paused_has_upcoming: bool = True
    idempotency: Literal["honoured", "creations", "ignored"] = "honoured"
    busy_key_conflicts: bool = False
    optimistic: bool = False

    # Schedules.
    gap: Literal["skip", "shift"] = "skip"
    overlap: Literal["first", "second", "both"] = "first"
    days: Literal["or", "and"] = "or"
    cron_names: bool = True
    sunday_is_seven: bool = True
    impossible: Literal["empty", "refused"] = "empty"
    least_minutes: int = 1

    # Lists.
    page_tokens: Literal["id", "opaque"] = "opaque"
    caps_limit: bool = False
    unknown_cursor: Literal["refused", "empty", "first page"] = "refused"
    before_reads: Literal["nearest", "from the top"] = "nearest"
    odd_filters: Literal["refused", "empty", "ignored"] = "refused"
    status_hides_archived: bool = False

    # Surroundings.
    skew: float = 0
    lag: float = 0
    lag_only_lists: bool = False
    flapping: bool = False
    delay: float = 0
    work: float = 0
    per_second: float = 0
    auth_after_routing: bool = False
    any_scheme_case: bool = False
    has_environments: bool = True
    agents_envelope: Literal["data", "items", "bare"] = "data"
    agent_versions: int = 3

    # The wire.
    header_case: Literal["lower", "Title", "UPPER"] = "Title"
    framing: Literal["length", "chunked", "close", "http10"] = "length"
    date: bool = True
    request_id_header: bool = False
    html_elsewhere: bool = False
    charset: str = ""
    cookies: bool = False
