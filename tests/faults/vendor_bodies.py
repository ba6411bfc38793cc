"""Bodies that some vendors refuse, and this server takes: promises that the plain one does not make."""

from __future__ import annotations

import re
from typing import ClassVar

from conformance.reference import Document, Tenant, VendorService
from conformance.reference.store import Agent
from tests.faults.catalogue import vendor_fault


class Lax(VendorService):
    """Keeps none of some promises, each of which is a rule of its own."""

    broken: ClassVar[frozenset[str]]

    def promises(self, *requirements: str) -> bool:
        return super().promises(*(one for one in requirements if one not in self.broken))


@vendor_fault(breaks="create.lone-system-message-is-400", hides="inputs")
class ASystemMessageIsEnough(Lax):
    """A deployment may begin with a system message alone."""

    broken = frozenset({"create.lone-system-message-is-400", "create.system-message-must-be-last"})


@vendor_fault(breaks="create.system-message-must-be-last", hides="inputs")
class SystemMessagesGoAnywhere(Lax):
    """A system message may stand anywhere among the events, and more than once."""

    broken = frozenset({"create.system-message-must-be-last"})


@vendor_fault(breaks="create.outcome-iterations", hides="inputs")
class OutcomesAreTriedForEver(Lax):
    """An outcome may have any number of iterations."""

    broken = frozenset({"create.outcome-iterations"})


@vendor_fault(breaks="create.outcome-must-be-whole", hides="inputs")
class HalfAnOutcomeIsOne(Lax):
    """An outcome needs neither description nor rubric."""

    broken = frozenset({"create.outcome-must-be-whole"})


@vendor_fault(breaks="create.empty-text-is-400", hides="inputs")
class NothingIsAText(Lax):
    """A block of text may be empty."""

    broken = frozenset({"create.empty-text-is-400"})


@vendor_fault(breaks="create.unknown-resource-type-is-400", hides="inputs")
class AnythingIsAResource(Lax):
    """A resource may be of any type."""

    broken = frozenset({"create.unknown-resource-type-is-400"})


@vendor_fault(breaks="create.501-resources-are-refused", hides="inputs")
class ResourcesAreUnlimited(Lax):
    """A deployment may have any number of resources."""

    broken = frozenset({"create.501-resources-are-refused"})


@vendor_fault(
    breaks="create.description-of-2049-is-400",
    also=("update.description-of-2049-is-400",),
    hides="inputs",
)
class DescriptionsAreEndless(Lax):
    """A description may have any length."""

    broken = frozenset({"create.description-of-2049-is-400", "update.description-of-2049-is-400"})


@vendor_fault(breaks="create.instructions-of-4097-are-refused", hides="inputs")
class InstructionsAreEndless(Lax):
    """The instructions of a memory store may have any length."""

    broken = frozenset({"create.instructions-of-4097-are-refused"})


@vendor_fault(breaks="schedule.expression-of-257-is-400", hides="inputs")
class ExpressionsAreEndless(Lax):
    """A cron expression may have any length."""

    broken = frozenset({"schedule.expression-of-257-is-400"})


@vendor_fault(breaks="create.unknown-field-is-400", hides="inputs")
class UnknownFieldsArePassedOver(VendorService):
    """A field that no deployment has is passed over."""

    def check_known_fields(self, body: Document) -> None:
        """Refuse none."""


@vendor_fault(breaks="create.content-must-be-blocks", hides="inputs")
class ATextIsContent(VendorService):
    """The content of an event may be a text in the place of blocks."""

    def check_content(self, event: Document) -> None:
        if not isinstance(event.get("content"), str):
            super().check_content(event)


@vendor_fault(breaks="create.agent-version-below-one-is-400", hides="inputs")
class VersionZeroIsTheLatest(VendorService):
    """A version below 1 stands for the latest of the agent."""

    def read_version(self, reference: Document, agent: Agent) -> int:
        version = reference.get("version")
        if isinstance(version, int) and version < 1:
            return agent.version
        return super().read_version(reference, agent)


@vendor_fault(breaks="create.environment-id-of-129-is-refused", hides="inputs")
class LongEnvironmentsAreNotLookedUp(VendorService):
    """An environment whose id is longer than 128 characters is taken as it is."""

    def read_environment_id(self, value: object, tenant: Tenant) -> str:
        if isinstance(value, str) and len(value) > 128:
            return value
        return super().read_environment_id(value, tenant)


@vendor_fault(breaks="schedule.extended-cron-is-400", hides="inputs")
class ExtendedCronIsTaken(VendorService):
    """L, W, # and ? mean in a cron expression what they mean to other schedulers."""

    def read_expression(self, value: object) -> str:
        taken = isinstance(value, str) and len(value.split()) == 5 and re.search(r"[LW#?]", value)
        return super().read_expression("0 3 1 1 *" if taken else value)


@vendor_fault(breaks="schedule.shortcuts-are-400", hides="inputs")
class ShortcutsAreTaken(VendorService):
    """A word with an at sign stands for a cron expression."""

    def read_expression(self, value: object) -> str:
        return super().read_expression("0 0 1 1 *" if str(value).startswith("@") else value)
