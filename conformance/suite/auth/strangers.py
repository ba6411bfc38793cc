"""A story about strangers who ask for a deployment that does not exist (N184)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from conformance.client.api import Api
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.suite.auth.credentials import unknown_token
from conformance.suite.engine.registry import story
from conformance.suite.errors.unknown_ids import ByRoute
from conformance.suite.shared.ids import unknown_id

Ask = Callable[..., Exchange]


@dataclass(frozen=True)
class Strangers:
    """Answers about an unknown deployment without Authorization, by route, and with a made up token."""

    nothing: ByRoute
    unknown_token: ByRoute


@story()
def strangers(api: Api) -> Strangers:
    """Routes that read or change a deployment are asked for an unknown one without credentials."""

    def update(unknown: str, **variant: Any) -> Exchange:  # noqa: ANN401 (passed on)
        return api.update(unknown, {"description": "of nothing"}, **variant)

    return ask_for_unknown(api, {
        "POST /deployments/{id}": update,
        "POST /deployments/{id}/pause": api.pause,
        "POST /deployments/{id}/unpause": api.unpause,
        "POST /deployments/{id}/archive": api.archive,
    })  # fmt: skip


def ask_for_unknown(api: Api, writing: Mapping[str, Ask] = MappingProxyType({})) -> Strangers:
    """Return what strangers get who read an unknown deployment, and who ask for what `writing` adds."""
    token = api.target.profile.credentials.value(unknown_token())
    unknown = unknown_id(api).id
    reading: Mapping[str, Ask] = {"GET /deployments/{id}": api.get, "GET /deployments/{id}/runs": api.runs}

    def ask(routes: Mapping[str, Ask], authorization: Auth | str) -> ByRoute:
        return ByRoute({
            route: call(unknown, label=f"{route} of none", authorization=authorization, probe=True)
            for route, call in routes.items()
        })  # fmt: skip

    return Strangers(
        nothing=ask({**reading, **writing}, Auth.NONE),
        unknown_token=ask(reading, token),
    )
