"""Exchanges as rows of a file: what reports show of them, and the answer's document where that is more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conformance.client.exchange import NOT_JSON, Exchange, Failure, Packed, parse_json
from conformance.client.target import PACKED_FROM, RECORDED_BODY
from conformance.contract.verdict import Blame
from conformance.evidence.checking import holds_more
from conformance.redaction.forms import MASK
from conformance.redaction.privacy import Cover
from conformance.redaction.redactor import Redactor

BEGINNING = 4096
MARKS = ("[redacted", "\ufffd")
"""Texts in a body that no longer is what arrived: masks, and what stands for bytes that are no text."""
MOST_VALUES = 200_000
"""Values in one answer; of a page with a hundred deployments there are some thousand."""
LEFT_OUT = "its answer was left out of the saved evidence, which would have become too large"


def row_of(exchange: Exchange, redactor: Redactor, left: int, cover: Cover | None) -> dict[str, object]:
    """Return an exchange as JSON, redacted.

    `body` is what reports show. Where it is whole and JSON, it says all that judgements may read; else
    `document` has the answer's document as text (null: it is no JSON), and `body` its beginning. An answer
    of more than `left` bytes is left out with its request: nothing can be judged by it. A `cover` hides what
    the deployments of others work on.
    """
    row = _facts(exchange)
    if exchange.size > left:
        failure = {"blame": str(Blame.HARNESS), "text": LEFT_OUT}
        return {**row, "request_body": None, "status": None, "headers": {}, "body": "", "failure": failure}
    if (cover and MASK in exchange.body) or not _is_complete(exchange):
        # Its own redactor knows the edited token that went with it: that gives away most of the valid one.
        shown = exchange.redactor.document(exchange.json)
        shown = shown if exchange.redactor is redactor else redactor.document(shown)
        row["body"] = exchange.body[:BEGINNING]
        row["document"] = None if shown is NOT_JSON else json.dumps(cover.covered(shown) if cover else shown)
    return row


def _facts(exchange: Exchange) -> dict[str, object]:
    failure, shown = exchange.failure, exchange.shown
    return {
        "number": exchange.number,
        "story": exchange.story,
        "label": shown.label,
        "method": exchange.method,
        "url": shown.url,
        "sent_at": exchange.sent_at.isoformat(),
        "seconds": round(exchange.seconds, 6),
        "request_headers": dict(shown.request_headers),
        "request_body": exchange.request_body,
        "status": exchange.status,
        "headers": dict(shown.headers),
        "body": exchange.body,
        "size": exchange.size,
        "failure": {"blame": str(failure.blame), "text": shown.failure} if failure else None,
        "retries": list(shown.retries),
        "probe": exchange.probe,
        **({"precondition": exchange.redactor.text(exchange.precondition)} if exchange.precondition else {}),
        "echo": exchange.echo,
    }


def _is_complete(exchange: Exchange) -> bool:
    """Tell whether the document can be read from the body; a mask may have broken it."""
    if exchange.size > RECORDED_BODY:
        return False
    body = exchange.body
    untouched = not any(mark in body for mark in MARKS)
    return untouched or (parse_json(_bytes(body)) is NOT_JSON) is (exchange.json is NOT_JSON)


def exchange_of(row: Mapping[str, Any], number: int, *, packed: bool = False) -> Exchange:
    """Return the exchange of a row under a number of its own; `packed`: its document is read when it is used.

    Raises ValueError, KeyError or TypeError for what is no row.
    """
    failure = row["failure"]
    content = _bytes(row["document"] or "") if "document" in row else _bytes(row["body"])
    if len(content) > MOST_VALUES and holds_more(content, MOST_VALUES):
        raise ValueError(f"the answer of exchange {row['number']} holds more than {MOST_VALUES} values")
    facts = {**row, "number": number}
    facts.pop("document", None)
    return Exchange(
        **{
            **facts,
            "sent_at": _moment(row["sent_at"]),
            "retries": tuple(row["retries"]),
            "failure": Failure(Blame(failure["blame"]), str(failure["text"])) if failure else None,
            "json": Packed(content) if packed or len(content) >= PACKED_FROM else parse_json(content),
        }
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r:.40} is no moment in UTC")
    return moment


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
