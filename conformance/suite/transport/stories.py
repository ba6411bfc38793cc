"""Stories about how requests travel: content types, methods, bodies that are odd, needless or too large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.client.api import Api
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import EVERY_MODE, story
from conformance.suite.errors.odd_requests import UNREADABLE, odd_updates
from conformance.suite.shared.values import yearly
from conformance.suite.update.refused import RefusedUpdates, attempt

OVER_THE_LIMIT = 64 * 1024
PREFLIGHT = {
    "origin": "https://conformance.example",
    "access-control-request-method": "POST",
    "content-type": "",
}
"""What a browser asks before it lets a page of another origin send a POST."""


OTHER_METHODS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "active": (("PUT", "pause"), ("OPTIONS", "archive"), ("DELETE", "archive")),
    "paused": (("PUT", "unpause"), ("DELETE", "pause")),
}
"""Methods that no page knows for actions, by the status of the deployment; none goes to the runs."""


@dataclass(frozen=True)
class Transport:
    """Answers to requests that travel in another way than the documents show, or carry what nobody sends."""

    no_content_type: Exchange
    text_plain: Exchange
    delete: Exchange
    read_after_delete: Exchange
    malformed: Mapping[str, Exchange]
    head: Exchange
    options: Exchange
    odd: RefusedUpdates


@story()
def odd_transport(api: Api) -> Transport:
    """One deployment is updated without Content-Type, as text, with odd bodies, and asked by other methods.

    At last DELETE is tried, and malformed JSON on actions.
    """
    made = api.obtain(schedule=yearly())
    change, malformed = {"description": "Sent in an odd way."}, UNREADABLE["half a document"]
    actions = {"pause": api.pause, "unpause": api.unpause, "archive": api.archive}
    odd = attempt(api, made, odd_updates(), probe=True)
    one = api.target.routes.deployment(made.id)
    no_content_type = api.update(
        made.id, change, label="update without Content-Type", headers={"content-type": ""}, probe=True
    )
    text_plain = api.update(
        made.id, change, label="update as text/plain", headers={"content-type": "text/plain"}, probe=True
    )
    head = api.send("HEAD", one, label="HEAD of a deployment", probe=True)
    options = api.send(
        "OPTIONS",
        one,
        label="OPTIONS as a browser asks",
        headers=PREFLIGHT,
        authorization=Auth.NONE,
        probe=True,
    )
    api.get(made.id, label="read before DELETE")  # reads show whether what is refused is done
    delete = api.send("DELETE", one, label="DELETE a deployment", probe=True)
    read_after_delete = api.get(made.id, label="read after DELETE", probe=True)
    if not api.asks_musts_alone:
        _act_by_other_methods(api, made.id)
    answers = {
        action: act(made.id, label=f"{action} with malformed JSON", content=malformed, probe=True)
        for action, act in actions.items()
    }
    api.get(made.id, label="read after malformed JSON", probe=True)
    return Transport(
        odd=odd,
        no_content_type=no_content_type,
        text_plain=text_plain,
        head=head,
        options=options,
        delete=delete,
        read_after_delete=read_after_delete,
        malformed=answers,
    )


def _act_by_other_methods(api: Api, made: str) -> None:
    """Send to the routes of actions what is no POST, and read: what is refused must not be done either."""
    for status, requests in OTHER_METHODS.items():
        if status == "paused":
            api.pause(made, label="pause before other methods")
            api.get(made, label="read before other methods")  # what follows is not blamed for the pause
        for method, action in requests:
            path = api.target.routes.deployment(made, action)
            api.send(method, path, label=f"{method} the {action} of a deployment", probe=True)
        api.get(made, label=f"read after other methods, {status}", probe=True)


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
    """The two lists that need nothing to exist, and that of a deployment's runs if it has its own route."""

    deployments: Exchange
    runs: Exchange
    of_deployment: Exchange | None = None


@story(modes=EVERY_MODE)
def plain_lists(api: Api) -> Lists:
    """Lists are read with nothing but credentials."""
    there = api.known.bystander if api.target.routes.nested else None
    return Lists(
        api.list({"limit": 1}),
        api.all_runs({"limit": 1}),
        api.runs(there, {"limit": 1}, label="list runs of a deployment") if there else None,
    )
