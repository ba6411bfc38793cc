"""No known secret survives in any form."""

from __future__ import annotations

import base64
import html
import itertools
import json
import re
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.client.exchange import Exchange
from conformance.redaction.forms import squeezed
from conformance.redaction.redactor import RUN, SECRET_NAME, Redactor, fingerprint

SECRET = "pt-A+b/c\"d'e\\f<g>&h%i=j~k!"
# A secret that holds an escape of its own is masked as well, but may lose its fingerprint.
secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=40).filter(
    lambda secret: (
        len(squeezed(secret.encode())) >= RUN and not re.search(r"[%=][0-9a-fA-F]{2}|\\[\w{]|&\w+;", secret)
    )
)
around = st.text(st.characters(codec="utf-8"), max_size=8)


def all_percent(secret: str) -> str:
    return "".join(f"%{byte:02x}" for byte in secret.encode())


def json_escapes(secret: str) -> str:
    """Every character as JSON's own escape, as a target may split a secret."""
    units = secret.encode("utf-16-be").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "clear": str,
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON of a server that escapes slashes": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "all JSON escapes": json_escapes,
    "half JSON escapes": lambda secret: secret[:4] + json_escapes(secret[4:]),
    "percent": lambda secret: quote(secret, safe=""),
    "percent with slashes": quote,
    "percent in lower case": lambda secret: quote(secret, safe="").replace("%", "%").lower(),
    "a form": quote_plus,
    "all percent": all_percent,
    "all percent in upper case": lambda secret: all_percent(secret).upper().replace("X", "x"),
    "hex": lambda secret: secret.encode().hex(),
    "HEX": lambda secret: secret.encode().hex().upper(),
    "HTML": html.escape,
    "HTML numbers": lambda secret: "".join(f"&#{ord(character)};" for character in secret),
    "JSON in JSON in JSON": lambda secret: json.dumps(json.dumps(json.dumps(secret)[1:-1])[1:-1])[1:-1],
    "JSON escapes in JSON": lambda secret: json.dumps(json_escapes(secret))[1:-1],
    "percent, twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "HTML in HTML": lambda secret: html.escape(html.escape(secret)),
    "HTML hex numbers": lambda secret: "".join(f"&#x{ord(character):04X};" for character in secret),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@settings(max_examples=20)
@given(secret=secrets, before=around, after=around)
@example(secret=SECRET, before="", after="")
def test_no_spelling_of_a_secret_survives(spelling: str, secret: str, before: str, after: str) -> None:
    shown = SPELLINGS[spelling](secret)
    text = Redactor([secret]).text(f"{before} {shown} {after}")
    assert shown not in text
    assert fingerprint(secret) in text


@settings(max_examples=100)
@given(secret=secrets, before=st.binary(max_size=7), after=st.binary(max_size=7))
@example(secret=SECRET, before=b"user:", after=b"")
def test_no_base64_of_a_text_with_the_secret_gives_it_away(secret: str, before: bytes, after: bytes) -> None:
    redact = Redactor([secret]).text
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        shown = encode(before + secret.encode() + after).decode()
        for written in (shown, shown.replace("/", "\\/"), quote(shown, safe="")):
            text = redact(f"Basic {written}")
            assert fingerprint(secret) in text
            left = text.removeprefix("Basic ").split(fingerprint(secret))
            # What is left around the mask holds less than two bytes of the secret on either side.
            assert len(left) == 2
            assert len(left[0]) <= len(quote(encode(before), safe="")) + 6
            assert len(left[1]) <= len(quote(encode(after), safe="")) + 12


@pytest.mark.parametrize("length", range(8, 20))
@pytest.mark.parametrize("offset", range(3))
def test_the_characters_of_base64_that_are_masked_are_the_certain_ones(length: int, offset: int) -> None:
    secret = "qwertyuiopasdfghjkl"[:length]
    certain = set(enumerate(base64.b64encode(b"\0" * offset + secret.encode() + b"\0" * 3).decode()))
    certain &= set(enumerate(base64.b64encode(b"\xff" * offset + secret.encode() + b"\xff" * 3).decode()))
    inside = "".join(sign for _, sign in sorted(certain)).rstrip("=")
    shown = base64.b64encode(b"\0" * offset + secret.encode() + b"\0" * 3).decode()
    before, mask, after = Redactor([secret]).text(shown).partition(fingerprint(secret))
    assert mask
    assert shown.startswith(before)
    assert len(before) <= shown.index(inside)
    assert shown.endswith(after)
    # One character more at the end holds bits of the secret as well.
    assert len(shown) - shown.index(inside) - len(inside) - len(after) in (0, 1)


@settings(max_examples=100)
@given(secret=secrets, text=around)
def test_redacting_again_changes_nothing(secret: str, text: str) -> None:
    redactor = Redactor([secret])
    once = redactor.text(f"{text}{secret}{text}{quote(secret)}")
    assert redactor.text(once) == once


