"""Evidence as text: the exchanges that show a broken promise first, never a silent cut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from conformance.contract.comparing import shorten
from conformance.contract.timeline import Remark, ShownExchange, Timeline
from conformance.report.text import harmless, visible

LANE = 40
"""Characters of the longest lane of a burst."""
LED = 3
"""How many changes are named that led to what a read shows."""
LINE_LIMIT, BEFORE = 104, 20
"""Characters of a line that is cut, and of what is shown before the field that matters."""
CUT = "... (cut: result.json)"
COMMAND_LIMIT = 2_000
_ID = re.compile(r"\b[a-z]+_\w{12,}")
OF_THE_STATE = re.compile('"status"')
"""What is shown of a long answer in which no field is known to matter."""


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

    Before a read stand the changes that led to it, each in a line. The remark before a burst is kept: it says
    what the burst shows. A story stays whole, and so does what marks no culprit.
    """
    shown = [entry for entry in timeline if isinstance(entry, ShownExchange)]
    others = [entry for entry in shown if not entry.culprit]
    if is_story(timeline) or not others or len(others) == len(shown):
        return timeline
    first = timeline.index(shown[0]) if any(entry.together for entry in shown) else 0
    remark = Remark(f"({len(others)} other exchange{'s' * (len(others) > 1)}: result.json)")
    return (*timeline[:first], *_led_to(shown), remark)


def _led_to(shown: Sequence[ShownExchange]) -> Iterator[ShownExchange | Remark]:
    """Yield the culprits, and before each read the last changes since the culprit before it."""
    places = [place for place, entry in enumerate(shown) if entry.culprit]
    for before, place in zip([None, *places], places, strict=False):
        culprit = shown[place]
        alone = len(places) == 1
        since = shown[before + 1 : place] if before is not None else shown[:place] if alone else ()
        if _is_read(culprit):
            yield from map(_in_a_line, [exchange for exchange in since if _changes(exchange, culprit)][-LED:])
        yield culprit


def _is_read(entry: ShownExchange) -> bool:
    return " -X GET " in entry.command


def _changes(entry: ShownExchange, read: ShownExchange) -> bool:
    """Tell whether a request may have changed what a read shows: it goes to the same path, or below it."""
    return not _is_read(entry) and _url(entry).startswith(_url(read).partition("?")[0])


def _url(entry: ShownExchange) -> str:
    return entry.command.rpartition(" ")[2].strip("'")


def _in_a_line(entry: ShownExchange) -> Remark:
    return Remark(f"-- #{entry.number} {entry.label} → {entry.failure or entry.summary or entry.status}")


def brief(timeline: Timeline, about: str) -> list[str]:
    """Return the lines of the culprits, of which only commands may be long.

    Others are cut around the first field or id that `about`, what was expected and got, names.
    """
    words = [*_ID.findall(about), *(f'"{name}"' for name in re.findall(r"[a-z_]{3,}", about))]
    fields = re.compile("|".join(map(re.escape, words)) or r"\Z")
    texts = ((visible(text), command) for text, command in lines(culprits(timeline)))
    return [_cut(line) if command else _cut_around(line, fields) for line, command in texts]


def _cut(command: str) -> str:
    return command if len(command) <= COMMAND_LIMIT else f"{command[:COMMAND_LIMIT]}{CUT}"


def _cut_around(line: str, fields: re.Pattern[str]) -> str:
    """Return a line of at most `LINE_LIMIT` characters, with the first of some fields if it has one."""
    if len(line) <= LINE_LIMIT:
        return line
    found = fields.search(line) or OF_THE_STATE.search(line)
    room = LINE_LIMIT - len(CUT)
    start = 0 if found is None or found.end() < room // 2 else found.start() - BEFORE
    indent = line[: len(line) - len(line.lstrip())]
    before = f"{indent}..." if start else ""
    end = start + room - len(before)
    return f"{before}{line[start:end]}{CUT if end < len(line) else ''}"


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
