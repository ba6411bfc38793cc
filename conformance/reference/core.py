"""What every part of the service stands on: settings, memory, time."""

from __future__ import annotations

import threading
from datetime import datetime

from conformance.reference.accounts import open_account
from conformance.reference.config import OLD, ReferenceSettings
from conformance.reference.messages import Call
from conformance.reference.store import Deployment, Run, Store


class Core:
    """The state of a server; `lock` is held while a request is answered."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        self.settings = settings or ReferenceSettings()
        self.store = Store(open_account(account) for account in self.settings.accounts)
        self.lock = threading.RLock()

    @property
    def old(self) -> bool:
        """Whether the server follows the revision 2026-06."""
        return self.settings.revision == OLD

    def now(self) -> datetime:
        """Return the server's present instant."""
        return self.settings.clock.now()

    def instant(self) -> datetime:
        """Return the present instant as deployments record it: in whole seconds."""
        return self.now().replace(microsecond=0)

    def save(self, call: Call, record: Deployment) -> None:  # noqa: ARG002 (overriders ask what the call was)
        """Keep a new or changed deployment on behalf of a call."""
        self.keep(record)

    def keep(self, record: Deployment) -> None:
        """Keep a deployment, whoever changed it."""
        self.store.tenants[record.tenant].deployments[record.id] = record

    def keep_run(self, run: Run) -> None:
        """Keep a run."""
        self.store.tenants[run.tenant].runs[run.id] = run
