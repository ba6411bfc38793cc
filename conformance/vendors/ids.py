"""The forms that ids take, and ids in them that name nothing."""

from __future__ import annotations

import re
import string
import time
from dataclasses import dataclass

BASE62 = string.digits + string.ascii_letters


@dataclass(frozen=True, slots=True)
class IdForm:
    """How the ids of one kind look: a documented prefix, and the form that samples show of the rest.

    `form` is `uuid7-hex`, `uuid` or `base62-N` with N characters.
    """

    prefix: str
    form: str

    def fits(self, name: str) -> bool:
        """Tell whether an id has this form."""
        return name.startswith(self.prefix) and bool(
            re.fullmatch(self._pattern(), name.removeprefix(self.prefix))
        )

    def _pattern(self) -> str:
        if self.form == "uuid":
            return "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
        if self.form == "uuid7-hex":
            return "[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}"
        return f"[0-9A-Za-z]{{{self.form.removeprefix('base62-')}}}"

    def unknown(self) -> str:
        """Return a new id in this form, which names nothing: it is far too random to exist."""
        import secrets
        import uuid

        if self.form == "uuid":
            return self.prefix + str(uuid.uuid4())
        if self.form == "uuid7-hex":
            return self.prefix + uuid7_hex()
        length = int(self.form.removeprefix("base62-"))
        return self.prefix + "".join(secrets.choice(BASE62) for _ in range(length))


def uuid7_hex() -> str:
    """Return the 32 hexadecimal digits of a new version 7 UUID."""
    import secrets

    head = f"{int(time.time() * 1000):012x}7{secrets.token_hex(2)[:3]}"
    return f"{head}{secrets.choice('89ab')}{secrets.token_hex(8)[:15]}"
