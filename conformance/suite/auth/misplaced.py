"""Stories about a valid token in places where the documents do not read it (N183)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from conformance.client.api import Api
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.contract.verdict import NotApplicableError
from conformance.suite.auth.credentials import unknown_token
from conformance.suite.engine.registry import EVERY_MODE, story

COOKIES = ("token", "access_token", "auth_token", "session", "Authorization")
HEADERS = ("x-auth-token", "x-access-token", "x-token", "api-key", "token", "access-token", "private-token")
BEARERS = ("x-authorization", "x-forwarded-authorization", "authentication")
"""Headers that hold the scheme as well; none is `Proxy-Authorization`, which is for a proxy on the way."""
FROM_HERE = {"x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1"}
"""Headers by which a server may take a request for one of its own machine: they are no credential either."""
PARAMETERS = ("access_token", "token", "auth_token", "api_key", "key")
SMALLEST_PAGE: Mapping[str, object] = {"limit": 1}


@dataclass(frozen=True)
class Misplaced:
    """Answers to requests with a valid token in another place than the one documented, by the place.

    `beside` is the answer to one that was sent beside a token that nobody was given.
    """

    lists: Mapping[str, Exchange]
    reads: Mapping[str, Exchange]
    beside: Exchange | None = None


@story(modes=EVERY_MODE)
def misplaced_credentials(api: Api) -> Misplaced:
    """The token travels in cookies, other headers and schemes, twice, and beside a made up one."""
    token, scheme = api.target.settings.token, api.target.profile.credentials.scheme
    cookies = {"cookie": "; ".join(f"{name}={token}" for name in COOKIES)}
    headers = dict.fromkeys(HEADERS, token) | dict.fromkeys(BEARERS, f"{scheme} {token}") | FROM_HERE
    everywhere: dict[str, str] = {**cookies, **headers}
    there = api.known.untouched
    authorizations = {
        "as the user of Basic credentials": _basic(f"{token}:"),
        "as the password of Basic credentials": _basic(f"token:{token}"),
        "without a scheme": token,
        "with the scheme Token": f"Token {token}",
        "twice": f"{scheme} {token}, {scheme} {token}",
    }
    others = {"in cookies": cookies, "in other headers": headers}
    return Misplaced(
        lists={
            place: api.list(SMALLEST_PAGE, label=f"list with the token {place}", authorization=text)
            for place, text in authorizations.items()
        }
        | {
            place: api.list(
                SMALLEST_PAGE, label=f"list with the token {place}", authorization=Auth.NONE, headers=sent
            )
            for place, sent in others.items()
        },
        reads={
            "in cookies and other headers": api.get(
                there, label="read with the token elsewhere", authorization=Auth.NONE, headers=everywhere
            )
        },
        beside=api.get(
            there,
            label="read with the token beside an unknown one",
            authorization=f"{scheme} {unknown_token()}",
            headers=everywhere,
        ),
    )


def _basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode('utf-8', 'surrogatepass')).decode()}"


@story(modes=EVERY_MODE)
def token_in_query(api: Api) -> Misplaced:
    """The token travels in the query of a list and of a read, where nobody on the way can see it.

    Raises NotApplicableError for a target elsewhere: proxies and servers write queries into their logs.
    """
    if not api.target.stays_here:
        raise NotApplicableError(
            "judged on this machine alone: elsewhere the token would stand in the logs of proxies and servers"
        )
    query = dict.fromkeys(PARAMETERS, api.target.settings.token)
    path = f"{api.target.routes.deployment(api.known.untouched)}?{urlencode(query)}"
    listed = api.list(
        {**SMALLEST_PAGE, **query}, label="list with the token in the query", authorization=Auth.NONE
    )
    read = api.send("GET", path, label="read with the token in the query", authorization=Auth.NONE)
    return Misplaced({"in the query": listed}, {"in the query": read})
