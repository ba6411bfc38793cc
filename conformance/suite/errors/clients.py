"""Stories about clients of other kinds, who get the same errors as all others (N182)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from conformance.client.api import Api
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import story
from conformance.suite.shared.ids import unknown_id

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HTML = {"accept": "text/html,application/xhtml+xml"}
READING: Mapping[str, Mapping[str, str]] = {
    "Accept: */*": {"accept": "*/*"},
    "Accept with JSON last": {"accept": "text/html, application/xml;q=0.9, application/json;q=0.1"},
    "Accept: text/html": HTML,
    "Accept: application/xml": {"accept": "application/xml"},
    "Accept: application/problem+json": {"accept": "application/problem+json, application/json;q=0.9"},
    "Accept: text/event-stream": {"accept": "text/event-stream"},
    "Accept that is none": {"accept": "\"';=,,"},
    "Accept-Language": {"accept-language": "zh-CN, zh;q=0.9"},
    "the User-Agent of a browser": {"user-agent": BROWSER, "accept": "text/html, */*;q=0.8"},
}
"""Headers of requests that read."""
WRITING: Mapping[str, Mapping[str, str]] = {
    "the charset utf-8": {"content-type": "application/json; charset=utf-8"},
    "the charset UTF-16": {"content-type": "application/json; charset=UTF-16"},
    "a charset that is none": {"content-type": 'application/json; charset="\\"'},
}
"""Headers of requests with a body."""
REFUSABLE: Mapping[str, tuple[int, ...]] = {
    "Accept: text/html": (406,),
    "Accept: application/xml": (406,),
    "Accept: text/event-stream": (406,),
    "Accept that is none": (400, 406),
    "the charset UTF-16": (400, 415),
    "a charset that is none": (400, 415),
}
"""What HTTP lets a server answer in place of the error, in whatever form (RFC 9110, 15.5.7 and 15.5.16)."""


MALFORMED = "not-an-id"
Ask = Callable[..., Exchange]


@dataclass(frozen=True)
class Answers:
    """Answers to one request: the `usual` one, and by their headers those that clients of other kinds got."""

    usual: Exchange
    others: Mapping[str, Exchange]


@dataclass(frozen=True)
class Clients:
    """Answers to requests that must be refused, by what was asked."""

    asked: Mapping[str, Answers]


@story()
def clients(api: Api) -> Clients:
    """Clients of every kind read what they must not; those of other charsets update an unknown deployment."""
    update = partial(api.update, unknown_id(api).id, {"description": "of nothing"})
    updated = _ask(update, "update an unknown deployment", WRITING)
    return Clients({**read_as_others(api), "an update of an unknown deployment": updated})


def read_as_others(api: Api) -> dict[str, Answers]:
    """Read an unknown deployment, a malformed id, and a list without credentials, as all kinds of clients."""
    html = {"Accept: text/html": HTML}
    unknown = partial(api.get, unknown_id(api).id)
    return {
        "an unknown deployment": _ask(unknown, "read an unknown deployment", READING),
        "a malformed id": _ask(partial(api.get, MALFORMED), "read a malformed id", html),
        "no credentials": _ask(partial(api.list, authorization=Auth.NONE), "list without credentials", html),
    }


def _ask(ask: Ask, label: str, headers: Mapping[str, Mapping[str, str]]) -> Answers:
    usual = ask(label=label, probe=True)
    others = {
        words: ask(label=f"{label} with {words}", headers=sent, probe=True) for words, sent in headers.items()
    }
    return Answers(usual, others)
