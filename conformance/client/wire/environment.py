"""What the environment says of the way to a target: certificates that are trusted, and proxies."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.request import getproxies

from conformance.config.options import SettingsError
from conformance.config.settings import Settings
from conformance.redaction.forms import MASK

CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_PORT = re.compile(r"(?<=Invalid port: ).+")
"""What an error about a proxy calls a port: where a password holds a slash, a part of that."""
_CREDENTIALS = re.compile(r"(//)?[^/@\s'\"]+@")


def check_network(settings: Settings) -> None:
    """Raise SettingsError when certificates or proxies of the environment cannot be used."""
    from conformance.client.wire.connecting import why_unusable

    if settings.base_url and (why := why_unusable(settings.base_url, insecure=settings.insecure)):
        raise SettingsError(
            f"the certificates or proxies that the environment names cannot be used: {masked(why)}. "
            f"It says {'; '.join(network_settings())}."
        )


def network_settings() -> Iterator[str]:
    """Yield the settings of the environment that are in effect, credentials of proxies masked."""
    for variable in CERTIFICATE_VARIABLES:
        if value := os.environ.get(variable):
            yield f"{variable}={value}"
    for scheme, proxy in getproxies().items():
        if scheme in {"http", "https", "all", "no"}:
            yield f"{scheme.upper()}_PROXY={_without_credentials(proxy)}"


def _without_credentials(proxy: str) -> str:
    """Return the address of a proxy; whatever stands before its last @ may belong to a password."""
    scheme, slashes, rest = proxy.rpartition("://")
    credentials, _, where = rest.rpartition("@")
    return f"{scheme}{slashes}{f'{MASK}@' if credentials else ''}{where}"


def masked(text: str) -> str:
    """Return a text with credentials before an @ masked, and what may be a part of them."""
    return _PORT.sub(MASK, _CREDENTIALS.sub(rf"\1{MASK}@", text))
