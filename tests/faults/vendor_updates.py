"""Updates that some vendors promise and this server does another way: what null clears, and what it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from conformance.reference import Call, VendorService
from conformance.reference.errors import invalid
from tests.faults.catalogue import vendor_fault
from tests.faults.vendor_bodies import Lax


class Keeps(VendorService):
    """An update with null as one of some fields changes nothing of them."""

    kept: ClassVar[frozenset[str]]

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        fields = super().read_patch(call, metadata)
        return {name: value for name, value in fields.items() if not self.keeps(name, call.body[name])}

    def keeps(self, name: str, value: object) -> bool:
        return name in self.kept and value is None


@vendor_fault(breaks="update.description-can-be-cleared", hides="inputs")
class NullDescribesAsBefore(Keeps):
    """null as description changes nothing."""

    kept = frozenset({"description"})


@vendor_fault(breaks="update.description-can-be-cleared", hides="inputs")
class AnEmptyTextKeepsTheDescription(Keeps):
    """An empty description changes nothing."""

    def keeps(self, name: str, value: object) -> bool:
        return name == "description" and value == ""


@vendor_fault(breaks="update.secrets-are-not-shown", hides="inputs")
class TokensAreShownAgain(Lax):
    """The token of a repository is shown as it was sent."""

    broken = frozenset({"update.secrets-are-not-shown"})


@vendor_fault(breaks="update.lists-can-be-cleared", hides="inputs")
class NullKeepsTheResources(Keeps):
    """null as resources changes nothing."""

    kept = frozenset({"resources"})


@vendor_fault(breaks="update.lists-can-be-cleared", hides="inputs")
class NullIsNoList(VendorService):
    """null as resources or vaults is refused in an update."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        for name in ("resources", "vault_ids"):
            if call.body.get(name, []) is None:
                raise invalid(f"{name} must be a list", name)
        return super().read_patch(call, metadata)


@vendor_fault(breaks="update.lists-can-be-cleared", hides="inputs")
class NoVaultsAreNull(VendorService):
    """Vaults that null cleared are shown as null."""

    def read_field(self, field: str, value: object, reader: Callable[[Any], Any]) -> object:
        return None if field == "vault_ids" and value is None else super().read_field(field, value, reader)


@vendor_fault(breaks="update.schedule-can-be-cleared", hides="inputs")
class NullKeepsTheSchedule(Keeps):
    """null as schedule changes nothing: a deployment never loses it."""

    kept = frozenset({"schedule"})


@vendor_fault(breaks="update.required-fields-cannot-be-cleared", hides="inputs")
class NullIsNotSent(VendorService):
    """In an update a required field that is null counts as one that was not sent."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        required = self.required()
        sent = {name: value for name, value in call.body.items() if value is not None or name not in required}
        return super().read_patch(Call(call.request, call.tenant, sent), metadata)


@vendor_fault(breaks="update.description-of-2049-is-400", hides="inputs")
class DescriptionsAreCutByUpdates(VendorService):
    """An update cuts a description that is too long."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        description = call.body.get("description")
        cut = {"description": description[:2048]} if isinstance(description, str) else {}
        return super().read_patch(Call(call.request, call.tenant, {**call.body, **cut}), metadata)
