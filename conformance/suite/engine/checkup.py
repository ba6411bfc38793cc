"""What can be seen of a target with GETs alone, before a run: its clock, who may do what, what it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus

from conformance.client.answers import items
from conformance.client.api import Api
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.client.ownership.creations import Creations
from conformance.client.prerequisites import Prerequisites
from conformance.client.target import Target
from conformance.client.wire.connectivity import Check, State
from conformance.suite.engine.address import obstacle
from conformance.suite.engine.preflight import everything, find_missing, listed, revision_of

MOST_SKEW = 30.0
"""Seconds by which the target's clock may differ from ours before that is warned of."""


def check_up(target: Target) -> Iterator[Check]:
    """Send GETs and yield what they show; when the first gets no list, that is the last."""
    settings = target.settings
    given = Prerequisites(agent_id=settings.agent_id, environment_id=settings.environment_id)
    api = Api(target, "doctor", given, Creations(target.ledger))
    first = api.list(everything(api), label="list deployments")
    found = obstacle(api, first)
    if not first.failure:
        yield _clock(first)
    if found:
        yield Check("answer" if first.failure else "token", State.FAIL, found.text, found.hint)
        return
    said = f"GET /deployments answered {first.summary()}"
    yield Check("token", State.OK, f"{said}: the token in {settings.token_variable} is taken")
    yield _anonymous(api)
    yield _second(api, first)
    yield from _prerequisites(api)
    yield from _rights(api, first)
    yield _revision(api, first)


def _clock(first: Exchange) -> Check:
    if first.date is None:
        return Check("clock", State.WARN, "answers have no Date header: clocks cannot be compared")
    skew = (first.date - first.sent_at - timedelta(seconds=first.seconds)).total_seconds()
    text = f"the target's clock is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    if abs(skew) <= MOST_SKEW:
        return Check("clock", State.OK, text)
    return Check("clock", State.WARN, text, "set the clock of this machine or of the target (NTP)")


def _anonymous(api: Api) -> Check:
    read = api.list({"limit": 1}, authorization=Auth.NONE, label="list without credentials")
    if read.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Check("anonymous", State.OK, f"without a token the answer is {read.summary()}")
    said = f"without a token the answer is {read.summary()}"
    return Check("anonymous", State.WARN, said, "whatever the token may do, anybody may")


def _second(api: Api, first: Exchange) -> Check:
    settings = api.target.settings
    if not settings.second_token:
        text = "none given: tenant isolation is not judged (--second-token-env)"
        return Check("second token", State.OK, text)
    read = api.list(everything(api), authorization=Auth.SECOND, label="list as the second tenant")
    variable = settings.second_token_variable
    if not read.succeeded:
        said = f"GET /deployments answered {read.summary()}"
        return Check("second token", State.FAIL, said, f"check the token in {variable}")
    if settings.second_token == settings.token or _ids(first) & _ids(read):
        hint = f"{variable} must hold a token of another tenant"
        return Check("second token", State.FAIL, "it sees the same deployments as the first", hint)
    return Check("second token", State.OK, f"the token in {variable} is taken, and sees other deployments")


def _ids(page: Exchange) -> set[object]:
    return {item["id"] for item in items(page) if isinstance(item.get("id"), str)}


def _prerequisites(api: Api) -> Iterator[Check]:
    given = api.known
    api.known = find_missing(api)
    for kind in ("agent", "environment"):
        named, found = getattr(given, f"{kind}_id"), getattr(api.known, f"{kind}_id")
        if named:
            yield _named(api, kind, named)
        elif found:
            yield Check(kind, State.OK, f"{found}, found with GET /{kind}s")
        else:
            text = f"none is named, and GET /{kind}s shows none that is live"
            yield Check(kind, State.FAIL, text, f"name one with --{kind}-id")


def _named(api: Api, kind: str, name: str) -> Check:
    shown = next((item for item in listed(api, f"/{kind}s") if item.get("id") == name), None)
    if shown is None:
        text = f"{name}, named by --{kind}-id, is not among what GET /{kind}s shows"
        return Check(kind, State.WARN, text, "is the id right? a run shows whether it works")
    if shown.get("archived_at"):
        return Check(kind, State.FAIL, f"{name} is archived", f"name a live one with --{kind}-id")
    return Check(kind, State.OK, f"{name}, named by --{kind}-id")


def _rights(api: Api, first: Exchange) -> Iterator[Check]:
    runs = api.all_runs({"limit": 1}, label="list runs", probe=True)
    known: Mapping[str, Exchange] = {"GET /deployment_runs": runs}
    ids = sorted(str(found) for found in _ids(first))
    if ids:
        known = {"GET /deployments/{id}": api.get(ids[0], label="read a deployment"), **known}
    refused = [f"{route} {read.summary()}" for route, read in known.items() if not read.succeeded]
    if refused:
        yield Check(
            "rights", State.WARN, f"not allowed, or not there: {', '.join(refused)}", "see the token's rights"
        )
    else:
        text = f"{', '.join(known)} are allowed; whether it may create shows in a run alone"
        yield Check("rights", State.OK, text)


def _revision(api: Api, first: Exchange) -> Check:
    profile = api.target.profile
    unknown = api.get(profile.deployment_ids.unknown(), label="read an unknown deployment")
    revision, reason = revision_of(api, first, unknown, None)
    text = f"profile {profile.name} ({profile.title}), revision {revision}: {reason}"
    several = len(profile.editions.names) > 1
    if several and api.target.settings.revision == "auto" and not _ids(first):
        text += "; the account has no deployments yet, so a run may find the other one"
    return Check("revision", State.OK, text)
