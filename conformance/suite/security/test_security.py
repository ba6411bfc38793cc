"""What answers give away."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import unquote

from conformance.client.exchange import NOT_JSON, Exchange
from conformance.contract.disclosure import disclosed
from conformance.contract.judgement import broken, expect_no_echo
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.judging.answers import of_stories
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed

Exchanges = tuple[Exchange, ...]
NAMED = (
    "access-control-allow-origin", "cache-control", "content-security-policy", "server",
    "strict-transport-security", "vary", "x-content-type-options", "x-frame-options", "x-powered-by",
)  # fmt: skip
"""Headers that tell how a server treats browsers and caches, and what it is made of."""
MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^<>]*>", re.DOTALL | re.IGNORECASE)


@requirement("security.credentials-are-not-repeated")
def test_no_answer_repeats_a_credential(every_exchange: Exchanges) -> None:
    expect_no_echo(of_stories(every_exchange))


@requirement("security.messages-keep-internals")
def test_errors_hold_no_internals(every_exchange: Exchanges) -> None:
    errors = [e for e in of_stories(every_exchange) if (e.status or 0) >= HTTPStatus.BAD_REQUEST]
    if not errors:
        raise NotJudgedError(Blame.PRECONDITION, "the run met no error that could be judged")
    for exchange in errors:
        sent = f"{unquote(exchange.url, errors='replace')} {exchange.request_body or ''}"
        for text in _texts(exchange):
            for shape, shown in disclosed(text, sent):
                got = f"{shape} in the {exchange.status} to {exchange.label}: {shown}"
                raise broken("errors that tell nothing of the inside of the server", got, exchange)


def _texts(exchange: Exchange) -> Iterator[str]:
    """Yield the texts of an error; of a page what a reader sees."""
    if exchange.json is NOT_JSON:
        yield html.unescape(MARKUP.sub(" ", exchange.body))
    else:
        yield from _strings(exchange.json)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def named_headers(exchanges: Exchanges) -> str:
    """Return which headers for browsers and caches came, and how often, for an observation."""
    answers = [exchange for exchange in of_stories(exchanges) if exchange.status]
    found = Counter(name for exchange in answers for name in NAMED if name in exchange.headers)
    counted = ", ".join(f"{name} on {count}" for name, count in found.items())
    return f"{counted or 'none'} of {len(answers)} answers"


globals().update(observations(observed("security.response-headers", named_headers, "every_exchange")))
