"""What a text says once its escapes and encodings are undone, and where in the text each part of that stands.

Every reading is made in one pass, so their cost is linear in the text, whatever it holds.
"""

from __future__ import annotations

import binascii
import html
import re
import unicodedata
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache, partial

from conformance.redaction.forms import Span, squeezed

BLOCK = 512
"""Bytes behind an escape that are taken for escaped as well: in most texts they are."""
Locate = Callable[[list[Span]], list[Span]]
"""Turns spans of a reading into those of the text that was read."""
# One escape of JSON, Python, C, Perl, URLs, HTML or quoted-printable, a character that is compatible with one
# of ASCII, or what shows nothing and separates others, such as a terminal's colours.
# A backslash before another stays: they double with each layer of JSON, and hide nothing.
# Each alternative begins with one byte, no group: so `re` skips all other bytes at once.
_ESCAPE = re.compile(
    rb"\\(?:u(?P<json>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})|u\{(?P<script>[0-9a-fA-F]{1,6})\}?"
    rb"|x(?P<python>[0-9a-fA-F]{2})|x\{(?P<perl>[0-9a-fA-F]{1,6})\}?|(?P<octal>[0-7]{3}))"
    rb"|%(?P<url>[0-9a-fA-F]{2})"
    rb"|&(?:\#0*(?P<decimal>[0-9]{1,7})|\#[xX]0*(?P<hex>[0-9a-fA-F]{1,6})"
    rb"|(?P<name>[a-zA-Z][a-zA-Z0-9]{1,31}+)(?=;));?"
    rb"|=(?:\r?\n|(?P<quoted>[2-7][0-9A-F]))"
    rb"|\x00\x00*+|\xc2\xad|\xe2\x80[\x8b-\x8f]|\xe2\x81\xa0|\xef\xbb\xbf|\x1b\[[0-?]*+[ -/]*+[@-~]"
    rb"|\xf3\xa0(?P<tag>[\x80\x81][\x80-\xbf])"
    rb"|\xc2(?P<latin>[\xaa\xb2\xb3\xb9\xba])|\xca(?P<modifier>[\xb0-\xb8])"
    rb"|\xe1(?P<phonetic>[\xb4-\xb6][\x80-\xbf])|\xe2(?P<symbol>[\x81\x82\x84\x85\x91-\x93][\x80-\xbf])"
    rb"|\xef(?P<wide>[\xbc\xbd][\x80-\xbf])|\xf0(?P<mathematical>(?:\x9d[\x90-\x9f]|\x9f[\x84\x85])[\x80-\xbf])"
    rb"|\xed(?P<surrogates>[\xa0-\xaf][\x80-\xbf]\\*+\xed[\xb0-\xbf][\x80-\xbf])"
)
_BREAK = re.compile(
    rb"\\{1,8}+[nrtbf]|\n(?<=[A-Za-z0-9+/_-]{4}\n)[ \t]*+(?=[A-Za-z0-9+/_-]{4})"
    rb"|\r\n(?<=[A-Za-z0-9+/_-]{4}\r\n)[ \t]*+(?=[A-Za-z0-9+/_-]{4})|<[a-zA-Z/!][^<>]{0,32}+>"
    rb"| (?<=[A-Za-z0-9+/_-]{4} )(?=[A-Za-z0-9+/_-]{4})(?:(?<=[A-Z0-9][^ ]{3} )"
    rb"|(?<=[A-Z0-9][^ ]{2} )|(?<=[A-Z0-9][^ ] )|(?<=[A-Z0-9] )|(?=[^ ]{0,3}[A-Z0-9]))"
)
"""A line break or blank of JSON, which a secret may hold and mean; one in base64; a short tag of HTML.

What is written in a long tag may be escaped itself. A break in base64 is a blank where a text is shown as one
line: unlike words, its pieces have capitals or digits at their ends.
"""
_BYTES = {"python": 16, "octal": 8, "url": 16, "quoted": 16}
"""The kinds of escapes that write a byte, each with the base of its number."""
_CHARACTERS = {"json": 16, "long": 16, "script": 16, "perl": 16, "decimal": 10, "hex": 16}
_LARGEST = 0x10FFFF
# Base64 of printable ASCII: of each four characters the first three are of a few only.
_BASE64 = re.compile(
    rb"[I-Za-f][C-HS-Xi-ny-z0-3][AEIMQUYcgkosw048BFJNRVZdhlptx159][A-Za-z0-9+/_-]"
    rb"(?:[I-Za-f][C-HS-Xi-ny-z0-3][AEIMQUYcgkosw048BFJNRVZdhlptx159][A-Za-z0-9+/_-])++"
    rb"[A-Za-z0-9+/_-]{0,3}+"
)
_HEX = re.compile(rb"[2-7][0-9a-fA-F][ :-]?+(?:[2-7][0-9a-fA-F][ :-]?+){5,}+")
_PAIR = re.compile(rb"[2-7][0-9a-fA-F]")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def readings(text: bytes, reach: int) -> Iterator[tuple[bytes, Locate]]:
    """Yield what parts of a text say without their escapes, and what it holds in base64 or hex.

    A part goes on for `reach` letters and digits before and behind its escapes: what is told farther from one
    the text tells itself. So a few escapes within escapes do not cost a reading of the whole text.
    """
    for pattern in (_ESCAPE, _BREAK):
        for start, end in _escaped(pattern, text, reach):
            part = text[start:end]
            plain = pattern.sub(_unescaped, part)
            if plain != part:
                yield plain, partial(_behind, pattern, part, start)
    for run in _BASE64.finditer(text):
        yield _from_base64(run[0]), partial(_behind_base64, run.start())
    for run in _HEX.finditer(text):
        yield bytes.fromhex(b"".join(_PAIR.findall(run[0])).decode()), partial(_behind_hex, run)


