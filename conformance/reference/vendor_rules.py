"""What a body may say to a vendor's server: the forms that its profile names, and rules of that vendor alone.

A rule that not every vendor has is kept where the profile promises the requirement that judges it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from conformance.reference.errors import invalid
from conformance.reference.messages import Document
from conformance.reference.profile import ProfileData
from conformance.reference.rules import REQUIRED, Rules
from conformance.reference.shapes import array, mapping, text

RESOURCES: Final = ("github_repository", "file", "memory_store")
HIDDEN: Final = "authorization_token"
MOST_RESOURCES, LONGEST_DESCRIPTION, MOST_ITERATIONS = 500, 2048, 20
LONGEST_INSTRUCTIONS, LONGEST_EXPRESSION = 4096, 256


class VendorRules(Rules):
    """Reads bodies as the profile says."""

    profile: ProfileData

    def promises(self, *requirements: str) -> bool:
        """Return whether the profile promises one of some requirements."""
        return not self.profile.promises.isdisjoint(requirements)

    # --- fields --------------------------------------------------------------------------------------------

    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields that the vendor documents."""
        return tuple(name for name in super().fields() if name in self.profile.deployments["fields"])

    def required(self) -> tuple[str, ...]:
        """Return the names of the fields that a creation must have."""
        optional = () if self.profile.deployments["environment_required"] else ("environment_id",)
        return tuple(name for name in REQUIRED if name not in optional)

    def check_agent_type(self, reference: Document) -> None:
        """Refuse an agent object of another type; one without is refused where agents have a type."""
        if "type" in self.profile.deployments["fields"]["agent"] or "type" in reference:
            super().check_agent_type(reference)

    def read_description(self, value: object) -> str:
        """Return a description, within the vendor's limit if it has one."""
        description = super().read_description(value)
        limited = ("create.description-of-2049-is-400", "update.description-of-2049-is-400")
        if self.length(description) > LONGEST_DESCRIPTION and self.promises(*limited):
            raise invalid(f"description must be at most {LONGEST_DESCRIPTION} characters", "description")
        return description

    def read_resources(self, value: object) -> Sequence[object]:
        """Return resources of the vendor's kinds, and never the secret that one may bring."""
        resources = [mapping(item, "resources") for item in super().read_resources(value)]
        if len(resources) > MOST_RESOURCES and self.promises("create.501-resources-are-refused"):
            raise invalid(f"resources must hold at most {MOST_RESOURCES} entries", "resources")
        unknown = [resource["type"] for resource in resources if resource["type"] not in RESOURCES]
        if unknown and self.promises("create.unknown-resource-type-is-400"):
            raise invalid(f"unknown resource type: {unknown[0]}", "resources")
        long = any(
            self.length(str(resource.get("instructions", ""))) > LONGEST_INSTRUCTIONS
            for resource in resources
        )
        if long and self.promises("create.instructions-of-4097-are-refused"):
            raise invalid(f"instructions must be at most {LONGEST_INSTRUCTIONS} characters", "resources")
        if not self.promises("update.secrets-are-not-shown"):
            return resources
        return [{key: part for key, part in resource.items() if key != HIDDEN} for resource in resources]

    def read_expression(self, value: object) -> str:
        """Return a cron expression, within the vendor's limit if it has one."""
        expression = super().read_expression(value)
        limited = self.promises("schedule.expression-of-257-is-400")
        if limited and self.length(expression) > LONGEST_EXPRESSION:
            raise invalid(f"schedule.expression must be at most {LONGEST_EXPRESSION} characters", "schedule")
        return expression

    # --- events --------------------------------------------------------------------------------------------

    def read_events(self, value: object) -> Sequence[object]:
        """Return events; where system messages have a place, they must be in it."""
        events = super().read_events(value)
        kinds = [mapping(event, "initial_events")["type"] for event in events]
        system = [place for place, kind in enumerate(kinds) if kind == "system.message"]
        if len(system) == len(kinds) and self.promises("create.lone-system-message-is-400"):
            raise invalid("initial_events must hold a user message or an outcome", "initial_events")
        placed = not system or (system == [len(kinds) - 1] and kinds[-2:-1] == ["user.message"])
        if not placed and self.promises("create.system-message-must-be-last"):
            raise invalid("a system.message must be last, behind a user.message", "initial_events")
        return events

    def read_event(self, value: object) -> object:
        """Return one event in a form that the vendor takes."""
        forms, event = self.profile.deployments["events"], mapping(value, "initial_events")
        if "message" in forms and event.get("type") == "message":
            text(event.get("role"), "initial_events")
            array(event.get("content"), "initial_events")
            return event
        return super().read_event(value)

    def check_content(self, event: Document) -> None:
        """Refuse what the vendor's events may not hold: a text in the place of blocks, half an outcome."""
        content = event.get("content", [])
        if "string" not in self.profile.deployments["events"]:
            array(content, "initial_events")
        super().check_content(event)
        blocks = content if isinstance(content, list) else []
        if self.promises("create.empty-text-is-400") and any(block.get("text") == "" for block in blocks):
            raise invalid("a text must not be empty", "initial_events")
        if event["type"] == "user.define_outcome":
            self.check_outcome(event)

    def check_outcome(self, event: Document) -> None:
        """Refuse an outcome without its parts, or with too many iterations."""
        whole = "description" in event and "rubric" in event
        if not whole and self.promises("create.outcome-must-be-whole"):
            raise invalid("an outcome needs description and rubric", "initial_events")
        iterations = event.get("max_iterations", 1)
        fits = isinstance(iterations, int) and 1 <= iterations <= MOST_ITERATIONS
        if not fits and self.promises("create.outcome-iterations"):
            raise invalid(f"max_iterations must be 1 to {MOST_ITERATIONS}", "initial_events")
