"""How a walk that broke a promise is told: numbered steps, the reason, and a script that does it again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from conformance.contract.catalogue import load_catalogue
from conformance.contract.judgement import field, shorten, without
from conformance.exploration._explore import FoundError
from conformance.stories.pages import ids
from conformance.target.exchange import TOKEN_VARIABLES, Exchange
from conformance.target.target import Target

SHOWN_REQUEST = 300
HIDDEN = ("metadata.cas_config", "schedule.upcoming_runs_at")
SHOWN_FIELDS = (
    "name", "status", "paused_reason", "schedule", "metadata", "description", "archived_at", "updated_at",
)  # fmt: skip
SHOWN_ANSWER = 900
OTHER_TENANT = TOKEN_VARIABLES[1]
CURSORS = {"page": "next_page", "after_id": "last_id"}
"""The query parameters that go on with a list, and the field of the page before that each repeats."""


@dataclass(frozen=True)
class _Cursor:
    """What the query of one step repeats of the answer of an earlier one."""

    parameter: str
    step: int

    @property
    def variable(self) -> str:
        """The shell variable that holds it."""
        return f"{CURSORS[self.parameter]}_{self.step}"

    @property
    def lacking(self) -> str:
        """The shell line that says so when the step has no such answer this time."""
        words = f"step {self.step} answered no {CURSORS[self.parameter]}: too few deployments for a next page"
        return f'[ -n "${self.variable}" ] || echo "{words}" >&2'


def told(found: FoundError, exchanges: Sequence[Exchange], letters: Mapping[str, str], target: Target) -> str:
    """Return a failure as text: each request and its answer, why the contract forbids it, the script.

    `letters` names the deployments of the walk by id. A read that was repeated until it held is one step.
    """
    steps = _once(exchanges)
    known: dict[str, Mapping[str, object]] = {}
    lines = [line for number, one in enumerate(steps, 1) for line in _step(number, one, letters, known)]
    row = load_catalogue()[found.requirement]
    why = [
        f"The contract forbids this: expected {found.error.expected};",
        f"   got {found.error.got}",
        f"   {row.id} ({row.level}, {', '.join(row.statements)}): {row.title}",
        f"   {row.source}",
    ]
    text = "\n".join([*lines, *why, "To see it again, run this with sh:", script(steps, letters, target)])
    return target.redactor.text(text)


def concerning(
    exchanges: Sequence[Exchange], letters: Mapping[str, str], found: FoundError
) -> list[Exchange]:
    """Return the exchanges of one walk: those on its deployments, and those that show what was found."""
    return [
        one
        for one in exchanges
        if one.number in found.error.culprits
        or _made(one) in letters
        or any(f"/deployments/{made}" in one.url for made in letters)
    ]


def script(exchanges: Sequence[Exchange], letters: Mapping[str, str], target: Target) -> str:
    """Return a POSIX shell script that sends the requests again, on deployments of its own.

    It needs curl, `$CONFORMANCE_TOKEN`, and `$CONFORMANCE_SECOND_TOKEN` where another tenant asks;
    `$BASE` is the base URL. At the end it archives what it made.
    """
    base = shlex.quote(target.redactor.text(target.base_url))
    lines = [
        "#!/bin/sh",
        f"BASE=${{BASE:-{base}}}",
        'RUN="again-$(date +%s)-$$"',
        *_caller("call", TOKEN_VARIABLES[0], target.profile.auth_scheme),
    ]
    if any(_foreign(exchange) for exchange in exchanges):
        lines += _caller("other_tenant", OTHER_TENANT, target.profile.auth_scheme)
    cursors = _cursors(exchanges, letters)
    for number, exchange in enumerate(exchanges, 1):
        lines += _replayed(number, exchange, letters, target, cursors)
    made = [letters[one] for one in letters if any(_made(exchange) == one for exchange in exchanges)]
    archives = [f'call -X POST "$BASE/deployments/${letter}/archive" > /dev/null' for letter in made]
    return "\n".join([*lines, "# put away what this made", *archives, ""])


def _once(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Return the exchanges without the reads that were repeated at once, the last of each kept."""
    following = [*exchanges[1:], None]
    return [
        one
        for one, after in zip(exchanges, following, strict=True)
        if not (after and one.method == after.method == "GET" and one.url == after.url)
    ]


def _step(
    number: int, exchange: Exchange, letters: Mapping[str, str], known: dict[str, Mapping[str, object]]
) -> list[str]:
    body = f" {shorten(exchange.request_body, SHOWN_REQUEST)}" if exchange.request_body else ""
    if exchange.failure:
        answer = exchange.failure.text
    else:
        answer = f"{exchange.status} {_telling(exchange, letters, known)}"
    return [
        f"{number}. {_words(exchange, letters)}",
        f"   {exchange.method} {_path(exchange)}{body}",
        f"   → {shorten(answer, SHOWN_ANSWER)}",
    ]


