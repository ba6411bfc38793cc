"""What this report shows of the evidence of a verdict."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from conformance.contract.timeline import Remark, ShownExchange, Timeline
from conformance.report.evidence import is_story


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """One request and its answer as evidence shows them; `gap` is what evidence remarks after it.

    `sent` is a time of day in UTC; `status` is empty when no whole answer came, then `failure` says why.
    """

    number: int
    label: str
    marked: bool
    together: bool
    curl: str
    method: str = ""
    url: str = ""
    request_body: str = ""
    sent: str = ""
    milliseconds: int = 0
    retries: str = ""
    status: str = ""
    size: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    failure: str = ""
    gap: str = ""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a story that a search found: what was done, sent and answered."""

    words: str
    marked: bool
    request: str
    answer: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """The evidence of one verdict: exchanges, or numbered steps.

    `gap` is what it remarks before the first exchange, such as how many were left out or why no order
    explains a race. `remarks` are those of evidence without exchanges, and of a story.
    """

    exchanges: Sequence[ExchangeView] = ()
    steps: Sequence[StepView] = ()
    gap: str = ""
    remarks: str = ""


def evidence_of(timeline: Timeline) -> EvidenceView:
    """Return what is shown of a verdict's evidence."""
    if is_story(timeline):
        steps = tuple(_step(entry) for entry in timeline if isinstance(entry, ShownExchange))
        return EvidenceView(steps=steps, remarks=_remarks(timeline))
    exchanges: list[ExchangeView] = []
    before: list[Remark] = []
    for entry in timeline:
        if isinstance(entry, ShownExchange):
            exchanges.append(_exchange(entry))
        elif exchanges:
            exchanges[-1] = replace(exchanges[-1], gap=f"{exchanges[-1].gap}\n{entry.text}".strip())
        else:
            before.append(entry)
    said = _remarks(before)
    return EvidenceView(tuple(exchanges), gap=said) if exchanges else EvidenceView(remarks=said)


def _remarks(entries: Sequence[ShownExchange | Remark]) -> str:
    return "\n".join(entry.text.strip() for entry in entries if isinstance(entry, Remark))


def _exchange(entry: ShownExchange) -> ExchangeView:
    method, url, request_body = _request(entry.command)
    return ExchangeView(
        number=entry.number,
        label=entry.label,
        marked=entry.culprit,
        together=entry.together,
        curl=entry.command,
        method=method,
        url=url,
        request_body=request_body,
        sent=_time_of_day(entry.sent_at),
        milliseconds=round(entry.seconds * 1000),
        retries=", ".join(entry.retries),
        status="" if entry.status is None else str(entry.status),
        size=entry.size,
        headers=entry.headers,
        body="" if entry.status is None else entry.body,
        failure=entry.failure,
    )


def _step(entry: ShownExchange) -> StepView:
    method, url, body = _request(entry.command)
    answer = "\n".join(filter(None, (entry.summary or entry.failure, entry.gist)))
    return StepView(entry.label, entry.culprit, f"{method} {url} {body}".strip(), answer)


def _time_of_day(moment: str) -> str:
    try:
        return datetime.fromisoformat(moment).time().isoformat("microseconds")
    except ValueError:  # a saved run of somebody else's
        return moment


def _request(curl: str) -> tuple[str, str, str]:
    """Return method, URL and body of a curl command; what cannot be read as one has none."""
    try:
        words = shlex.split(curl)
    except ValueError:
        return "", "", ""
    method = words[words.index("-X") + 1] if "-X" in words[:-1] else "HEAD" if "--head" in words else ""
    body = words[words.index("--data-raw") + 1] if "--data-raw" in words[:-1] else ""
    return method, words[-1] if words else "", body
