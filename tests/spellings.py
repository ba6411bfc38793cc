"""How servers, proxies and loggers may write a secret, and whether a text tells one in any of these ways.

Nothing of the suite is used here: what it masks is looked for by other means.
"""

from __future__ import annotations

import base64
import codecs
import html
import json
import quopri
import textwrap
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus

TELLING = 12
"""Letters and digits in a row that tell too much of an encoded secret."""


def _each(pattern: str, between: str = "") -> Callable[[str], str]:
    return lambda secret: between.join(pattern.format(ord(character)) for character in secret)


def _base64(secret: str) -> str:
    return base64.b64encode(secret.encode()).decode()


def _hex(secret: str) -> str:
    return secret.encode().hex()


def _percent(secret: str) -> str:
    return quote(secret, safe="")


def _in(charset: str) -> Callable[[str], str]:
    """Return how a text in a charset reads when it is taken for Latin-1."""
    return lambda secret: secret.encode(charset).decode("latin-1")


def _soft_breaks(secret: str) -> str:
    lines = [secret[place : place + 9] for place in range(0, len(secret), 9)]
    return "=\r\n".join(quopri.encodestring(line.encode()).decode() for line in lines)


def _moved(upper: int, lower: int, digit: int) -> Callable[[str], str]:
    """Return how a text reads in an alphabet of its own, of which the first letters and the zero are given."""
    firsts = {"A": upper, "a": lower, "0": digit}

    def moved(sign: str) -> str:
        first = "A" if sign.isupper() else "a" if sign.islower() else "0"
        return chr(ord(sign) - ord(first) + firsts[first]) if sign.isascii() and sign.isalnum() else sign

    return lambda secret: "".join(map(moved, secret))


