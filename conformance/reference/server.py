"""Starting and stopping a reference server on loopback."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from conformance.reference import accounts
from conformance.reference.config import ReferenceSettings
from conformance.reference.seeding import seed
from conformance.reference.service import Service

if TYPE_CHECKING:
    from conformance.reference.loopback import Loopback

STOPPING: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class TenantAssets:
    """What one tenant has: its token, and the ids that a request may need.

    `agent_id` has two versions; `other_agent_id` and `other_environment_id` are live as well.
    """

    token: str
    agent_id: str
    other_agent_id: str
    archived_agent_id: str
    environment_id: str
    other_environment_id: str
    archived_environment_id: str


class ReferenceServer:
    """A server of its own, on loopback, in a thread: `with ReferenceServer() as server: server.base_url`.

    `service_class` says how it behaves, `settings` whom it serves; `port` 0 takes any free one.
    Starting raises OSError when the port is taken. A stopped server is not started again.
    """

    def __init__(
        self,
        service_class: type[Service] = Service,
        settings: ReferenceSettings | None = None,
        *,
        port: int = 0,
    ) -> None:
        self.settings = settings or ReferenceSettings()
        self.service = service_class(self.settings)
        self._port = port
        self._loopback: Loopback | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve in the background; return when connections are taken."""
        from conformance.reference.loopback import Loopback, bind

        listener = bind(self._port)
        self._port = listener.getsockname()[1]
        self._loopback = Loopback(self.service, listener)
        self._loopback.start()

    def stop(self) -> None:
        """Stop serving; what is connected is cut off."""
        if self._loopback is not None:
            self._loopback.stop()
            self._loopback = None

    @property
    def base_url(self) -> str:
        """Everything before `/deployments`."""
        return f"http://127.0.0.1:{self._port}{self.settings.base_path}"

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tenants' tokens, in the order of the settings."""
        return tuple(account.token for account in self.settings.accounts)

    @property
    def agent_id(self) -> str:
        """A live agent of the first tenant, with two versions."""
        return self.prerequisites().agent_id

    @property
    def environment_id(self) -> str:
        """A live environment of the first tenant."""
        return self.prerequisites().environment_id

    @property
    def archived_agent_id(self) -> str:
        """An archived agent of the first tenant."""
        return self.prerequisites().archived_agent_id

    @property
    def archived_environment_id(self) -> str:
        """An archived environment of the first tenant."""
        return self.prerequisites().archived_environment_id

    def prerequisites(self, account: int = 0) -> TenantAssets:
        """Return what a tenant has, by its place in the settings."""
        name, token = self.settings.accounts[account].name, self.settings.accounts[account].token
        agents = [accounts.agent_id(name, which) for which in ("first", "second", "retired")]
        environments = [accounts.environment_id(name, which) for which in ("first", "second", "retired")]
        return TenantAssets(token, *agents, *environments)

    def seed(self, account: int = 0, count: int = 300) -> list[str]:
        """Give a tenant foreign deployments, active, paused and archived; return their ids, newest first."""
        return seed(self.service, self.settings.accounts[account].name, count)


def serve(
    settings: ReferenceSettings | None = None,
    service_class: type[Service] = Service,
    *,
    port: int = 0,
    announce: Callable[[ReferenceServer], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; `announce` is called once, when connections are taken.

    Call it from the main thread. Raises OSError when the port is taken.
    """
    stopping = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopping.set()) for number in STOPPING}
    try:
        with ReferenceServer(service_class, settings, port=port) as server:
            if announce is not None:
                announce(server)
            stopping.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
