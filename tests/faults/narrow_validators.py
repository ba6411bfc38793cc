"""Faults of validators that refuse what is valid, or take what is not, at the edge of what was tried."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, Service
from conformance.reference.errors import conflict, invalid
from conformance.reference.store import Agent
from tests.faults.catalogue import fault

ECHOED = "schedule.is-echoed"


@fault(breaks=ECHOED, hides="inputs")
class DecemberIsRefused(Service):
    """Month 12 is refused: months are counted from 0."""

    # N63
    def read_expression(self, value: object) -> str:
        words = value.split() if isinstance(value, str) else []
        if len(words) > 3 and "12" in re.split(r"[,\-/]", words[3]):
            raise invalid("schedule.expression is invalid: month 12", "schedule.expression")
        return super().read_expression(value)


@fault(breaks=ECHOED, hides="inputs")
class ZonesAreLettersAlone(Service):
    """A zone with a hyphen, a digit or a plus in its name is refused."""

    # N66
    def read_timezone(self, value: object) -> str:
        if isinstance(value, str) and re.search(r"[-+0-9]", value):
            raise invalid("schedule.timezone is no IANA zone", "schedule.timezone")
        return super().read_timezone(value)


@fault(breaks="errors.wrong-type-is-400", hides="inputs")
class AFractionalVersionIsCut(Service):
    """The version of an agent may be a number with a fraction, which is cut off."""

    # N36
    def read_version(self, reference: Document, agent: Agent) -> int:
        version = reference.get("version")
        whole = reference | {"version": int(version)} if isinstance(version, float) else reference
        return super().read_version(whole, agent)


class _Former(Service):
    """Knows the names that deployments had."""

    def __init__(self, *given: Any) -> None:  # noqa: ANN401 (as the base says)
        super().__init__(*given)
        self.former: dict[str, set[str]] = {}

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        self.former.setdefault(record.id, set()).add(record.name)
        return super().apply_update(record, fields)


@fault(breaks="update.is-stored", hides="sequence")
class NoWayBackToAnOldName(_Former):
    """An update cannot give a deployment a name that it had before."""

    # N81: nobody else has it
    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        had = {*self.former.get(record.id, ())}
        if fields.get("name", record.name) != record.name and fields["name"] in had:
            raise conflict("The name is taken.")
        return super().apply_update(record, fields)


@fault(breaks="update.is-stored", hides="sequence")
class RenamingKeepsTheOldName(_Former):
    """A name that an update took from a deployment stays taken for all others while that one lives."""

    # N81: nobody has it
    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        super().check_name_free(call, name, besides)
        for record in call.tenant.deployments.values():
            former = self.former.get(record.id, ())
            if record.id != besides and record.archived_at is None and name in former:
                raise conflict("The name is taken.")


@fault(breaks="object.refused-is-not-done", hides="side effect")
class ATakenNameTouchesItsOwner(Service):
    """A creation with a taken name is refused, and moves updated_at of the deployment that has it."""

    # N189
    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        try:
            super().check_name_free(call, name, besides)
        except ApiError:
            for record in list(call.tenant.deployments.values()):
                if record.name == name and record.archived_at is None:
                    self.keep(self.touch(record))
            raise


@fault(breaks="archive.changes-only-its-own-fields", hides="sequence")
class AnArchiveAfterAnUpdateLosesIt(Service):
    """An archive that follows an update directly archives the deployment as it was before that update."""

    def __init__(self, *given: Any) -> None:  # noqa: ANN401 (as the base says)
        super().__init__(*given)
        self._before: dict[str, Deployment | None] = {}

    # N121, N82
    def save(self, call: Call, record: Deployment) -> None:
        old = call.tenant.deployments.get(record.id)
        self._before[record.id] = old if call.request.operation == "update" else None
        super().save(call, record)

    def apply_archive(self, record: Deployment) -> Deployment:
        old = self._before.get(record.id) or record
        return super().apply_archive(replace(record, description=old.description, metadata=old.metadata))
