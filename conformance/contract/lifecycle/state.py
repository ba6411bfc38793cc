"""The state of a deployment as the model knows it, and the operations on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

ACTIVE: Final = "active"
PAUSED: Final = "paused"
OPEN: Final = "open"
"""The status of a deployment when the documents do not say which it has."""


class Verb(StrEnum):
    """What a request asks for."""

    READ = "read"
    UPDATE = "update"
    PAUSE = "pause"
    UNPAUSE = "unpause"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Operation:
    """One request on one deployment.

    `changes` is the body of an update. `refused` names the requirement by which this body is a 400 whatever
    the state. `foreign`: with the credentials of another tenant.
    """

    verb: Verb
    changes: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class DeploymentState:
    """What is known of a deployment.

    `fields` holds the values that the next read must show, by name; a field that is not there is not
    predicted. `name` is that from before the archiving, which may have `renamed` it. `status` is `ACTIVE`,
    `PAUSED` or `OPEN`.
    """

    fields: Mapping[str, Any]
    status: str = ACTIVE
    archived: bool = False
    renamed: bool = False

    def written(self, changes: Mapping[str, Any]) -> DeploymentState:
        """Return the state after an accepted update: metadata merged (N91), other fields replaced (N81)."""
        fields = {**self.fields, **changes}
        if "metadata" in changes:
            merged = {**self.fields.get("metadata", {}), **changes["metadata"]}
            fields["metadata"] = {key: value for key, value in merged.items() if value is not None}
        return replace(self, fields=fields)

    def forgetting(self, *names: str) -> DeploymentState:
        """Return the state in which some fields are not predicted any more."""
        return replace(self, fields={name: v for name, v in self.fields.items() if name not in names})


def created(body: Mapping[str, Any]) -> DeploymentState:
    """Return the state of a deployment that was made with `body`: active (N27), manual-only if need be (N29).

    Predicted are the fields sent whose answer has the form of the request (an agent may be sent as text).
    """
    fields = {name: value for name, value in body.items() if name != "agent"}
    return DeploymentState({"schedule": None, "metadata": {}, **fields})
