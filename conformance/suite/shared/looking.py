"""What stories look for beside what the preflight found, once in a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.client.api import Api
from conformance.client.prerequisites import resources


def look_for(api: Api, kind: str) -> Sequence[Mapping[str, object]]:
    """Return the agents or the environments that the account shows."""

    def looked_for() -> Sequence[Mapping[str, object]]:
        listed = api.send("GET", f"/{kind}s", label=f"look for a second {kind}", probe=True)
        return tuple(resources(listed.json))

    return api.shared(f"{kind}s", looked_for)