def _telling(exchange: Exchange, letters: Mapping[str, str], known: dict[str, Mapping[str, object]]) -> str:
    """Return what matters of an answer: of a deployment what is not as it is `known`, of a list what is ours.

    What it shows of a deployment is known from then on.
    """
    document = exchange.json if isinstance(exchange.json, dict) else {}
    if isinstance(document.get("data"), list):
        held = ids(exchange)
        ours = ", ".join(letters[one] for one in held if one in letters)
        return f"holds {ours or 'none'} of this walk among {len(held)} deployments"
    if document.get("type") != "deployment":
        return exchange.body
    shown = without({name: document[name] for name in SHOWN_FIELDS if name in document}, HIDDEN)
    before = known.get(str(document.get("id")), {})
    known[str(document.get("id"))] = shown
    new = {name: value for name, value in shown.items() if name not in before or before[name] != value}
    return json.dumps(new, ensure_ascii=False) + (", all else as before" if before else "")


def _words(exchange: Exchange, letters: Mapping[str, str]) -> str:
    """Return what a step does; reads name the deployment, or the query of a list."""
    if exchange.method != "GET":
        return exchange.label
    read = [letter for one, letter in letters.items() if f"/deployments/{one}" in exchange.url]
    return f"read {read[0]}" if read else f"list {urlsplit(exchange.url).query}"


def _path(exchange: Exchange) -> str:
    """Return the URL from `/deployments` on."""
    _, slash, rest = exchange.url.partition("/deployments")
    return slash + rest


def _caller(name: str, variable: str, scheme: str) -> list[str]:
    return [
        f': "${{{variable[1:]}:?set it to the token}}"',
        f"{name}() {{",
        f'  curl -sS --globoff -H "authorization: {scheme} {variable}" \\',
        "    -H 'content-type: application/json' -w '\\n-> %{http_code}\\n' \"$@\"",
        "}",
    ]


def _foreign(exchange: Exchange) -> bool:
    return any(OTHER_TENANT in value for value in exchange.request_headers.values())


def _cursors(exchanges: Sequence[Exchange], letters: Mapping[str, str]) -> dict[int, _Cursor]:
    """Return, by the number of the step, where lists go on with what an earlier step answered."""
    return {
        number: _Cursor(name, step)
        for number, exchange in enumerate(exchanges, 1)
        for name, value in parse_qsl(urlsplit(exchange.url).query)
        for step, earlier in enumerate(exchanges[: number - 1], 1)
        if name in CURSORS
        and value not in letters
        and field(earlier.json, CURSORS[name]) == value
        and f'"{value}"' in earlier.body
    }


def _replayed(
    number: int,
    exchange: Exchange,
    letters: Mapping[str, str],
    target: Target,
    cursors: Mapping[int, _Cursor],
) -> list[str]:
    kept = {
        cursor.variable: _text(CURSORS[cursor.parameter])
        for cursor in cursors.values()
        if cursor.step == number
    }
    made = _made(exchange)
    if made in letters:
        prefix = target.profile.deployment_prefix
        kept[letters[made]] = _text("id", prefix if made.startswith(prefix) else "")
    cursor = cursors.get(number)
    said = [f"echo {shlex.quote(f'{number}. {_words(exchange, letters)}')}"]
    if cursor:
        said.append(cursor.lacking)
    command = _command(exchange, letters, target.run_id, cursor)
    if not kept:
        return [*said, command]
    return [
        *said,
        f"answer=$({command})",
        "printf '%s\\n' \"$answer\"",
        *(f"{variable}=$(printf '%s\\n' \"$answer\" | {found})" for variable, found in kept.items()),
    ]


def _command(exchange: Exchange, letters: Mapping[str, str], run_id: str, cursor: _Cursor | None) -> str:
    words = ["other_tenant" if _foreign(exchange) else "call", "-X", exchange.method]
    if exchange.request_body is not None:
        # Names must be new, and the recorded ones hold the run's id: the script puts its own in their place.
        words += ["--data-binary", shlex.quote(exchange.request_body).replace(run_id, "'\"$RUN\"'")]
    path, mark, query = _path(exchange).partition("?")
    if cursor:
        query = "&".join(part for part in query.split("&") if not part.startswith(f"{cursor.parameter}="))
        words += ["--get", "--data-urlencode", f'"{cursor.parameter}=${cursor.variable}"']
    url = path + mark + query
    for one, letter in letters.items():
        url = url.replace(one, f"${{{letter}}}")
    return " ".join([*words, f'"$BASE{url}"'])


def _text(name: str, prefix: str = "") -> str:
    """Return the shell filter that finds the first text of that name, and with that beginning, in JSON."""
    return f'grep -o \'"{name}" *: *"{prefix}[^"]*"\' | head -n 1 | sed \'s/.*"\\([^"]*\\)"$/\\1/\''


def _made(exchange: Exchange) -> str:
    """Return the id of the deployment that an exchange made, or an empty text."""
    if exchange.method != "POST" or not exchange.url.endswith("/deployments"):
        return ""
    document = exchange.json if isinstance(exchange.json, dict) else {}
    return str(document.get("id", "")) if exchange.succeeded else ""
