"""Strings of a target made harmless and visible, for logs, terminals and XML."""

from __future__ import annotations

import re

from conformance.contract.verdict import Verdict

MESSAGE_LIMIT = 1_000
"""Characters of an expectation, an answer or a reason that a message shows; `result.json` has them whole."""

# Control characters and lone surrogates are illegal in XML or steer a terminal; line and paragraph
# separators forge log lines; direction marks (and a byte order mark) make a line read as what it is not.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str) -> str:
    r"""Return `text` with every unsafe character spelled out (`\x1b`, `\u202e`); newline and tab stay."""
    return _UNSAFE.sub(_spelled, text)


def one_line(text: str) -> str:
    """Return `text` as one safe line of at most `MESSAGE_LIMIT` characters; newlines and tabs are spelled."""
    line = re.sub(r"[\n\t]", _spelled, visible(text))
    if len(line) <= MESSAGE_LIMIT:
        return line
    return f"{line[:MESSAGE_LIMIT]}... ({len(line) - MESSAGE_LIMIT} more characters: result.json)"


def without_surrogates(text: str) -> str:
    """Return `text` with lone surrogates spelled out, which neither UTF-8 nor a strict JSON reader admits."""
    return _SURROGATE.sub(_spelled, text)


def explained(verdict: Verdict) -> str:
    """Return in one safe line what was expected and what came, or the message of a verdict without both."""
    if verdict.expected or verdict.got:
        return f"expected {one_line(verdict.expected)}; got {one_line(verdict.got)}"
    return one_line(verdict.message)


def remark(verdict: Verdict) -> str:
    """Return what the message says beyond expected and got, in one safe line; often nothing."""
    repeated = f"expected {verdict.expected}; got {verdict.got}"
    return one_line(verdict.message.removeprefix(repeated).removeprefix("; "))


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")  # noqa: PLR2004 (one byte)
