"""Property search over ids that name no deployment, or name one in an odd way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field
from conformance.contract.judgement import broken, expect_error
from conformance.suite.exploration.case_limits import check_number
from conformance.suite.exploration.cases import groups, reader, together
from conformance.suite.exploration.driver import explore, upholding
from conformance.suite.exploration.kept_deployment import Kept, on_kept
from conformance.suite.exploration.registry import Searched, search

RANDOM_DIGITS = 12
"""So many of the last digits are random in every documented form of an id."""
HEX = "0123456789abcdef"
LONG = 3_000
AS_IT_IS = bytes(range(128)).decode()
"""Characters that go into a path as they are; no others can."""


class Known(NamedTuple):
    """Ids that exist: a deployment's, with its prefix apart, an agent's and an environment's."""

    prefix: str
    suffix: str
    agent: str
    environment: str

    @property
    def id(self) -> str:
        """The deployment's id."""
        return self.prefix + self.suffix


Spelling = Callable[[Known, int], str]
UNKNOWN: Mapping[str, Spelling] = {
    "another last digit": lambda known, n: known.id[:-1] + _other_digit(known.id[-1], n),
    "another digit": lambda known, n: _changed(known.id, n),
}
"""Well-formed ids of no deployment: only 404 is right. The number chooses among variants."""
NO_DEPLOYMENT: Mapping[str, Spelling] = {
    "the last digit cut off": lambda known, _: known.id[:-1],
    "half the id": lambda known, _: known.prefix + known.suffix[: len(known.suffix) // 2],
    "a digit more": lambda known, n: known.id + HEX[n % 16],
    "twice the id": lambda known, _: known.id * 2,
    "twice the prefix": lambda known, _: known.prefix + known.id,
    "no prefix": lambda known, _: known.suffix,
    "another prefix": lambda known, n: ("agent_", "env_", "drun_", "sess_", "depl_")[n % 5] + known.suffix,
    "the prefix alone": lambda known, _: known.prefix,
    "an agent's id": lambda known, _: known.agent,
    "an environment's id": lambda known, _: known.environment,
    "a NUL behind the id": lambda known, _: f"{known.id}%00",
    "a wildcard": lambda known, n: known.prefix + ("%25", "*", "_" * len(known.suffix), "%5F" * 32)[n % 4],
    "a quotation mark": lambda known, n: known.id + ("'", "%22", "'--", "%27%20OR%20%271%27=%271")[n % 4],
    "a very long id": lambda known, n: known.prefix + HEX[n % 16] * LONG,
}
"""Ids of no deployment that a server may call malformed: 404 or another 4xx, never a deployment."""
OTHER_SPELLINGS: Mapping[str, Spelling] = {
    "upper case": lambda known, _: known.id.upper(),
    "percent-encoded": lambda known, n: _encoded(known.id, n),
    "a control character behind the id": lambda known, n: f"{known.id}%{(n % 31) + 1:02x}",
    "a blank behind the id": lambda known, _: f"{known.id}%20",
    "broken UTF-8": lambda known, _: f"{known.prefix}%ff%fe",
    "broken percent-encoding": lambda known, _: f"{known.prefix}%zz",
    "dot segments": lambda known, n: ("..", ".", "%2e%2e", f"../deployments/{known.id}", "..%2f..")[n % 5],
    "an encoded slash": lambda known, _: f"x%2f..%2f{known.id}",
    "a parameter behind the id": lambda known, _: f"{known.id};v=1",
}
"""What a server or a proxy before it may take for the id that it spells: read only."""
NEVER_CHANGED = ("the prefix alone", "a wildcard", "a quotation mark")
"""Read only: a server that takes one of these for a pattern or a query would act on everybody's."""
ACTIONS = ("read", "update", "pause", "unpause", "archive")
LONG_ENOUGH, VARIED = 16, 8
"""Suffixes this long and varied are drawn by lot: a part of one is no other's."""
AT_ONCE = 8
"""How many ids are followed by one read that shows whether they changed anything."""
EVERY = {**UNKNOWN, **NO_DEPLOYMENT, **OTHER_SPELLINGS}


@dataclass(frozen=True)
class Naming:
    """A way to spell an id, a number that chooses among its variants, and what is asked of it."""

    spelling: str
    number: int
    action: str

    def __post_init__(self) -> None:
        if self.spelling not in EVERY or self.action not in ACTIONS:
            raise ValueError(f"unknown: {self!r:.120}")
        if self.spelling in OTHER_SPELLINGS and self.action != "read":
            raise ValueError(f"{self.spelling} may be another's id, and is read only: {self.action!r:.20}")
        check_number(self.number)

    def __str__(self) -> str:
        return f"{self.action} {self.spelling}"


@search("property.ids", reads=together(reader(Naming)))
def ids(api: Api) -> Searched:
    """Ids of no deployment are refused whatever they look like, and no id makes the server fail."""
    from hypothesis import strategies as st

    def strategy() -> st.SearchStrategy[Naming]:
        number = st.integers(0, 255)
        unknown = st.sampled_from([*UNKNOWN, *NO_DEPLOYMENT])
        asked = st.builds(Naming, unknown, number, st.sampled_from(ACTIONS))
        return asked | st.builds(Naming, st.sampled_from([*OTHER_SPELLINGS]), number, st.just("read"))

    first = [Naming(spelling, 0, "read") for spelling in ("another last digit", *NO_DEPLOYMENT)]

    def search_on(kept: Kept) -> Searched:
        api.wait_for_next_second()
        return explore(
            api,
            strategy,
            lambda namings: _try_each(api, kept, namings),
            first=groups(first, AT_ONCE),
            background=kept.background,
            grouped=partial(groups, size=AT_ONCE),
        )

    return on_kept(api, search_on)


def _try_each(api: Api, kept: Kept, namings: Sequence[Naming]) -> None:
    reads = all(naming.action == "read" for naming in namings)
    before = None if reads else kept.before()
    for naming in namings:
        _try(api, kept, naming)
    if before:
        with upholding("errors.refused-changes-nothing"):
            kept.expect_unchanged(before)


def _try(api: Api, kept: Kept, naming: Naming) -> None:
    """Ask for what must not be found."""
    form = api.target.profile.deployment_ids
    # Without the documented prefix, which is another promise, the whole id is what follows one.
    prefix = form.prefix if kept.id.startswith(form.prefix) else ""
    known = Known(prefix, kept.id.removeprefix(prefix), api.known.agent, api.known.environment)
    if naming.spelling in UNKNOWN and not (form.fits(kept.id) and _drawn(known)):
        return  # digits of an id may be a sequence: another one may well exist
    spelled = EVERY[naming.spelling](known, naming.number)
    if naming.spelling in NO_DEPLOYMENT and spelled in (known.id, ""):
        return  # what is cut off or put in front is the documented prefix, and this id has none
    since, action = api.target.next_number(), naming.action if _harmless(naming, known) else "read"
    exchange = _ask(api, spelled, replace(naming, action="read"))
    if action != "read" and not exchange.succeeded:  # else it is somebody's, whatever it looks like
        exchange = _ask(api, spelled, naming)
    counted = not _drawn(known) and field(exchange.json, "id") == spelled  # another one that exists
    with upholding("errors.unknown-deployment-is-404", naming, since):
        if not counted:
            _expect_none(exchange, replace(naming, action=action))


def _harmless(naming: Naming, known: Known) -> bool:
    """Tell whether no other deployment can be meant: in a sequence of ids a digit more is another's."""
    return _drawn(known) and naming.spelling not in NEVER_CHANGED


def _drawn(known: Known) -> bool:
    return len(known.suffix) >= LONG_ENOUGH and len(set(known.suffix)) >= VARIED


def _ask(api: Api, segment: str, naming: Naming) -> Exchange:
    """Send a request for a deployment whose id is written into the path as it is."""
    path = f"/deployments/{quote(segment, safe=AS_IT_IS)}"
    label, probe = str(naming), naming.spelling not in UNKNOWN
    if naming.action == "read":
        return api.send("GET", path, label=label, probe=probe)
    if naming.action == "update":
        return api.send("POST", path, body={"description": "not yours"}, label=label, probe=probe)
    return api.send("POST", f"{path}/{naming.action}", label=label, probe=probe)


def _expect_none(exchange: Exchange, naming: Naming) -> None:
    """Expect that no deployment was found; how a malformed id is refused is open (N79)."""
    if naming.spelling in UNKNOWN:
        expect_error(exchange, HTTPStatus.NOT_FOUND, kind="not_found_error")
    elif naming.spelling in NO_DEPLOYMENT and exchange.succeeded:
        raise broken(f"404 or another 4xx to {naming}", exchange.summary(), exchange)


def _other_digit(digit: str, number: int) -> str:
    others = [other for other in HEX if other != digit]
    return others[number % len(others)]


def _changed(known: str, number: int) -> str:
    place = len(known) - 1 - number % RANDOM_DIGITS
    return known[:place] + _other_digit(known[place], number // RANDOM_DIGITS) + known[place + 1 :]


def _encoded(known: str, number: int) -> str:
    place = number % len(known)
    return f"{known[:place]}%{ord(known[place]):02x}{known[place + 1 :]}"
