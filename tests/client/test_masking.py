"""A secret is masked however it is written, only where it is one, and in time that grows with the text alone."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from conformance.contract.comparing import apart, shorten
from conformance.redaction.redactor import MASKED, Redactor, fingerprint
from tests.spellings import SPELLINGS, runs, tells

TOKEN = "pt-7Kq9_Zx2v-Rm4WtB8nYs1Lc"
REDACTOR = Redactor([TOKEN])
PLACES = {
    "alone": "{}", "in JSON": '{{"error": {{"message": "bad {}"}}}}', "in a URL": "https://x.example/a?b={}&c=1",
    "in a header": "Bearer {}; realm=x", "in a sentence": "I got {}, and refused it.",
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_token_is_masked_in_every_spelling(spelling: str, place: str) -> None:
    text = place.format(SPELLINGS[spelling](TOKEN))
    shown = REDACTOR.text(text)
    assert MASKED in shown
    assert not tells(shown, runs(TOKEN))


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_token_is_masked_in_every_spelling_within_json(spelling: str, layers: int) -> None:
    text = SPELLINGS[spelling](TOKEN)
    for _ in range(layers):
        text = json.dumps({"error": {"message": text}})
    shown = REDACTOR.body(text.encode(), 65536)
    assert MASKED in shown
    assert not tells(shown, runs(TOKEN))


@pytest.mark.parametrize("limit", [60, 80, 300])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_token_is_masked_in_every_spelling_that_was_cut_to_a_line(spelling: str, limit: int) -> None:
    """What a message quotes lost its line breaks and its end before it is masked."""
    told = SPELLINGS[spelling](TOKEN)
    quoted = [
        shorten(told, limit),
        shorten({"a": f"for {told}"}, limit),
        *apart(f"{told}1", f"{told}2", limit),
    ]
    for one in quoted:
        assert not tells(REDACTOR.text(f"description: {one}, as it was"), runs(TOKEN))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_token_is_masked_in_every_item_of_a_list_as_it_is_alone(spelling: str) -> None:
    """Long bodies are searched in pieces, and what was searched before is not searched again."""
    told = SPELLINGS[spelling](TOKEN)
    plain = {"name": "plain", "text": "".join(f"word {number}, " for number in range(100))}
    items = [plain, {**plain, "text": told}, plain, plain, {"name": told, **plain, "last": told}, plain]
    content = json.dumps({"data": items, "next": told}).encode()
    for _ in range(2):
        assert REDACTOR.beginning(content, len(content)) == REDACTOR.text(content.decode())
    assert not tells(REDACTOR.body(content, 65536), runs(TOKEN))


@pytest.mark.parametrize("cut", range(1, len(TOKEN)))
def test_a_token_that_goes_on_in_the_next_item_is_masked(cut: int) -> None:
    """As the end of one item, and as a name in the next."""
    rest = {"text": "".join(f"word {number}, " for number in range(100))}
    content = json.dumps([rest, {**rest, "last": TOKEN[:cut]}, {TOKEN[cut:]: 1, **rest}, rest]).encode()
    shown = REDACTOR.beginning(content, len(content))
    assert shown == REDACTOR.text(content.decode())
    assert not tells(shown, runs(TOKEN))


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_a_token_is_masked_in_a_body_of_another_charset(charset: str) -> None:
    body = json.dumps({"error": {"message": f"bad {TOKEN}"}}).encode(charset)
    shown = REDACTOR.body(body, 65536)
    assert fingerprint(TOKEN) in shown
    assert not tells(shown, runs(TOKEN))


@pytest.mark.parametrize("start", range(0, 19, 3))
def test_a_part_of_eight_characters_is_masked(start: int) -> None:
    part = TOKEN[start : start + 12]
    assert not tells(REDACTOR.text(f"saw {part}..."), runs(TOKEN, 8))


def test_what_is_around_a_secret_stays() -> None:
    text = 'Basic {} and "%7B", \\u00e4, &amp; 2026-01-01T00:00:00.730000Z 7074'
    coded = base64.b64encode(f"user:{TOKEN}:more".encode()).decode()
    before, _, after = REDACTOR.text(text.format(coded)).partition(fingerprint(TOKEN))
    assert before == f"Basic {coded[: len(before) - 6]}"
    assert after.endswith(text.partition("{}")[2])
    assert len(before) + len(after) < len(text) + 16


HOSTILE = {
    "escaped quotes": '\\"', "backslashes": "\\", "JSON escapes": "\\u0070", "percent signs": "%", "percent": "%25",
    "HTML": "&amp;", "HTML without an end": "&#", "soft breaks": "=\r\n", "hex": "7074", "base64": "cHQt",
    "base64 in words": "cHQtcHQt ", "bytes": "112,116,", "NULs": "\0", "the beginning": TOKEN[:7], "halves": TOKEN[9:],
    "tags": "<b>", "tags without an end": "<b", "colours": "\x1b[1m", "colours without an end": "\x1b[", "wide": "\uff50",
    "surrogates": "\\ud835", "base64 in lines": "cHQt\n", "long names": "&amp", "bytes of UTF-16": "112,0,",
    "runs": TOKEN[:8] + " ", "quotes": '"token', "the token": TOKEN,
}  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("token", [TOKEN, "\\" * 16 + "aB3dE6gH"])
def test_no_text_takes_more_than_its_length_is_worth(token: str, piece: str) -> None:
    # It looks at no clock: where a text costs the square of its length, or more, this does not end.
    body = (piece * 65_536)[:65_536].encode()
    assert len(Redactor([token]).body(body, 65536)) <= 5 * 65536


def least_seconds(work: Callable[[], object], rounds: int = 5) -> float:
    """Return the least seconds of this thread's processor time that some work took."""
    taken = []
    for _ in range(rounds):
        started = time.thread_time()
        work()
        taken.append(time.thread_time() - started)
    return min(taken)


