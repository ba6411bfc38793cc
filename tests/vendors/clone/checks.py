"""What bodies must look like; whatever is wrong is a `RefusalError`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.vendors.clone.cron import Timetable
from tests.vendors.clone.oddities import Oddities

Body = dict[str, Any]
KINDS: Final = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error",
    404: "not_found_error", 405: "invalid_request_error", 409: "conflict_error",
}  # fmt: skip
REQUIRED: Final = ("name", "agent", "environment_id", "initial_events")
OUTCOME: Final = "user.define_outcome"
MOST_EVENTS, MOST_VAULTS, MOST_RESOURCES, MOST_KEYS = 50, 50, 500, 16
LONGEST_KEY, LONGEST_VALUE, LONGEST_DESCRIPTION, MOST_ITERATIONS = 64, 512, 2048, 20


class RefusalError(Exception):
    """A refusal with its status and message."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def need(met: object, text: str) -> None:
    if not met:
        raise RefusalError(400, text)


def parsed(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise RefusalError(400, "The request body is not valid JSON.") from None


class Checks:
    """Checks the fields of creations and updates."""

    def __init__(self, odd: Oddities) -> None:
        self.odd = odd
        self.fields: Mapping[str, Callable[[Any], None]] = {
            "name": self.name, "description": self.description, "agent": self.agent,
            "environment_id": self.environment, "initial_events": self.events, "schedule": self.schedule,
            "metadata": self.metadata, "resources": self.resources, "vault_ids": self.vaults,
        }  # fmt: skip

    def creation(self, body: object) -> Body:
        known = self._known(body)
        for field in REQUIRED:
            need(known.get(field) is not None, f"{field}: Field required")
        for field in [name for name, value in known.items() if value is None]:
            need(field in ("description", "schedule"), f"{field}: Input should not be null")
        return self._checked(known)

    def update(self, body: object) -> Body:
        known = self._known(body)
        for field in REQUIRED:
            need(known.get(field, "") is not None, f"{field}: cannot be cleared")
        if known.get("metadata", "") is None:
            need(self.odd.null_metadata != "refused", "metadata: Input should be an object")
        cleared: Body = {name: [] for name in ("resources", "vault_ids") if known.get(name, "") is None}
        return self._checked(known | cleared)

    def _known(self, body: object) -> Body:
        need(isinstance(body, dict), "The request body must be an object.")
        assert isinstance(body, dict)
        if self.odd.unknown_fields == "refused":
            for name in body:
                need(name in self.fields, f"{name}: Extra inputs are not permitted")
        return {name: value for name, value in body.items() if name in self.fields}

    def _checked(self, body: Body) -> Body:
        for name, value in body.items():
            if value is not None:
                self.fields[name](value)
        return body

    def text(self, value: object, least: int, most: int, name: str) -> None:
        need(isinstance(value, str) and least <= len(value) <= most, f"{name}: {least} to {most} characters")

    def name(self, value: object) -> None:
        self.text(value, 1, self.odd.longest_name, "name")

    def description(self, value: object) -> None:
        self.text(value, 0, LONGEST_DESCRIPTION, "description")

    def environment(self, value: object) -> None:
        self.text(value, 1, 128, "environment_id")

    def agent(self, value: object) -> None:
        if isinstance(value, str):
            need(value, "agent: empty")
            return
        need(isinstance(value, dict), "agent: an id or an object")
        assert isinstance(value, dict)
        need(value.get("type") == "agent" and isinstance(value.get("id"), str), "agent: type and id")
        version = value.get("version", 1)
        need(type(version) is int and version >= 1, "agent.version: at least 1")

    def events(self, value: object) -> None:
        need(isinstance(value, list) and 1 <= len(value) <= MOST_EVENTS, "initial_events: 1 to 50")
        assert isinstance(value, list)
        for event in value:
            need(isinstance(event, dict), "initial_events: objects")
            self.event(event)
        kinds = [event["type"] for event in value]
        systems = [place for place, kind in enumerate(kinds) if kind == "system.message"]
        last = [len(kinds) - 1] if kinds[-2:-1] == ["user.message"] else []
        need(systems in ([], last), "system.message: the last event, right after a user.message")

    def event(self, event: Body) -> None:
        kind = event.get("type")
        if kind == OUTCOME:
            need(event.get("description") and event.get("rubric"), "description and rubric are required")
            need(1 <= event.get("max_iterations", 3) <= MOST_ITERATIONS, "max_iterations: at most 20")
            return
        need(kind in ("user.message", "system.message"), f"initial_events: unknown type {kind}")
        need(set(event) == {"type", "content"}, "initial_events: type and content")
        blocks = event["content"]
        need(isinstance(blocks, list) and blocks, "content: a list of blocks")
        for block in blocks:
            need(isinstance(block, dict) and block.get("type") == "text", "content: text blocks")
            self.text(block.get("text"), 1, 100_000, "text")

    def schedule(self, value: object) -> None:
        need(isinstance(value, dict), "schedule: an object")
        assert isinstance(value, dict)
        need(set(value) == {"type", "expression", "timezone"}, "schedule: type, expression and timezone")
        need(value["type"] == "cron", "schedule.type: cron")
        self.text(value["expression"], 1, 256, "schedule.expression")
        need(isinstance(value["timezone"], str), "schedule.timezone: a string")
        try:
            Timetable(value["expression"], value["timezone"])
        except ValueError as error:
            raise RefusalError(400, f"schedule: {error}") from None

    def metadata(self, value: object) -> None:
        need(isinstance(value, dict), "metadata: an object")
        assert isinstance(value, dict)
        for key, item in value.items():
            self.text(key, 0, LONGEST_KEY, "metadata key")
            if item is not None:
                self.text(item, 0, LONGEST_VALUE, "metadata value")

    def bag(self, value: Body) -> None:
        """Check the metadata that are about to be stored."""
        need(len(value) <= MOST_KEYS, "metadata: at most 16 keys")
        need(all(isinstance(item, str) for item in value.values()), "metadata: values are strings")

    def resources(self, value: object) -> None:
        need(isinstance(value, list) and len(value) <= MOST_RESOURCES, "resources: at most 500")
        assert isinstance(value, list)
        for one in value:
            known = isinstance(one, dict) and one.get("type") == "github_repository"
            need(known and isinstance(one.get("url"), str), "resources: unknown type")

    def vaults(self, value: object) -> None:
        need(isinstance(value, list) and len(value) <= MOST_VAULTS, "vault_ids: at most 50")
        assert isinstance(value, list)
        need(all(isinstance(one, str) for one in value), "vault_ids: strings")
        if value:
            raise RefusalError(self.odd.missing, "vault_ids: not found")
