"""What bodies of creations and updates must look like."""

from __future__ import annotations

import unicodedata
from typing import Any

from tests.independent.cron import Timetable
from tests.independent.ways import Ways

Body = dict[str, Any]
FIELDS = (
    "name", "description", "agent", "environment_id", "schedule", "initial_events", "resources", "vault_ids",
    "metadata",
)  # fmt: skip
REQUIRED = ("name", "agent", "environment_id", "initial_events")
EVENTS = ("user.message", "user.define_outcome", "system.message")
CHINESE = {400: "请求参数无效", 401: "令牌无效", 403: "没有权限", 404: "资源不存在", 409: "状态冲突"}
KINDS = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error",
    404: "not_found_error", 409: "conflict_error",
}  # fmt: skip


class ProblemError(Exception):
    """A refusal: status, text and the field at fault."""

    def __init__(self, status: int, text: str, param: str | None = None, kind: str = "") -> None:
        super().__init__(text)
        self.status, self.text, self.param = status, text, param
        self.kind = kind or KINDS.get(status, "api_error")


def need(met: object, text: str, param: str | None = None) -> None:
    if not met:
        raise ProblemError(400, text, param)


class Rules:
    """Checks bodies; every method raises ProblemError."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways
        self.new = ways.revision == "2026-07"

    def check(self, body: object, *, creating: bool) -> Body:
        need(isinstance(body, dict), "the body must be an object")
        assert isinstance(body, dict)
        known = (*FIELDS, "environment_variables") if self.new else FIELDS
        if self.ways.unknown_fields == "refused":
            for field in body:
                need(field in known, f"unknown field {field}", field)
        body = self._without_nulls({k: v for k, v in body.items() if k in known}, creating=creating)
        if creating:
            for field in REQUIRED:
                need(field in body, f"Missing required field: {field}", field)
        for field, value in body.items():
            getattr(self, f"_{field}")(value)
        return body

    def _without_nulls(self, body: Body, *, creating: bool) -> Body:
        kept = dict(body)
        for field in [f for f, value in body.items() if value is None]:
            if field == "schedule":
                need(creating or self.ways.schedule_null == "clears", "a schedule cannot be cleared", field)
            elif field == "metadata":
                need(self.ways.null_metadata != "refused", "metadata must be an object", field)
                kept[field] = {"": None} if self.ways.null_metadata == "clears" else {}
            elif field in ("description", "environment_variables"):
                kept[field] = ""
            else:
                need(self.ways.null_fields == "ignored" and not creating, f"{field} must not be null", field)
                del kept[field]
        return kept

    def text(self, value: object, field: str) -> None:
        need(isinstance(value, str), f"{field} must be a string", field)
        if self.ways.strict_text:
            odd = any(unicodedata.category(c) in ("Cc", "Cs", "Cn") and c not in "\n\t\r" for c in str(value))
            need(not odd, f"{field} has control characters", field)

    def _name(self, value: object) -> None:
        self.text(value, "name")
        need(0 < len(str(value)) <= 256, "name must have 1 to 256 characters", "name")

    def _description(self, value: object) -> None:
        self.text(value, "description")

    def _environment_id(self, value: object) -> None:
        self.text(value, "environment_id")

    def _environment_variables(self, value: object) -> None:
        self.text(value, "environment_variables")

    def _agent(self, value: object) -> None:
        if isinstance(value, dict):
            need(isinstance(value.get("id"), str), "agent.id must be a string", "agent.id")
            need(not self.new or value.get("type") == "agent", "agent.type must be agent", "agent.type")
            version = value.get("version")
            need(version is not None or self.ways.unversioned_agents, "agent.version is required", "agent")
            need(version is None or (type(version) is int and version > 0), "no version", "agent.version")
        else:
            need(isinstance(value, str) and value, "agent must be an id or an object", "agent")

    def _schedule(self, value: object) -> None:
        if value is None:
            return
        need(isinstance(value, dict), "schedule must be an object", "schedule")
        assert isinstance(value, dict)
        need(value.get("type") == "cron", "schedule.type must be cron", "schedule.type")
        for field in ("expression", "timezone"):
            need(isinstance(value.get(field), str), f"schedule.{field} is required", f"schedule.{field}")
        try:
            table = Timetable(value["expression"], value["timezone"], self.ways)
        except ValueError as error:
            raise ProblemError(400, str(error), "schedule") from error
        if self.ways.impossible == "refused":
            need(table.dates_exist(), "the schedule never comes round", "schedule")
        need(table.least_gap() >= self.ways.least_minutes, "the schedule is too frequent", "schedule")

    def _initial_events(self, value: object) -> None:
        need(isinstance(value, list) and 1 <= len(value) <= 50, "1 to 50 events", "initial_events")
        assert isinstance(value, list)
        for event in value:
            need(isinstance(event, dict) and event.get("type") in EVENTS, "unknown event", "initial_events")
            self._event(event)
        if self.ways.strict_events:
            systems = [n for n, event in enumerate(value) if event["type"] == "system.message"]
            need(
                not systems or (systems == [len(value) - 1] and systems != [0]),
                "system.message",
                "initial_events",
            )

    def _event(self, event: Body) -> None:
        if event["type"] == "user.define_outcome":
            need(not self.ways.strict_events, "outcomes need a description and a rubric", "initial_events")
            return
        content = event.get("content")
        if self.ways.strict_events:
            need(set(event) <= {"type", "content"}, "unknown field in an event", "initial_events")
            need(content, "content is required", "initial_events")
        if self.ways.one_event_form:
            need(isinstance(content, list if self.new else str), "another form of content", "initial_events")

    def _resources(self, value: object) -> None:
        need(isinstance(value, list), "resources must be a list", "resources")
        assert isinstance(value, list)
        need(all(isinstance(r, dict) and "type" in r for r in value), "each needs a type", "resources")
        need(self.ways.lazy_references or not value, "the resource does not exist", "resources")

    def _vault_ids(self, value: object) -> None:
        need(isinstance(value, list) and len(value) <= 50, "at most 50 vaults", "vault_ids")
        assert isinstance(value, list)
        need(all(isinstance(v, str) for v in value), "vault ids are strings", "vault_ids")
        if value and not self.ways.lazy_references:
            raise ProblemError(self.ways.missing_reference, "the vault does not exist", "vault_ids")

    def _metadata(self, value: object, *, merged: bool = False) -> None:
        need(isinstance(value, dict), "metadata must be an object", "metadata")
        assert isinstance(value, dict)
        plain = value if self.new else {k: v for k, v in value.items() if k != "cas_config"}
        need(len(plain) <= 16, "metadata has at most 16 keys", "metadata")
        for key, item in plain.items():
            need(len(key) <= 64, "a metadata key has at most 64 characters", "metadata")
            if item is not None or merged:
                self.text(item, "metadata")
                need(len(item) <= 512, "a metadata value has at most 512 characters", "metadata")

    def metadata(self, value: Body) -> None:
        """Check what is about to be stored."""
        self._metadata(value, merged=True)
