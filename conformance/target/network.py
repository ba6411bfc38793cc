"""What the environment says of the way to a target: certificates that are trusted, and proxies."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.request import getproxies

from conformance.target.options import SettingsError
from conformance.target.settings import Settings

CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_CREDENTIALS = re.compile(r"(//)?[^/@\s'\"]+@")


def check_network(settings: Settings) -> None:
    """Raise SettingsError when certificates or proxies of the environment cannot be used."""
    from conformance.target._http import why_unusable

    if settings.base_url and (why := why_unusable(settings.base_url, insecure=settings.insecure)):
        raise SettingsError(
            f"the certificates or proxies that the environment names cannot be used: {masked(why)}. "
            f"It says {'; '.join(told())}."
        )


def told() -> Iterator[str]:
    """Yield the settings of the environment that are in effect, credentials of proxies masked."""
    for variable in CERTIFICATE_VARIABLES:
        if value := os.environ.get(variable):
            yield f"{variable}={value}"
    for scheme, proxy in getproxies().items():
        if scheme in {"http", "https", "all", "no"}:
            yield f"{scheme.upper()}_PROXY={masked(proxy)}"


def masked(text: str) -> str:
    """Return a text with credentials before an @ masked."""
    return _CREDENTIALS.sub(r"\1[masked]@", text)
