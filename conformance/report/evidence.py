"""Evidence as text: the exchanges that show a broken promise first, never a silent cut."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from conformance.contract.judgement import shorten
from conformance.contract.timeline import Remark, ShownExchange, Timeline
from conformance.report.text import harmless

LANE = 40
"""Characters of the longest lane of a burst."""


def written(timeline: Timeline) -> str:
    """Return evidence as text, one block for each exchange."""
    return "\n".join(line for line, _ in lines(timeline))


def lines(timeline: Timeline) -> Iterator[tuple[str, bool]]:
    """Yield the lines of evidence, each with whether it is a command that one would copy."""
    for text, command in _texts(timeline):
        yield from ((line, command) for line in text.split("\n"))


def _texts(timeline: Timeline) -> Iterator[tuple[str, bool]]:
    burst = [entry for entry in timeline if isinstance(entry, ShownExchange) and entry.together]
    if burst:
        yield from ((lane, False) for lane in _lanes(burst))
    for entry in timeline:
        if isinstance(entry, Remark):
            yield entry.text, False
        else:
            yield from _step(entry) if entry.step else _block(entry)


def _lanes(burst: list[ShownExchange]) -> Iterator[str]:
    """Draw when each request of a burst was answered; all were released together, at the left."""
    longest = max(entry.seconds for entry in burst) or 1.0
    for entry in burst:
        lane = "-" * round(LANE * entry.seconds / longest)
        yield f"  {entry.label:<10} |{lane:<{LANE}}> {entry.seconds * 1000:7.2f} ms  {entry.summary}"
    yield ""


def _step(entry: ShownExchange) -> Iterator[tuple[str, bool]]:
    answer = entry.failure or f"{entry.status} {entry.gist}"
    yield f"{'>>' if entry.culprit else '  '} {entry.step}. {entry.label}", False
    yield f"   {entry.command}", True
    yield _indented(f"→ {answer}"), False


def _block(entry: ShownExchange) -> Iterator[tuple[str, bool]]:
    sent = datetime.fromisoformat(entry.sent_at)
    tried = "".join(f", tried again after: {earlier}" for earlier in entry.retries)
    yield f"{'>>' if entry.culprit else '--'} #{entry.number} {entry.label}", False
    yield f"   {entry.command}", True
    yield f"   sent {sent:%H:%M:%S.%f}Z, {entry.seconds * 1000:.0f} ms{tried}", False
    if entry.failure:
        yield f"   no answer: {entry.failure}", False
        return
    headers = "; ".join(f"{name}: {shorten(value)}" for name, value in entry.headers.items())
    yield f"   answer {entry.status} ({entry.size} bytes) {headers}", False
    yield _indented(entry.body), False


def _indented(text: str) -> str:
    """Return a text of which no line looks like the head of a block."""
    return "   " + text.replace("\n", "\n   ")


def is_story(timeline: Timeline) -> bool:
    """Tell whether evidence is a story in numbered steps, which is read from its beginning to its end."""
    return any(isinstance(entry, ShownExchange) and entry.step for entry in timeline)


def culprits(timeline: Timeline) -> Timeline:
    """Return the exchanges that are marked as culprits, with a note of how many were left out.

    Remarks before the first exchange are kept. A story stays whole, and so does what marks no culprit.
    """
    shown = [entry for entry in timeline if isinstance(entry, ShownExchange)]
    others = [entry for entry in shown if not entry.culprit]
    if is_story(timeline) or not others or len(others) == len(shown):
        return timeline
    first = timeline.index(shown[0])
    note = Remark(f"({len(others)} other exchange{'s' * (len(others) > 1)}: result.json)")
    return (*timeline[:first], *(entry for entry in shown if entry.culprit), note)


def capped(text: str, limit: int) -> str:
    """Return at most about `limit` characters of a text: its head and its tail."""
    if len(text) <= limit:
        return text
    half = limit // 2
    cut = f"{text[:half]}\n[... {len(text) - 2 * half} characters cut ...]\n{text[-half:]}"
    return f"{cut}\n[shortened from {len(text)} characters; result.json has the whole]"


def summarised(timeline: Timeline, limit: int) -> str:
    """Return evidence as harmless text of at most about `limit` characters: only culprits if not all fits."""
    whole = harmless(written(timeline))
    if len(whole) <= limit:
        return whole
    shown = harmless(written(culprits(timeline)))
    if len(shown) > limit:
        return capped(shown, limit)
    return f"{shown}\n[shortened from {len(whole)} characters; result.json has the whole]"