@pytest.mark.parametrize("secrets", [[], [TOKEN]], ids=["without a secret", "with one"])
@pytest.mark.parametrize("piece", ['\\"', '"', '"token', '"\\', '"token" :', '"a":"'])
def test_a_body_four_times_as_long_takes_four_times_as_long(piece: str, secrets: list[str]) -> None:
    redactor, size = Redactor(secrets), 16_384
    short, long = (
        least_seconds(partial(redactor.body, body, len(body)))
        for body in ((piece * length)[:length].encode() for length in (size, 4 * size))
    )
    assert long < 9 * short  # sixteen times as long, were it quadratic


@pytest.mark.parametrize("token", ["dev", "test", "t0ken", "a-b", "dep"])
def test_a_short_token_is_masked_where_it_stands_alone(token: str) -> None:
    redact, mask = Redactor([token]).text, fingerprint(token)
    for place in ('"{}"', "Bearer {}", "/{}/", "user:{}@", "({})", "{}", "= {}."):
        assert redact(place.format(token)) == place.format(mask)
    assert redact(f"x {token.encode().hex()} x") == f"x {mask} x"
    assert mask in redact(f"x {SPELLINGS['JSON escapes'](token)} x")
    assert mask in redact(f"x {SPELLINGS['percent in lower case'](token)} x")
    assert mask in redact(f"Basic {base64.b64encode(f'user:{token}'.encode()).decode()}")
    for word in (f"la{token}", f"{token}er", f"{token}_1", f"x-{token}", f"{token}-x"):
        assert redact(f"a {word} b") == f"a {word} b"


def test_ids_that_hold_a_token_stay_different() -> None:
    ids = [f"dep_{TOKEN}{number}" for number in range(3)]
    shown = REDACTOR.document({"data": ids, "first": ids[0]})
    assert isinstance(shown, dict)
    assert len(set(shown["data"])) == 3
    assert shown["first"] == shown["data"][0]


SCATTERED = {
    "bytes": list(TOKEN.encode()), "UTF-16": list(TOKEN.encode("utf-16-le")), "UTF-32": list(TOKEN.encode("utf-32-be")),
    "characters": list(TOKEN), "pieces": [TOKEN[at : at + 7] for at in range(0, len(TOKEN), 7)],
    "floats": list(map(float, TOKEN.encode())),
    "names": dict.fromkeys([TOKEN[:7], TOKEN[7:14], TOKEN[14:]]), "names within names": {TOKEN[:9]: {TOKEN[9:]: {}}},
    "lists in lists": [[sign] for sign in TOKEN], "with nothing between": [[sign, None, True, ""] for sign in TOKEN],
    "escapes": [f"%{byte:02x}" for byte in TOKEN.encode()], "wide": [SPELLINGS["fullwidth letters"](sign) for sign in TOKEN],
    "hex digits": [f"{byte:02x}" for byte in TOKEN.encode()],
    "base64": [base64.b64encode(TOKEN.encode()).decode()[at : at + 6] for at in range(0, 36, 6)],
}  # fmt: skip


@pytest.mark.parametrize("mask", [REDACTOR.document, REDACTOR.strings])
@pytest.mark.parametrize("value", SCATTERED.values(), ids=SCATTERED)
def test_a_token_in_pieces_is_masked(value: object, mask: Callable[[object], object]) -> None:
    around = {"before": [1, "kept", None], "value": value, "after": {"kept": 2.5, "yes": True}}
    shown = mask(around)
    assert isinstance(shown, dict)
    assert not tells(json.dumps(shown), runs(TOKEN))
    assert not tells("".join(leaves(shown)), runs(TOKEN))
    assert (shown["before"], shown["after"]) == (around["before"], around["after"])
    assert mask(shown) == shown


def leaves(value: object) -> Iterator[str]:
    """Yield the names, texts and numbers of a document without its masks."""
    if isinstance(value, dict | list):
        parts = [part for pair in value.items() for part in pair] if isinstance(value, dict) else value
        for part in parts:
            yield from leaves(part)
    elif value not in (None, True) and MASKED not in str(value):
        yield str(value)


def test_a_document_in_pieces_is_masked_in_time_that_grows_with_its_length() -> None:
    def deep(depth: int) -> object:
        document: object = list(TOKEN)
        for _ in range(depth):
            document = [document, *TOKEN[:5]]
        return document

    once, twice = (least_seconds(partial(REDACTOR.document, deep(depth))) for depth in (45, 90))
    assert twice < 3 * once
