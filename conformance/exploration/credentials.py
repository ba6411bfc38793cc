"""Property search over tokens that are one edit away from the valid one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.contract.judgement import answered, expect_errors, expect_unchanged
from conformance.exploration._cases import reader
from conformance.exploration.registry import Searched, search
from conformance.target.api import Api, Created
from conformance.target.target import Forged

UNAUTHENTICATED = 401
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

Edit = Callable[[str, int], str]


def _place(token: str, number: int) -> int:
    """Return a place in the token, but the last."""
    return number % max(1, len(token) - 1)


def _without(token: str, number: int) -> str:
    place = _place(token, number)
    return token[:place] + token[place + 1 :]


def _changed(token: str, number: int) -> str:
    place = _place(token, number)
    other = "x" if token[place] != "x" else "y"
    return token[:place] + other + token[place + 1 :]


def _exchanged(token: str, number: int) -> str:
    place = number % max(1, len(token) - 2)
    return token[:place] + token[place + 1 : place + 2] + token[place] + token[place + 2 :]


EDITS: Mapping[str, Edit] = {
    "without its last character": lambda token, _: token[:-1],
    "without its first character": lambda token, _: token[1:],
    "cut in half": lambda token, _: token[: len(token) // 2],
    "cut short": lambda token, n: token[: n % len(token)],
    "without one character": _without,
    "with one character more": lambda token, n: token + DIGITS[n % len(DIGITS)],
    "with one character before it": lambda token, n: DIGITS[n % len(DIGITS)] + token,
    "with one character changed": _changed,
    "with two characters exchanged": _exchanged,
    "with its case exchanged": lambda token, _: token.swapcase(),
    "in upper case": lambda token, _: token.upper(),
    "in lower case": lambda token, _: token.lower(),
    "written twice": lambda token, _: token * 2,
    "written backwards": lambda token, _: token[::-1],
    "as its vendor prefix alone": lambda token, _: token.partition("-")[0] + "-",
}
"""Edits that make another token of one. The number chooses among variants; the last character is not
changed, for that of a base64 text may be so without changing what it says."""
ALWAYS = (
    "without its last character",
    "cut in half",
    "with one character more",
    "with one character changed",
    "with its case exchanged",
    "written twice",
)


@dataclass(frozen=True)
class Edited:
    """An edit, and a number that chooses among its variants."""

    edit: str
    number: int

    def __post_init__(self) -> None:
        if self.edit not in EDITS:
            raise ValueError(f"unknown: {self!r:.120}")

    def of(self, token: str) -> str:
        """Return the edited token."""
        return EDITS[self.edit](token, self.number)


@search("property.credentials", reads=reader(Edited))
def credentials(api: Api) -> Searched:
    """A token one edit away from the valid one is unknown: it opens nothing and changes nothing."""
    from hypothesis import strategies as st

    from conformance.exploration._explore import explore

    made = api.create_deployment()
    api.wait_for_next_second()
    strategy = st.builds(Edited, st.sampled_from([*EDITS]), st.integers(0, 255))
    first = [Edited(edit, len(edit)) for edit in ALWAYS]
    try:
        return explore(
            api, strategy, lambda edited: _try(api, made, edited), first=first, background=[made.exchange]
        )
    finally:
        api.archive(made.id, label="archive it")


def _try(api: Api, made: Created, edited: Edited) -> None:
    from conformance.exploration._explore import upholding

    settings = api.target.settings
    if edited.of(settings.token) in {settings.token, settings.second_token, ""}:
        return
    what = f"the token {edited.edit}"
    forged = Forged(edited.of, what)
    before = answered(api.get(made.id, label="read before"))
    answers = {
        f"a read with {what}": api.get(made.id, label=f"read with {what}", authorization=forged),
        f"a pause with {what}": api.pause(made.id, label=f"pause with {what}", authorization=forged),
    }
    with upholding("auth.unknown-token-is-401"):
        expect_errors(answers, UNAUTHENTICATED, kind="authentication_error")
    with upholding("auth.refused-changes-nothing"):
        expect_unchanged(before, api.get(made.id, label="read afterwards"))
