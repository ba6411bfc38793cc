"""Which agents and environments a deployment may name."""

from __future__ import annotations

from conformance.reference.core import Core
from conformance.reference.errors import ApiError, invalid, not_found
from conformance.reference.messages import Document
from conformance.reference.shapes import mapping, text
from conformance.reference.store import Agent, AgentPin, Environment, Tenant


class ReferenceRules(Core):
    """Looks up what a body refers to, among what the tenant has."""

    def read_agent(self, value: object, tenant: Tenant) -> AgentPin:
        """Return the agent at the version asked for, or at its latest."""
        reference: Document = (
            {"id": value, "type": "agent"} if isinstance(value, str) else mapping(value, "agent")
        )
        self.check_agent_type(reference)
        agent = self.find_agent(text(reference.get("id"), "agent.id"), tenant)
        self.check_live(agent, "agent")
        return AgentPin(agent.id, self.read_version(reference, agent))

    def check_agent_type(self, reference: Document) -> None:
        """Refuse an agent object of another type; from 2026-07 on the type must be there."""
        if reference.get("type", "agent" if self.old else None) != "agent":
            raise invalid("agent.type must be agent", "agent.type")

    def read_version(self, reference: Document, agent: Agent) -> int:
        """Return the version that an agent object pins; an omitted one means the latest."""
        version = reference.get("version", agent.version)
        if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= agent.version:
            raise invalid("agent.version must be a version that the agent has", "agent.version")
        return version

    def find_agent(self, agent_id: str, tenant: Tenant) -> Agent:
        """Return a tenant's agent."""
        try:
            return tenant.agents[agent_id]
        except KeyError:
            raise self.missing_reference("agent") from None

    def read_environment_id(self, value: object, tenant: Tenant) -> str:
        """Return the id of a live environment."""
        environment = tenant.environments.get(text(value, "environment_id"))
        if environment is None:
            raise self.missing_reference("environment_id")
        self.check_live(environment, "environment_id")
        return environment.id

    def check_live(self, resource: Agent | Environment, field: str) -> None:
        """Refuse an archived agent or environment."""
        if resource.archived_at is not None:
            raise invalid(f"{field} refers to something archived", field)

    def missing_reference(self, field: str) -> ApiError:
        """Return the refusal of an unknown agent or environment (400 or 404 is not documented)."""
        return not_found(f"What {field} refers to")
