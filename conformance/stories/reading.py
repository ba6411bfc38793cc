"""A story about reading by ids that name nothing because of their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.registry import EVERY_MODE, story
from conformance.target.api import Api
from conformance.target.exchange import Exchange


@dataclass(frozen=True)
class MalformedIds:
    """Answers by what the id was."""

    answers: Mapping[str, Exchange]


@story(modes=EVERY_MODE)
def malformed_ids(api: Api) -> MalformedIds:
    """Deployments are read by ids that no deployment can have."""
    prefix = api.target.profile.deployment_prefix
    malformed = {
        "not-an-id": "not-an-id",
        "only the prefix": prefix,
        "overlong": prefix + "0" * 300,
        "a null byte": f"{prefix}\0",
        "beyond ASCII": f"{prefix}🚀",
    }
    return MalformedIds(
        {what: api.get(text, label=f"read by an id: {what}", probe=True) for what, text in malformed.items()}
    )
