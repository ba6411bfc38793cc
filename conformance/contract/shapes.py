"""How one vendor's deployments look: which fields exist, which move, and how an agent is named in a body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conformance.contract.comparing import differences, documented, without
from conformance.vendors import Profile


class Shapes:
    """What a profile says of deployments and of the envelope of lists."""

    def __init__(self, profile: Profile) -> None:
        self._form = profile.deployments
        self._envelope = frozenset(profile.lists.envelope)

    def agent(self, agent_id: str, version: int | None = None) -> object:
        """Return how a body names an agent at a version, at its latest one if none is given."""
        chosen = {} if version is None else {"version": version}
        if self._form.agent == "object":
            return {"id": agent_id, **chosen}
        return {"id": agent_id, "type": "agent", **chosen} if chosen else agent_id

    def in_envelope(self, path: str) -> bool:
        """Tell whether a dotted path is a documented field of a list, beside its items."""
        return path in self._envelope

    def in_deployment(self, path: str) -> bool:
        """Tell whether a dotted path begins with a documented field of a deployment."""
        return path.partition(".")[0] in self._form.fields

    def parts_of(self, field: str) -> tuple[str, ...]:
        """Return the documented parts of a field of a deployment, none where it has none."""
        return tuple(self._form.fields.get(field, ()))

    def changes(
        self, before: Mapping[str, Any], after: Mapping[str, Any], but: Iterable[str] = ()
    ) -> list[str]:
        """Return a line for each documented field that differs, except `but` and what time moves."""
        paths = (*self._form.moving, *but)
        shown = (without(documented(state, self._form.fields), paths) for state in (before, after))
        return differences(*shown)