def _escaped(pattern: re.Pattern[bytes], text: bytes, reach: int) -> Iterator[tuple[int, int]]:
    """Yield where parts with escapes begin and end. Each byte is looked at once in each direction."""
    floor, escape = 0, pattern.search(text)
    while escape:
        start, end = before(text, escape.start(), floor, reach), 0
        while escape:
            floor = min(escape.end() + BLOCK, len(text))
            escape = pattern.search(text, floor)
            limit = escape.start() if escape else len(text)
            end = after(text, floor, limit, reach)
            if end < limit:
                break
        yield start, end


def before(text: bytes, place: int, floor: int, reach: int) -> int:
    """Return where `reach` letters and digits before a place begin at the latest, or the floor."""
    while place > floor and reach > 0:
        start = max(floor, place - 2 * reach)
        reach -= len(squeezed(text[start:place]))
        place = start
    return place


def after(text: bytes, place: int, limit: int, reach: int) -> int:
    """Return where `reach` letters and digits behind a place end at the earliest, or the limit."""
    while place < limit and reach > 0:
        end = min(limit, place + 2 * reach)
        reach -= len(squeezed(text[place:end]))
        place = end
    return place


def unescaped(text: bytes, layers: int) -> bytes:
    """Return what a text says without its escapes, those of at most so many layers around each other."""
    for _ in range(layers):
        plain = _BREAK.sub(_unescaped, _ESCAPE.sub(_unescaped, text))
        if plain == text:
            break
        text = plain
    return text


def _unescaped(escape: re.Match[bytes]) -> bytes:
    kind = escape.lastgroup
    return _said(kind, escape[kind], escape[0]) if kind else b""


@lru_cache(maxsize=4096)  # the same few escapes stand in every answer
def _said(kind: str, inner: bytes, whole: bytes) -> bytes:
    if base := _BYTES.get(kind):
        return bytes([int(inner, base) % 256])
    if base := _CHARACTERS.get(kind):
        return chr(min(int(inner, base), _LARGEST)).encode("utf-8", "surrogatepass")
    if kind == "name":
        return html.unescape(f"&{inner.decode()};").encode()
    if kind == "tag":  # Unicode's invisible copy of ASCII
        return bytes([(inner[0] & 1) << 6 | inner[1] & 0x3F])
    # A character that is compatible with others; of surrogates a pair, which JSON in JSON writes apart.
    units = whole.replace(b"\\", b"").decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    return unicodedata.normalize("NFKC", units.decode("utf-16-le")).encode()


def _behind(pattern: re.Pattern[bytes], text: bytes, offset: int, spans: list[Span]) -> list[Span]:
    starts, ends, place = array("L"), array("L"), 0
    for escape in pattern.finditer(text):
        starts.extend(range(place, escape.start()))
        ends.extend(range(place + 1, escape.start() + 1))
        place = escape.end()
        size = len(_unescaped(escape))
        starts.extend([escape.start()] * size)
        ends.extend([place] * size)
    starts.extend(range(place, len(text)))
    ends.extend(range(place + 1, len(text) + 1))
    return [Span(offset + starts[span.start], offset + ends[span.end - 1], span.mask) for span in spans]


def _from_base64(run: bytes) -> bytes:
    whole = run[: len(run) - (len(run) % 4 == 1)].translate(_URL_SAFE)
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _behind_base64(start: int, spans: list[Span]) -> list[Span]:
    return [Span(start + span.start * 4 // 3, start + (span.end * 4 + 2) // 3, span.mask) for span in spans]


def _behind_hex(run: re.Match[bytes], spans: list[Span]) -> list[Span]:
    pairs = [run.start() + pair.start() for pair in _PAIR.finditer(run[0])]
    return [Span(pairs[span.start], pairs[span.end - 1] + 2, span.mask) for span in spans]
