"""Whether the Deployments API answers at all: a wrong address is no broken promise.

Both a run and the doctor ask here first. What is no list at first may still be the API, whose list is broken:
other reads tell. Where they show nothing of it either, nothing is judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from http import HTTPStatus

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.contract.comparing import shorten
from conformance.contract.judgement import error_type
from conformance.contract.verdict import Blame

REDIRECTS = range(300, 400)
QUOTED, LOCATION = 120, 300
"""Characters that are quoted of what the target says, and of where it sends us."""
MESSAGES = ("message", "detail", "error_description", "error", "title", "msg")
"""The names under which JSON of any origin says in words what is wrong, best first."""
_TITLE = re.compile(r"<title[^>]*>(.{1,1000}?)</title", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(r"<(script|style)\b.{0,10000}?</\1|<[^<>]{0,1000}>", re.IGNORECASE | re.DOTALL)
MARKUP_READ = 4_000
LIST = "/deployments"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why nothing can be judged: on whose account, what was answered, and what to set right."""

    blame: Blame
    text: str
    hint: str

    def __str__(self) -> str:
        return f"{self.text}; {self.hint}"


def obstacle(api: Api, first: Exchange) -> Obstacle | None:
    """Return what keeps a run from judging, or None when the API answers.

    `first` is the answer to the first list. Unless it is one, further reads are sent, and GETs alone.
    """
    if first.failure:
        text = f"the target gave no answer: {first.failure.text}"
        return Obstacle(first.failure.blame, text, "does a service run there? see also --timeout")
    if _is_list(first):
        return None
    answered = f"GET {LIST} answered {said(first)}"
    if first.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        hint = "try again later, or with a lower --rate"
        return Obstacle(Blame.TARGET, f"the gateway kept refusing: {answered}", hint)
    refused = first.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN)
    if refused and (first.status == HTTPStatus.UNAUTHORIZED or _is_json(first)):
        return _refused(api, first, answered)
    if _shows_itself(api, first):
        return None
    no_list = ", which is no list" if first.succeeded else ""
    text = f"no Deployments API answers at --base-url: {answered}{no_list}"
    return Obstacle(Blame.TARGET, text, _hint(first))


def said(exchange: Exchange) -> str:
    """Return an answer in one line: its status, where it leads, and in quotes what it says."""
    parts = [exchange.summary()]
    if kind := exchange.headers.get("content-type", "").partition(";")[0]:
        parts.append(f"({shorten(kind, QUOTED)})")
    if location := exchange.headers.get("location"):
        parts.append(f"to {shorten(location, LOCATION)}")
    line = " ".join(parts)
    message = shorten(_message(exchange.body), QUOTED)
    return f'{line}: "{message}"' if message else line


def _refused(api: Api, first: Exchange, answered: str) -> Obstacle:
    variable = api.target.settings.token_variable
    if first.status == HTTPStatus.UNAUTHORIZED:
        hint = f"check the token in {variable} (--token-env names another variable), --base-url and --profile"
    else:
        hint = f"give the token in {variable} the right to list deployments, or name another"
    return Obstacle(Blame.CREDENTIALS, f"the target refuses the credentials: {answered}", hint)


def _is_list(exchange: Exchange) -> bool:
    shown = exchange.json
    return exchange.succeeded and isinstance(shown, dict) and isinstance(shown.get("data"), list)


def _is_json(exchange: Exchange) -> bool:
    return isinstance(exchange.json, dict)


def _shows_itself(api: Api, first: Exchange) -> bool:
    """Tell whether any other read shows the API, whose list of deployments is broken then.

    An error for an unknown deployment does so only where the list is no such error itself: there are
    addresses at which everything is one.
    """
    if any(map(_is_list, _other_lists(api))):
        return True
    unknown = api.target.profile.deployment_ids.unknown()
    read = api.get(unknown, label="read an unknown deployment")
    alike = read.status == first.status or first.status in range(
        REDIRECTS.start, HTTPStatus.INTERNAL_SERVER_ERROR
    )
    return not alike and read.status == HTTPStatus.NOT_FOUND and error_type(read) is not None


def _other_lists(api: Api) -> Iterator[Exchange]:
    yield api.list(label="list without parameters")
    yield api.all_runs({"limit": 1}, label="list runs", probe=True)
    for kind in ("agents", "environments"):
        yield api.send("GET", f"/{kind}", label=f"look for {kind}", probe=True)


def _hint(first: Exchange) -> str:
    if first.status in REDIRECTS:
        location, _, _ = first.headers.get("location", "").partition("?")
        if location.endswith(LIST) and "://" in location:
            return f"redirects are not followed; is it --base-url {location.removesuffix(LIST)}?"
        return "redirects are not followed; is it a login page? --base-url is everything before /deployments"
    if (first.status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "is the service up, and is --base-url everything before /deployments?"
    return "is --base-url everything before /deployments, and is it the Deployments API that answers there?"


def _message(body: str) -> str:
    """Return what an answer says to people: a message of its JSON, the title of its page, or its text."""
    try:
        return _in_words(json.loads(body))
    except (ValueError, RecursionError):
        title = _TITLE.search(body[:MARKUP_READ])
        return unescape(title[1] if title else _MARKUP.sub(" ", body[:MARKUP_READ])).strip()


def _in_words(document: object) -> str:
    if isinstance(document, str):
        return document
    known = document if isinstance(document, dict) else {}
    inner = (known[name] for name in ("error", *MESSAGES) if isinstance(known.get(name), dict))
    for part in (*inner, known):
        for name in MESSAGES:
            if isinstance(part.get(name), str) and part[name]:
                return str(part[name])
    return ""
