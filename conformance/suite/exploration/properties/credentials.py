"""Property search over tokens that are one edit away from the valid one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from conformance.client.api import Api
from conformance.client.credentials import Forged
from conformance.client.exchange import Exchange
from conformance.contract.judgement import expect_errors
from conformance.suite.exploration.case_limits import check_number
from conformance.suite.exploration.cases import groups, reader, together
from conformance.suite.exploration.driver import explore, upholding
from conformance.suite.exploration.kept_deployment import Kept, on_kept
from conformance.suite.exploration.registry import Searched, search

MORE = 1
"""How many edits are tried, at the least, whose variant is drawn by lot."""
REQUESTS = 2
"""How many requests an edit takes, with the read after it."""
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
    # By a few characters: of a short beginning that comes back, not every spelling could be masked.
    "cut short": lambda token, n: token[: -2 - n % 4],
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
    "without its vendor prefix": lambda token, _: token.partition("-")[2],
}
"""Edits that make another token of one. The number chooses among variants; the last character is not
changed, for that of a base64 text may be so without changing what it says."""
AT_ONCE = 8
"""How many edits are followed by one read that shows whether they changed anything."""


@dataclass(frozen=True)
class Edited:
    """An edit, and a number that chooses among its variants."""

    edit: str
    number: int

    def __post_init__(self) -> None:
        if self.edit not in EDITS:
            raise ValueError(f"unknown: {self!r:.120}")
        check_number(self.number)

    def of(self, token: str) -> str:
        """Return the edited token."""
        return EDITS[self.edit](token, self.number)


@search("property.credentials", reads=together(reader(Edited)))
def credentials(api: Api) -> Searched:
    """A token one edit away from the valid one is unknown: it opens nothing and changes nothing."""
    from hypothesis import strategies as st

    first = [Edited(edit, number) for number, edit in enumerate(EDITS)]

    def search_on(kept: Kept) -> Searched:
        api.wait_for_next_second()
        return explore(
            api,
            lambda: st.builds(Edited, st.sampled_from([*EDITS]), st.integers(0, 255)),
            lambda edits: _try(api, kept, edits),
            first=groups(first, AT_ONCE),
            background=kept.background,
            grouped=partial(groups, size=AT_ONCE),
            count=max(MORE, api.target.settings.reach.examples // REQUESTS - len(first)),
        )

    return on_kept(api, search_on)


def _try(api: Api, kept: Kept, edits: Sequence[Edited]) -> None:
    settings = api.target.settings
    before = kept.before()
    for edited in edits:
        if edited.of(settings.token) in {settings.token, settings.second_token, ""}:
            continue
        since, what = api.target.next_number(), f"the token {edited.edit}"
        with upholding("auth.unknown-token-is-401", edited, since):
            expect_errors(_ask(api, kept, edited, what), HTTPStatus.UNAUTHORIZED, kind="authentication_error")
    with upholding("auth.refused-changes-nothing"):
        kept.expect_unchanged(before)


def _ask(api: Api, kept: Kept, edited: Edited, what: str) -> Mapping[str, Exchange]:
    """Return the answer to a read or to a pause with an edited token, as its number says.

    That each route looks at tokens at all is seen without them.
    """
    name, ask = ("pause", api.pause) if edited.number % 2 else ("read", api.get)
    answer = ask(kept.id, label=f"{name} with {what}", authorization=Forged(edited.of, what))
    return {f"a {name} with {what}": answer}