@settings(max_examples=100)
@given(text=st.text(st.characters(codec="utf-8")))
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert Redactor(["pt-never-in-a-text", ""]).text(text) == text
    assert Redactor([]).text(text) == text


def test_equal_secrets_have_equal_masks_and_others_have_not() -> None:
    redact = Redactor(["pt-first-secret", "pt-second-secret"]).text
    masks = redact("pt-first-secret pt-second-secret pt-first-secret").split()
    assert masks[0] == masks[2] != masks[1]
    assert redact(base64.b64encode(b"pt-first-secret").decode()).startswith(masks[0])


def test_a_secret_that_begins_another_leaves_none_of_it() -> None:
    redact = Redactor(["pt-secret", "pt-secret-long"]).text
    assert redact("pt-secret-long") == fingerprint("pt-secret-long")
    assert redact("pt-secret") == fingerprint("pt-secret")


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"token": "abc", "name": "kept"}', '{"token": "[redacted]", "name": "kept"}'),
        ('{"access_token":"a\\"b","x":1}', '{"access_token":"[redacted]","x":1}'),
        ('{"Client_Secret" : "abc"}', '{"Client_Secret" : "[redacted]"}'),
        ('{"a": {"password": "abc"}}', '{"a": {"password": "[redacted]"}}'),
        ('{"api_key": "abc', '{"api_key": "[redacted]'),
        ('{"api_key": "abc\\', '{"api_key": "[redacted]'),
        ('{"name": "a token: \\"b\\""}', '{"name": "a token: \\"b\\""}'),
        ('{"name": "token", "other": "b"}', '{"name": "token", "other": "b"}'),
        ('{"tokens": 5}', '{"tokens": 5}'),
        ('"token": "line\nend" rest', '"token": "[redacted]" rest'),
        ("plain token text", "plain token text"),
    ],
)
def test_values_of_secret_looking_members_are_masked(body: str, shown: str) -> None:
    assert Redactor().body(body.encode(), 1000) == shown


texts = st.text(st.characters(codec="utf-8"), max_size=12)
names = texts.filter(lambda name: not SECRET_NAME.search(name))
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100)
@given(document=documents)
def test_a_document_without_secrets_stays_as_it_is(document: object) -> None:
    shown = Redactor(["pt-never-in-a-text"]).document(document)
    assert json.dumps(shown) == json.dumps(document)


@settings(max_examples=100)
@given(secret=secrets, document=documents, before=around, after=around)
def test_no_secret_survives_in_a_document(secret: str, document: object, before: str, after: str) -> None:
    planted = {"deep": [document, {f"{before}{secret}": [f"{before}{secret}{after}", {"x": quote(secret)}]}]}
    redactor = Redactor([secret])
    shown = redactor.document(planted)
    assert fingerprint(secret) in json.dumps(shown)
    assert redactor.document(shown) == shown
    inner = shown["deep"][1] if isinstance(shown, dict) else {}
    for text in (*inner, *next(iter(inner.values()))[:1]):
        assert secret not in text


@pytest.mark.parametrize(
    "text",
    [
        '{"token": "abc", "name": "kept"}', '{"access_token":"a\\"b","x":1}', '{"a": {"password": "abc"}}',
        '{"tokens": 5, "secret": null, "b": ["token"]}', '{"name": "a token: \\"b\\""}',
    ],
)  # fmt: skip
def test_a_document_is_masked_where_its_text_is(text: str) -> None:
    assert Redactor().document(json.loads(text)) == json.loads(Redactor().body(text.encode(), 1000))


def test_a_number_that_spells_a_secret_becomes_a_mask() -> None:
    shown = Redactor(["1234567890"]).document({"number": 1234567890, "other": 5, "yes": True})
    assert shown == {"number": fingerprint("1234567890"), "other": 5, "yes": True}


def test_a_hostile_body_is_redacted_in_one_pass() -> None:
    # Quadratic work on these would take minutes; the test does not look at a clock, it would hang.
    for body in ('"' + "token" * 200_000 + '"x', '"token' * 200_000, '"token": "' + "\\" * 1_000_001):
        assert Redactor().body(body.encode(), len(body)).startswith('"')


@pytest.mark.parametrize("fill", [0, 1, 1970, 1980, 1990, 1999, 2000, 2001, 2100])
@pytest.mark.parametrize("spell", [str, all_percent, json_escapes])
def test_a_cut_leaves_no_half_of_a_secret(fill: int, spell: Callable[[str], str]) -> None:
    secret = "pt-0123456789abcdefghij"
    body = "." * fill + spell(secret) * 40
    shown = Redactor([secret]).body(body.encode(), 2000)
    assert shown.count(".") >= min(fill, 1700)
    left = shown.replace(fingerprint(secret), "").lstrip(".")
    assert fingerprint(secret).startswith(left)  # the cut may go through a mask


