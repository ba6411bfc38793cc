"""Whether an answer repeats the credential that its request carried (N185).

It has to be found when the answer arrives: what is recorded is masked.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote_plus

from conformance.client.wire.answer import Answer

SHORTEST = 12
"""Characters that a credential must have: a shorter one may well be a word that an answer needs."""
OWNERS = frozenset(
    {"name", "description", "metadata", "environment_variables", "initial_events", "resources", "vault_ids"}
)
"""Fields in which the owner of a deployment may have written a credential: none of the target's doing."""


def echoed(credentials: Iterable[str], answer: Answer) -> str:
    """Return where an answer repeats one of the credentials sent, such as `the body`; empty if nowhere.

    What counts is three quarters of one in a row, as it is, escaped, percent-encoded, in hex or in base64.
    Less of it, such as the few characters by which people recognise their token, gives nothing away.
    """
    forms = [form for credential in credentials for form in _forms(credential)]
    headers = {name: f"{name}: {value}".encode("utf-8", "replace") for name, value in answer.headers.items()}
    together = b"\n".join(headers.values())  # hardly any answer repeats it in one: they are searched at once
    told = [form for form in forms if _repeats(together, form)]
    for name, header in headers.items():
        if any(_repeats(header, form) for form in told):
            return f"the header {name}"
    if not any(_repeats(answer.content, form) for form in forms):
        return ""
    return "the body" if any(_repeats(_without_owners(answer), form) for form in forms) else ""


@lru_cache(maxsize=256)
def _forms(credential: str) -> tuple[bytes, ...]:
    """Return the ways in which a credential may be written; none of one too short to be told from words."""
    return tuple(dict.fromkeys(_spelled(credential))) if len(credential) >= SHORTEST else ()


def _spelled(credential: str) -> Iterator[bytes]:
    raw = credential.encode("utf-8", "surrogatepass")
    yield raw
    texts = (json.dumps(credential)[1:-1], html.escape(credential), quote_plus(raw), raw.hex())
    yield from (text.encode() for text in texts)
    for pad in range(3):  # where a longer text holds it, in one of three alignments to groups of three bytes
        encoded = base64.b64encode(b"\0" * pad + raw)
        yield encoded[(0, 2, 3)[pad] : len(encoded) - (0, 3, 2)[(len(raw) + pad) % 3]]


def _repeats(text: bytes, form: bytes) -> bool:
    """Tell whether three quarters of a form stand in a text, in a row."""
    part = len(form) - len(form) // 4
    if form[len(form) - part : part] not in text:  # the middle is in each such row
        return False
    return any(form[start : start + part] in text for start in range(len(form) - part + 1))


def _without_owners(answer: Answer) -> bytes:
    """Return a body; of a success, without what owners write."""
    if not 200 <= answer.status < 300:  # noqa: PLR2004 (HTTP)
        return answer.content
    try:
        document = json.loads(answer.content)
    except (ValueError, RecursionError):
        return answer.content
    return json.dumps(_kept(document), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _kept(value: object) -> object:
    if isinstance(value, list):
        return [_kept(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {name: _kept(part) for name, part in value.items() if name not in OWNERS}
