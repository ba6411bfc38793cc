"""What a record of other people's deployments leaves out."""

from __future__ import annotations

import hashlib
import json
import secrets

from conformance.redaction.forms import MASK

CONTENT = frozenset({"environment_variables", "initial_events", "resources", "vault_ids"})
"""What nobody but its owner should read."""
WORDS = CONTENT | {"description", "metadata"}
KEPT = ("type", "cas_config")
"""Members of hidden objects that say what kind of thing they are, and names that the vendor gives."""


def without_content(document: object, body: bytes, *, lent: str | None) -> bytes:
    """Return a body to be recorded, in which no deployment tells what it works on.

    `document` is what the body holds. Of the `lent` deployment description and metadata are kept: it is
    updated, and they are evidence. A body that is no JSON stays as it is.
    """
    if not isinstance(document, dict | list):
        return body
    try:
        masked = _masked(document, lent)
        return (
            body if masked == document else json.dumps(masked, ensure_ascii=False).encode("utf-8", "replace")
        )
    except RecursionError:  # nobody's deployment is nested like that
        return body


def _masked(value: object, lent: str | None) -> object:
    if isinstance(value, list):
        return [_masked(part, lent) for part in value]
    if not isinstance(value, dict):
        return value
    private = CONTENT if lent is not None and value.get("id") == lent else WORDS
    return {name: MASK if name in private and part else _masked(part, lent) for name, part in value.items()}


class Cover:
    """Hides what deployments work on, but not its shape: equal texts stay equal, and nobody can guess them.

    A judgement reads the same from a covered document, which may be saved. Of the `lent` deployment
    description and metadata are kept.
    """

    def __init__(self, lent: str | None) -> None:
        self._lent = lent
        self._key = secrets.token_bytes(16)

    def covered(self, value: object, *, ours: bool = False) -> object:
        """Return a JSON value with the content of all deployments in it hidden.

        `ours`: where there is a lent deployment, the value tells of that one or of what was sent to it.
        """
        if isinstance(value, list):
            return [self.covered(part, ours=ours) for part in value]
        if not isinstance(value, dict):
            return value
        ours_or_lent = self._lent is not None and (ours or value.get("id") == self._lent)
        private = CONTENT if ours_or_lent else WORDS
        return {
            name: self._hidden(part, names=name == "metadata")
            if name in private
            else self.covered(part, ours=ours)
            for name, part in value.items()
        }

    def _hidden(self, value: object, *, names: bool = False) -> object:
        """Return a value whose texts are hidden; `names`: those of its members, too."""
        if isinstance(value, str):
            digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), key=self._key, digest_size=6)
            return f"[redacted:{digest.hexdigest()}]" if value else value
        if isinstance(value, list):
            return [self._hidden(part) for part in value]
        if not isinstance(value, dict):
            return value
        if any(name.startswith("$") for name in value):  # no document, but what the suite made of one
            return self.covered(value)
        return {
            name if name in KEPT or not names else str(self._hidden(name)): part
            if name in KEPT
            else self._hidden(part)
            for name, part in value.items()
        }