def test_a_whole_body_within_the_limit_is_shown_to_its_end() -> None:
    assert Redactor(["pt-secret-x"]).body(b"x" * 100, 100) == "x" * 100
    assert Redactor().body(b"x" * 101, 100) == "x" * 100


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("set-cookie", "session=1; Path=/", fingerprint("session=1; Path=/")),
        ("x-api-key", "two words", fingerprint("two words")),
        ("authorization", "Bearer abc", f"Bearer {fingerprint('abc')}"),
        ("Proxy-Authorization", "Basic abc", f"Basic {fingerprint('abc')}"),
        ("authorization", "abc", fingerprint("abc")),
        ("x-request-id", "kept", "kept"),
        ("x-echo", "I saw pt-secret-x", f"I saw {fingerprint('pt-secret-x')}"),
    ],
)
def test_headers(name: str, value: str, shown: str) -> None:
    assert Redactor(["pt-secret-x"]).headers({name: value}) == {name: shown}


def test_a_secret_as_the_name_of_a_header() -> None:
    shown = Redactor(["pt-secret-x"]).headers({"x-pt-secret-x": "1"})
    assert "pt-secret-x" not in str(shown)


@pytest.mark.parametrize("spelling", ["clear", "JSON", "a form", "hex", "HTML"])
@settings(max_examples=20)
@given(before=st.text(" \u2026\u00ad:", max_size=8), cut=st.tuples(st.integers(0, 12), st.integers(0, 6)))
def test_no_run_of_a_secret_survives_a_cut(spelling: str, before: str, cut: tuple[int, int]) -> None:
    shown = SPELLINGS[spelling](SECRET)
    left = shown[cut[0] : len(shown) - cut[1]]
    text = Redactor([SECRET]).text(f"{before} {left}… → 409")
    secret, signs = squeezed(SECRET.encode()), squeezed(text.encode())
    assert not [n for n in range(len(secret) - RUN + 1) if secret[n : n + RUN] in signs]
    assert text.startswith(before)
    assert text.endswith("… → 409")


@pytest.mark.parametrize("secret", ["Conformance-token-deployments-0001", "pt-reference-tenant-one"])
def test_words_that_stand_in_a_secret_stay(secret: str) -> None:
    text = "http://127.0.0.1/deployments/dep_1: Conformance of the reference server"
    assert Redactor([secret]).text(text) == text


@pytest.mark.parametrize(
    "secret",
    [
        "pt-qwhzkdjfbvmxncapqlskrtu",
        "PT-QWHZKDJFBVMXNCAPQLSKRTU",
        "correct/horse_battery-staple",
        "Correct-Horse",
    ],
)
def test_a_part_of_a_secret_that_looks_like_words_is_masked(secret: str) -> None:
    signs = squeezed(secret.encode())
    for start, end in itertools.combinations(range(len(secret) + 1), 2):
        left = squeezed(Redactor([secret]).text(f"{secret[start:end]}…").encode())
        assert not [n for n in range(len(signs) - RUN + 1) if signs[n : n + RUN] in left]


@pytest.mark.parametrize(
    ("secret", "most"),
    [
        ("pt-reference-tenant-one", 10), ("conformance-deployments-x", 12), ("environment_variables-authorization", 12),
        ("x-deployment-y", 8),
    ],
)  # fmt: skip
def test_of_words_in_a_secret_neither_twelve_letters_nor_half_of_it_stay(secret: str, most: int) -> None:
    signs = squeezed(secret.encode())
    for start, end in itertools.combinations(range(len(secret) + 1), 2):
        left = squeezed(Redactor([secret]).text(f"{secret[start:end]}…").encode())
        assert not [n for n in range(len(signs) - most + 1) if signs[n : n + most] in left]


def test_the_summary_of_an_answer_is_masked_before_it_is_cut() -> None:
    secret = "pt-0123456789abcdefghij"
    told = Exchange(
        number=1, story="s", label="l", method="GET", url="https://x.example", sent_at=datetime.now(UTC), seconds=0.1,
        request_headers={}, request_body=None, status=409, json={"error": {"type": "e" * 93 + secret}},
        redactor=Redactor([secret]),
    )  # fmt: skip
    assert "pt-" not in told.summary()


def test_redactors_of_many_edited_tokens_take_no_lasting_memory() -> None:
    def kept_by(count: int) -> int:
        tracemalloc.start()
        redactors = [Redactor([SECRET, f"{SECRET}{count}-{number}"]) for number in range(count)]
        for redactor in redactors:
            redactor.document({"name": "what an answer shows"})
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return kept

    kept_by(1)  # what all of them share
    assert kept_by(80) < 2 * kept_by(20)
