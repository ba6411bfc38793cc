"""Stories about creations that the documents promise to refuse."""

from __future__ import annotations

from dataclasses import replace

from conformance.client.api import Api
from conformance.suite.create.refusals import CREATIONS
from conformance.suite.engine.registry import story
from conformance.suite.shared.creating import Refusals, try_creations


@story()
def beyond_the_limits(api: Api) -> Refusals:
    """Creations one beyond each limit are tried."""
    tried = try_creations(api, CREATIONS["beyond_the_limits"])
    query = {"limit": api.largest_page, "include_archived": "true"}
    return replace(tried, left=api.list(query, label="look for what was made and archived at once"))


@story()
def incomplete_creations(api: Api) -> Refusals:
    """Creations are tried that lack a required field, hold it in another type, or events of no known type."""
    return try_creations(api, CREATIONS["incomplete_creations"])


@story()
def metadata_that_is_no_text(api: Api) -> Refusals:
    """Creations are tried with metadata values of other JSON types, each beside a good one."""
    return try_creations(api, CREATIONS["metadata_that_is_no_text"])


@story()
def malformed_creations(api: Api) -> Refusals:
    """Creations are tried whose body is cut off, goes on too long, or is no JSON at all."""
    return try_creations(api, CREATIONS["malformed_creations"])


@story(promises=("create.agent-object-needs-type",))
def agent_without_type(api: Api) -> Refusals:
    """A creation is tried whose agent object lacks the type."""
    return try_creations(api, CREATIONS["agent_without_type"])


@story(needs=("archived-agent-id",))
def archived_agent(api: Api) -> Refusals:
    """A creation is tried with an archived agent."""
    return try_creations(api, CREATIONS["archived_agent"])


@story(needs=("archived-environment-id",))
def archived_environment(api: Api) -> Refusals:
    """A creation is tried in an archived environment."""
    return try_creations(api, CREATIONS["archived_environment"])
