"""Which proxy the environment names for a URL, which URLs it exempts, and what proxies say themselves."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

PORTS = {"http": 80, "https": 443}
# One rule of NO_PROXY: `*`, a name, an address or a network, perhaps between a scheme and a port.
_RULE = re.compile(
    r"(?:(?P<scheme>[a-z]+)://)?"
    r"(?:\[(?P<six>[^]]+)\](?P<bits>/\d+)?|(?P<name>[^:\[\]]+|[0-9a-f:.]+(?:/\d+)?))"
    r"(?::(?P<port>\d+))?"
)
SIGNED = ("proxy-authenticate", "proxy-status", "x-squid-error")
"""Headers that show that a proxy made an answer (RFC 9110, RFC 9209; Squid's own)."""
PASSED_ON_OR_NOT = (HTTPStatus.FORBIDDEN, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
"""What proxies answer in the place of a target that they do not reach, or may not."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """What stands between us and the target; `headers` may hold its credentials."""

    scheme: str
    host: str
    port: int
    headers: Mapping[str, str] = field(repr=False)

    def refused(self, status: int, reason: str, what: str) -> str:
        """Return what to say of a proxy that answered itself to `what`, and what to set."""
        hint = (
            "put user:password@ before its host in HTTPS_PROXY or HTTP_PROXY"
            if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
            else "have it let requests to the target through"
        )
        status_line = f"{status} {reason}".strip()
        return (
            f"the proxy {self.host}:{self.port} answered {status_line} to {what} "
            f"({hint}, or exempt the target with NO_PROXY)"
        )


def proxy_for(url: str) -> Proxy | None:
    """Return the proxy that the environment names for a URL, or None; an exempt URL asks nothing of it.

    Raises ValueError, without credentials in its text, for a proxy that cannot be used.
    """
    parts, named = urlsplit(url), getproxies()
    chosen = named.get(parts.scheme) or named.get("all")
    port = parts.port or PORTS.get(parts.scheme, 0)
    if not chosen or is_exempt(parts.scheme, parts.hostname or "", port, named.get("no", "")):
        return None
    return _proxy(chosen)


def is_exempt(scheme: str, host: str, port: int, rules: str) -> bool:
    """Tell whether a text like that of NO_PROXY exempts a host.

    Rules are parted by commas or blanks: `*`, a name (which covers the names below it), an address, a network
    (`10.0.0.0/8`), each perhaps with a port; an IPv6 address may stand in brackets.
    """
    found = (_RULE.fullmatch(rule) for rule in re.split(r"[,\s]+", rules.lower()))
    return any(rule and _covers(rule, scheme, host.lower().rstrip("."), port) for rule in found)


def _covers(rule: re.Match[str], scheme: str, host: str, port: int) -> bool:
    if rule["scheme"] not in (None, "all", scheme) or (rule["port"] and int(rule["port"]) != port):
        return False
    network = _network(rule["name"] or rule["six"] + (rule["bits"] or ""))
    if network:
        return _is_within(host, network)
    name = (rule["name"] or "").removeprefix("*").strip(".")
    return not name or host == name or host.endswith(f".{name}")


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _is_within(host: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(host) in network
    except ValueError:
        return False


def _proxy(text: str) -> Proxy:
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme not in PORTS:
        raise ValueError(
            f"a proxy of the scheme {parts.scheme}:// cannot be used, only http:// and https:// "
            "(NO_PROXY exempts a target)"
        )
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError:
        raise ValueError(
            "what follows the host of the proxy is no port (in a password, / ? # and @ are percent-encoded)"
        ) from None
    if not parts.hostname:
        raise ValueError("the proxy has no host")
    return Proxy(parts.scheme, parts.hostname, port, _credentials(parts.username, parts.password))


def _credentials(user: str | None, password: str | None) -> Mapping[str, str]:
    if not user:
        return {}
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"proxy-authorization": f"Basic {base64.b64encode(pair).decode()}"}


def made_by_proxy(status: int, headers: Mapping[str, str], content: bytes) -> bool:
    """Tell whether an answer that came through a proxy, outside of any tunnel, is the proxy's own.

    Where it is not signed nobody can know; an error without a JSON object is not held against the target.
    """
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED or any(name in headers for name in SIGNED):
        return status >= 400  # noqa: PLR2004 (HTTP's errors)
    return status in PASSED_ON_OR_NOT and not _is_object(content)


def _is_object(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        return False