_WIDE = _moved(0xFF21, 0xFF41, 0xFF10)
_BOLD = _moved(0x1D400, 0x1D41A, 0x1D7CE)


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "clear": str,
    "upper case": str.upper,
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON escapes": _each("\\u{:04x}"),
    "JSON in JSON": lambda secret: json.dumps(json.dumps(_each("\\u{:04x}")(secret)))[1:-1],
    "script escapes": _each("\\u{{{:x}}}"),
    "code points": _each("U+{:04X}", " "),
    "Python escapes": _each("\\x{:02x}"),
    "octal escapes": _each("\\{:03o}"),
    "percent": _percent,
    "percent in lower case": _each("%{:02x}"),
    "percent twice": lambda secret: _percent(_percent(secret)),
    "a form": quote_plus,
    "HTML": html.escape,
    "HTML twice": lambda secret: html.escape(html.escape(secret)),
    "HTML numbers": _each("&#{};"),
    "HTML hex numbers": _each("&#x{:04X};"),
    "quoted-printable": _each("={:02X}"),
    "quoted-printable with soft breaks": _soft_breaks,
    "hex": _hex,
    "HEX": lambda secret: _hex(secret).upper(),
    "spaced hex": _each("{:02x}", " "),
    "hex with colons": _each("{:02X}", ":"),
    "hex with dashes": _each("{:02x}", "-"),
    "hex numbers": _each("0x{:02x}", ", "),
    "a list of bytes": _each("{}", ","),
    "a list of characters": lambda secret: json.dumps(list(secret)),
    "base64": _base64,
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "base64 in lines": lambda secret: "\r\n".join(textwrap.wrap(_base64(secret), 20)),
    "base64 of user and password": lambda secret: _base64(f"user:{secret}"),
    "base64 twice": lambda secret: _base64(_base64(secret)),
    "base64 three times": lambda secret: _base64(_base64(_base64(f"a{secret}"))),
    "base64 of hex": lambda secret: _base64(_hex(secret)),
    "hex of base64": lambda secret: _hex(_base64(secret)),
    "base64 of percent": lambda secret: _base64(_percent(_percent(secret))),
    "percent of base64": lambda secret: _percent(_base64(f"ab{secret}")),
    "base64 of UTF-16": lambda secret: base64.b64encode(secret.encode("utf-16")).decode(),
    "base32": lambda secret: base64.b32encode(secret.encode()).decode(),
    "base32 in lower case": lambda secret: base64.b32encode(b"x:" + secret.encode()).decode().lower(),
    "base85": lambda secret: base64.b85encode(secret.encode()).decode(),
    "fullwidth letters": _WIDE,
    "fullwidth letters in JSON": lambda secret: json.dumps(_WIDE(secret)),
    "mathematical letters": _BOLD,
    "mathematical letters in JSON": lambda secret: json.dumps(_BOLD(secret)),
    "circled letters": _moved(0x24B6, 0x24D0, 0x30),
    "tag characters": lambda secret: "".join(chr(0xE0000 + ord(sign)) for sign in secret),
    "tag characters in JSON": lambda secret: json.dumps("".join(chr(0xE0000 + ord(sign)) for sign in secret)),
    "long Python escapes": _each("\\U{:08x}"),
    "Perl escapes": _each("\\x{{{:x}}}"),
    "octal numbers": _each("{:04o}", " "),
    "four digits": _each("{:04d}", " "),
    "floats": _each("{}.0", ", "),
    "assembler's hex": _each("{:02x}h", ", "),
    "bytes of UTF-16": lambda secret: str(list(secret.encode("utf-16-le"))),
    "bytes of UTF-16, big end first": lambda secret: str(list(secret.encode("utf-16-be"))),
    "bytes of UTF-32": lambda secret: str(list(secret.encode("utf-32-le"))),
    "bytes of UTF-32, big end first": lambda secret: str(list(secret.encode("utf-32-be"))),
    "octal bytes of UTF-16": lambda secret: " ".join(f"{byte:03o}" for byte in secret.encode("utf-16-le")),
    "colours": lambda secret: "".join(
        f"\x1b[1;3{place % 8}m{sign}\x1b[0m" for place, sign in enumerate(secret)
    ),
    "colours in JSON": lambda secret: json.dumps("\x1b[0m".join(secret)),
    "tags of HTML": lambda secret: "".join(f"<b>{sign}</b>" for sign in secret),
    "tags with attributes": '<span class="x">'.join,
    "HTML names": lambda secret: secret.replace("-", "&hyphen;").replace("_", "&lowbar;"),
    "long HTML names": "&NegativeVeryThinSpace;".join,
    "base64 of base64 in lines": lambda secret: "\r\n".join(textwrap.wrap(_base64(_base64(secret)), 10)),
    "soft hyphens": "\u00ad".join,
    "zero-width spaces": "\u200b".join,
    "zero-width joiners": "\u2060\ufeff".join,
    "blanks": " ".join,
    "line breaks": "\n".join,
    "UTF-16": _in("utf-16"),
    "UTF-16, big end first": _in("utf-16-be"),
    "UTF-32": _in("utf-32"),
    "UTF-32, big end first": _in("utf-32-be"),
    "backwards": lambda secret: secret[::-1],
    "rot13": lambda secret: codecs.encode(secret, "rot13"),
    "without its end": lambda secret: secret[:-3],
    "without its beginning": lambda secret: secret[3:],
    "without its middle": lambda secret: (
        secret[: len(secret) // 2 - 1] + "..." + secret[len(secret) // 2 + 2 :]
    ),
}


def signs(text: str) -> str:
    """Return the letters and digits of a text, which tell a secret however it is set apart."""
    return "".join(filter(str.isalnum, text)).lower()


def runs(secret: str, length: int = TELLING) -> frozenset[str]:
    """Return what must be found nowhere: runs of letters and digits of a secret in every spelling.

    Where a spelling takes many for a character, a run tells at least ten characters, of which two may be signs
    between letters and digits. What the first seven
    give as well tells too little: a spelling may begin with signs of its own, such as the name of a user.
    """
    found: set[str] = set()
    for spell in SPELLINGS.values():
        told, few = signs(spell(secret)), signs(spell(secret[:7]))
        width = max(length, -(-10 * len(told) // len(secret)))
        found.update(told[start : start + width] for start in range(len(told) - width + 1))
        found.difference_update(few[start : start + width] for start in range(len(few) - width + 1))
    # Times and numbers hold digits in a row as well.
    return frozenset(run for run in found if not run.isdecimal())


def tells(text: str, known: frozenset[str]) -> bool:
    """Tell whether a text holds a run of a secret."""
    found, widths = signs(text), sorted({len(run) for run in known})
    heads = {run[: widths[0]] for run in known}
    starts = (start for start in range(len(found)) if found[start : start + widths[0]] in heads)
    return any(found[start : start + width] in known for start in starts for width in widths)
