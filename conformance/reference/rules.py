"""What a body may say: each field has its reader, which returns the value to keep or refuses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from conformance.reference import cron
from conformance.reference.errors import invalid
from conformance.reference.messages import Call, Document
from conformance.reference.metadata import MetadataRules
from conformance.reference.references import ReferenceRules
from conformance.reference.shapes import array, mapping, text, typed
from conformance.reference.store import Schedule

REQUIRED: Final = ("name", "agent", "environment_id", "initial_events")
OPTIONAL: Final = ("description", "schedule", "resources", "vault_ids", "metadata")
EVENT_TYPES: Final = ("user.message", "user.define_outcome", "system.message")


class Rules(MetadataRules, ReferenceRules):
    """Reads the fields of a create or update body; lengths are counted in code points."""

    name_limit = 256
    event_limit = 50
    vault_limit = 50

    # --- the body as a whole -------------------------------------------------------------------------------

    def read_creation(self, call: Call) -> dict[str, Any]:
        """Return the fields of a new deployment; those that the body omits have their defaults."""
        self.check_known_fields(call.body)
        self.check_required_fields(call.body)
        defaults = {field: self.default_of(field) for field in self.fields() if field not in self.required()}
        return defaults | self.read_fields(call, None)

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        """Return the fields that an update changes; `metadata` is the bag that it patches."""
        self.check_known_fields(call.body)
        return self.read_fields(call, metadata)

    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields that a body may hold."""
        return REQUIRED + OPTIONAL + (() if self.old else ("environment_variables",))

    def required(self) -> tuple[str, ...]:
        """Return the names of the fields that a creation must have."""
        return REQUIRED

    def check_known_fields(self, body: Document) -> None:
        """Refuse a field that no deployment has (the documents are silent; a third party saw 400)."""
        for name in body:
            if name not in self.fields():
                raise invalid(f"unknown field: {name}", name)

    def check_required_fields(self, body: Document) -> None:
        """Refuse a creation that lacks a required field."""
        for name in self.required():
            if name not in body:
                raise invalid(f"Missing required field: {name}", name)

    def read_fields(self, call: Call, metadata: Mapping[str, object] | None) -> dict[str, Any]:
        """Return what the fields that the body holds are to become; references are looked up last.

        `metadata` is the bag to patch, None when a deployment is created.
        """
        readers: dict[str, Callable[[Any], Any]] = {
            "name": self.read_name,
            "description": self.read_description,
            "schedule": self.read_schedule,
            "initial_events": self.read_events,
            "resources": self.read_resources,
            "vault_ids": self.read_vault_ids,
            "metadata": partial(self.read_metadata, current=metadata),
            "environment_variables": self.read_environment_variables,
            "agent": partial(self.read_agent, tenant=call.tenant),
            "environment_id": partial(self.read_environment_id, tenant=call.tenant),
        }
        return {
            field: self.read_field(field, call.body[field], reader)
            for field, reader in readers.items()
            if field in call.body
        }

    def read_field(self, field: str, value: object, reader: Callable[[Any], Any]) -> object:
        """Return what one field is to become: null stands for the default of an optional one."""
        if value is None and field not in self.required():
            return self.default_of(field)
        return reader(value)

    def default_of(self, field: str) -> object:
        """Return the value of an optional field that was not sent."""
        defaults: dict[str, Callable[[], object]] = {
            "description": str,
            "environment_id": str,
            "schedule": lambda: None,
            "resources": list,
            "vault_ids": list,
            "metadata": self.default_metadata,
            "environment_variables": str,
        }
        return defaults[field]()

    # --- plain fields --------------------------------------------------------------------------------------

    def read_name(self, value: object) -> str:
        """Return a name of 1 to 256 characters."""
        name = text(value, "name")
        if not name:
            raise invalid("name must not be empty", "name")
        if self.length(name) > self.name_limit:
            raise invalid(f"name must be at most {self.name_limit} characters", "name")
        return name

    def read_description(self, value: object) -> str:
        """Return a description; no limit is documented."""
        return text(value, "description")

    def read_environment_variables(self, value: object) -> str:
        """Return environment variables as they were sent; their grammar is not documented."""
        return text(value, "environment_variables")

    def read_resources(self, value: object) -> Sequence[object]:
        """Return resources; the documented kinds are examples, so any type is taken."""
        return [typed(item, "resources") for item in array(value, "resources")]

    def read_vault_ids(self, value: object) -> Sequence[str]:
        """Return at most 50 vault ids; whether the vaults exist is not looked up."""
        ids = [text(item, "vault_ids") for item in array(value, "vault_ids")]
        if len(ids) > self.vault_limit:
            raise invalid(f"vault_ids must hold at most {self.vault_limit} entries", "vault_ids")
        return ids

    # --- events --------------------------------------------------------------------------------------------

    def read_events(self, value: object) -> Sequence[object]:
        """Return 1 to 50 events, as they were sent."""
        events = array(value, "initial_events")
        if not 1 <= len(events) <= self.event_limit:
            raise invalid(f"initial_events must hold 1 to {self.event_limit} events", "initial_events")
        return [self.read_event(event) for event in events]

    def read_event(self, value: object) -> object:
        """Return one event of a documented type."""
        event = typed(value, "initial_events")
        if event["type"] not in EVENT_TYPES:
            raise invalid(f"an event's type must be one of {', '.join(EVENT_TYPES)}", "initial_events")
        self.check_content(event)
        return event

    def check_content(self, event: Document) -> None:
        """Refuse content that is neither a string nor blocks; both revisions take both."""
        content = event.get("content", "")
        if isinstance(content, str):
            return
        for block in array(content, "initial_events"):
            typed(block, "initial_events")

    # --- schedule ------------------------------------------------------------------------------------------

    def read_schedule(self, value: object) -> Schedule:
        """Return a schedule; its three parts are all required."""
        schedule = mapping(value, "schedule")
        for part in ("type", "expression", "timezone"):
            if part not in schedule:
                raise invalid(f"Missing required field: schedule.{part}", f"schedule.{part}")
        if schedule["type"] != "cron":
            raise invalid("schedule.type must be cron", "schedule.type")
        return Schedule(
            expression=self.read_expression(schedule["expression"]),
            timezone=self.read_timezone(schedule["timezone"]),
        )

    def read_expression(self, value: object) -> str:
        """Return a 5-field cron expression that occurs at all."""
        expression = text(value, "schedule.expression")
        try:
            cron.check_expression(expression)
        except ValueError as error:
            raise invalid(f"schedule.expression is invalid: {error}", "schedule.expression") from error
        return expression

    def read_timezone(self, value: object) -> str:
        """Return the name of an IANA time zone."""
        timezone = text(value, "schedule.timezone")
        try:
            cron.check_zone(timezone)
        except ValueError as error:
            raise invalid(f"schedule.timezone is invalid: {error}", "schedule.timezone") from error
        return timezone
