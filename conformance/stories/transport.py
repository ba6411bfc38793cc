"""Stories about how requests travel: content types, methods, bodies where none is needed or too large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.registry import EVERY_MODE, story
from conformance.target.api import Api
from conformance.target.exchange import Exchange

OVER_THE_LIMIT = 64 * 1024


@dataclass(frozen=True)
class Transport:
    """Answers to requests that travel in another way than the documents show."""

    no_content_type: Exchange
    text_plain: Exchange
    delete: Exchange
    read_after_delete: Exchange
    malformed: Mapping[str, Exchange]


@story()
def odd_transport(api: Api) -> Transport:
    """Creations without Content-Type and as text, DELETE, and malformed JSON on actions."""
    made = api.create_deployment()
    body = api.body()
    text = api.body()
    malformed = b'{"reason":'
    actions = {"pause": api.pause, "unpause": api.unpause, "archive": api.archive}
    return Transport(
        no_content_type=api.create(
            body, label="create without Content-Type", headers={"content-type": ""}, probe=True
        ),
        text_plain=api.create(
            text, label="create as text/plain", headers={"content-type": "text/plain"}, probe=True
        ),
        delete=api.send("DELETE", f"/deployments/{made.id}", label="DELETE a deployment", probe=True),
        read_after_delete=api.get(made.id, label="read after DELETE", probe=True),
        malformed={
            action: act(made.id, label=f"{action} with malformed JSON", content=malformed, probe=True)
            for action, act in actions.items()
        },
    )


@dataclass(frozen=True)
class Oversize:
    """The answer to a body above the documented limit."""

    answer: Exchange


@story(needs=("oversize-body",))
def oversize_body(api: Api) -> Oversize:
    """A creation is sent whose body is just above the documented limit."""
    filling = "x" * (api.target.profile.body_limit + OVER_THE_LIMIT)
    body = api.body(metadata={"conformance": filling})
    return Oversize(api.create(body, label="create with a body above the limit", probe=True))


@dataclass(frozen=True)
class Lists:
    """The two lists that need nothing to exist."""

    deployments: Exchange
    runs: Exchange


@story(modes=EVERY_MODE)
def plain_lists(api: Api) -> Lists:
    """Both lists are read with nothing but credentials."""
    return Lists(api.list({"limit": 1}), api.all_runs({"limit": 1}))
