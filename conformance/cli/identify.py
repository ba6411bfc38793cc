"""`conformance identify`: whose API a target has, by what a few GETs show. It creates nothing."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import closing
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conformance.cli.parsers import (
    INCOMPLETE,
    Commands,
    add_options,
    show_examples,
    target_settings,
)
from conformance.cli.printing import say
from conformance.config.options import SettingsError
from conformance.config.settings import Settings
from conformance.vendors import Profile, load_profile, shipped
from conformance.vendors.identity import Likeness, Sight, likenesses, nearest
from conformance.vendors.loading import base_of, is_path

if TYPE_CHECKING:
    from conformance.client.exchange import Exchange
    from conformance.client.target import Target

OPTIONS = frozenset({
    "base-url", "target", "profile", "token-env", "rate", "insecure", "connect-timeout", "timeout",
})  # fmt: skip
LISTED = 5
"""Deployments that are asked for."""
FEWEST = 3
"""Marks without which nobody is named."""
SHOW_MORE = "Hint: credentials that are taken, and a deployment in the account, show more."
NESTED = "list the runs below a deployment"


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "identify", help="which profile a target fits, by a few GETs", allow_abbrev=False
    )
    parser.set_defaults(command=identify)
    add_options(parser, OPTIONS)
    show_examples(
        parser,
        "conformance identify --base-url https://staging.example.com/v1",
        "conformance identify --base-url https://staging.example.com/v1 --profile ./clone.toml",
    )


def identify(chosen: argparse.Namespace) -> int:
    """Print how each profile fits; return 0 when one alone fits, else 3. Raises SettingsError."""
    settings = target_settings(chosen)
    if settings.base_url is None:
        raise SettingsError("`conformance identify` needs --base-url, or --target of conformance.toml.")
    own = (settings.profile,) if is_path(settings.profile) else ()
    profiles = [load_profile(name) for name in (*own, *shipped())]
    found = likenesses(profiles, _sight(settings, profiles))
    code, conclusion = _conclusion(found)
    say("\n".join((*_table(found), "", conclusion)))
    return code


def _table(found: Sequence[Likeness]) -> Iterator[str]:
    """Yield what spoke for each profile and against it, the nearest first."""
    for candidate in found:
        fitting = len(candidate.marks) - candidate.against
        yield f"{candidate.profile.name}: {fitting} marks for it, {candidate.against} against"
        for mark in candidate.marks:
            yield f"  {'fits' if mark.fits else 'differs':<7}  {mark.name:<11}  {mark.seen}"


def _conclusion(found: Sequence[Likeness]) -> tuple[int, str]:
    """Return the exit code and what follows from the marks: nobody is named who is not the nearest alone."""
    best = nearest(found)
    names = [candidate.profile.name for candidate in best]
    alone = [candidate for candidate in best if _base(candidate.profile.name) not in names]
    if not alone:
        return (
            INCOMPLETE,
            "undecided: no mark speaks for any profile. Hint: `conformance doctor` says what fails.",
        )
    if len(alone) > 1:
        return INCOMPLETE, f"undecided between {' and '.join(names)}: nothing asked tells them apart"
    (name,), against = (candidate.profile.name for candidate in alone), alone[0].against
    kin = [other for other in names if other != name]
    besides = f" (or {', '.join(kin)}: nothing asked tells them apart)" if kin else ""
    if len(alone[0].marks) - against < FEWEST:
        return INCOMPLETE, f"undecided: too few marks spoke; the likeliest is {name}{besides}. {SHOW_MORE}"
    if against:
        hint = f"Hint: `conformance profile new` with --extends {name} begins a profile of your own."
        return INCOMPLETE, f"no profile fits; the nearest is {name}{besides}. {hint}"
    return 0, f"{name}{besides}: fits"


def _base(name: str) -> str:
    return base_of(name) if name in shipped() else ""


# --- what is asked ---------------------------------------------------------------------------------------


def _sight(settings: Settings, profiles: Sequence[Profile]) -> Sight:
    """Return what the list shows with each form of credentials, and more with the first that is taken."""
    from conformance.client.target import Target

    base_url = settings.base_url or ""
    let_in: dict[str, bool] = {}
    pages: list[Exchange] = []
    more: list[Exchange] = []
    for form in _each_form(profiles):
        with closing(Target(settings, form, base_url=base_url)) as target:
            query = {"limit": LISTED, "include_archived": "true"}
            page = _get(target, target.routes.deployments(query), "list")
            taken = page.succeeded and isinstance(page.json, dict)
            if taken and not any(let_in.values()):
                more += _further(target, page)
            pages.append(page)
            let_in |= {other.name: taken for other in profiles if other.credentials == form.credentials}
    first = next((page.json for page in pages if page.succeeded and isinstance(page.json, dict)), None)
    return Sight(
        host=urlsplit(base_url).hostname or "",
        let_in=let_in,
        listed=first,
        refusals=[
            (answer.status, answer.json)
            for answer in (*pages, *more)
            if answer.status is not None
            and answer.status >= HTTPStatus.BAD_REQUEST
            and isinstance(answer.json, dict)
        ],
        nested_runs=next((answer.status for answer in more if answer.label == NESTED), None),
        headers=frozenset(name.lower() for answer in (*pages, *more) for name in answer.headers),
    )


def _each_form(profiles: Sequence[Profile]) -> Iterator[Profile]:
    """Yield a profile for each form of credentials."""
    for place, profile in enumerate(profiles):
        if all(profile.credentials != earlier.credentials for earlier in profiles[:place]):
            yield profile


def _further(target: Target, page: Exchange) -> Iterator[Exchange]:
    """Yield what an unknown deployment is answered, and the runs below the first one that was listed."""
    from conformance.client.answers import items

    yield _get(
        target, target.routes.deployment(target.profile.deployment_ids.unknown()), "read an unknown one"
    )
    listed = next((item for item in items(page) if isinstance(item.get("id"), str)), None)
    if listed:
        path = f"{target.routes.deployment(str(listed['id']))}/runs?limit=1"
        yield _get(target, path, NESTED)


def _get(target: Target, path: str, label: str) -> Exchange:
    from conformance.client.target import OutgoingRequest

    return target.send("identify", OutgoingRequest(method="GET", path=path, label=label))
