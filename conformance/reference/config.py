"""What a reference server is told before it starts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from conformance.reference.clock import Clock, SystemClock

OLD: Final = "2026-06"
NEW: Final = "2026-07"
REVISIONS: Final = (OLD, NEW)
DEFAULT_BASE_PATH: Final = "/api/v1/cloud"
BODY_LIMIT: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Account:
    """One tenant: a name of its own and the bearer token that opens it."""

    name: str
    token: str


DEFAULT_ACCOUNTS: Final = (
    Account("one", "pt-reference-tenant-one"),
    Account("two", "pt-reference-tenant-two"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSettings:
    """How a server behaves and whom it serves.

    `revision` is the edition of the documents that it follows; `base_path` stands before `/deployments`
    ("" or a path such as "/v1"); `body_limit` is the largest request body in bytes.
    Raises ValueError when a value makes no sense.
    """

    revision: str = NEW
    base_path: str = DEFAULT_BASE_PATH
    accounts: tuple[Account, ...] = DEFAULT_ACCOUNTS
    clock: Clock = field(default_factory=SystemClock)
    body_limit: int = BODY_LIMIT

    def __post_init__(self) -> None:
        if self.revision not in REVISIONS:
            raise ValueError(f"revision is {self.revision!r}; allowed are {', '.join(REVISIONS)}")
        if self.base_path and (not self.base_path.startswith("/") or self.base_path.endswith("/")):
            raise ValueError(
                f"base_path is {self.base_path!r}; write it as '/v1': a slash before, none after"
            )
        if not self.accounts:
            raise ValueError("accounts is empty; a server needs at least one tenant")
        for what in ("name", "token"):
            (value, times), *_ = Counter(getattr(account, what) for account in self.accounts).most_common(1)
            if times > 1 or not value:
                raise ValueError(
                    f"two accounts share the {what} {value!r}, or it is empty; each needs its own"
                )
