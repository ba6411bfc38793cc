"""Strings of a target made harmless and visible, for logs, terminals and XML."""

from __future__ import annotations

import re

from conformance.contract.verdict import Verdict

MESSAGE_LIMIT = 1_000
"""Characters of an expectation, an answer or a reason that a message shows; `result.json` has them whole."""

# Control characters and lone surrogates are illegal in XML or steer a terminal; line and paragraph
# separators forge log lines; direction marks, a byte order mark, invisible signs and tags make a line read as
# what it is not. The two joiners stay: scripts and emoji need them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
# What runners and readers of logs obey, and where it is broken: GitHub takes `::` at the beginning of a line
# and `##[` anywhere, Azure `##vso[`, TeamCity `##teamcity[`, GitLab `section_start:`, Travis `travis_fold:`;
# GitLab, Jenkins and Azure attach the file that `[[ATTACHMENT|` names.
_ORDER = re.compile(
    r"^[^\S\n]*:(?=:)|#(?=#(?:\[|vso\[|teamcity\[))|section_(?:start|end)(?=:)|travis_(?:fold|time)(?=:)"
    r"|\[(?=\[ATTACHMENT\|)",
    re.IGNORECASE | re.MULTILINE,
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORMS = ((0xFF, r"\x%02x"), (0xFFFF, r"\u%04x"), (0x10FFFF, r"\U%08x"))
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(text: str) -> str:
    r"""Return `text` with every unsafe character spelled out (`\x1b`, `\u202e`); newline and tab stay."""
    return _UNSAFE.sub(_spelled, text)


def harmless(text: str) -> str:
    """Return `text` for a log or a terminal: `visible`, and no line of it is an order to a CI system."""
    return _ORDER.sub(r"\g<0>\\", visible(text))


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
    """Return what there is to say beyond expected and got, in one safe line; often nothing."""
    return one_line(verdict.because if verdict.expected or verdict.got else verdict.message)


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _NAMED.get(character) or next(form % code for most, form in _FORMS if code <= most)
