"""Settings of a run: all that a user can decide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from conformance.config.footprint import FOOTPRINTS, Footprint
from conformance.contract.acceptance import Deviation
from conformance.contract.areas import DEFAULT_TIERS
from conformance.contract.failure import SavedFailure
from conformance.contract.mode import Mode
from conformance.redaction.known_secrets import TOKEN_VARIABLES


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that a user can decide about a run. Tokens never show in `repr`; `base_url` None means embedded.

    `profile_digest` is of what the profile held: the file at a path may change from run to run.
    """

    base_url: str | None = None
    reference: bool = False
    profile: str = "qoder"
    profile_digest: str = ""
    revision: str = "auto"
    tier: tuple[str, ...] = DEFAULT_TIERS
    only: tuple[str, ...] = ()
    read_only: bool = False
    deployment_id: str | None = None
    strict: bool = False
    seed: int = 0
    footprint: str = "small"
    examples: int | None = None
    replay: tuple[SavedFailure, ...] = ()
    accepted: tuple[Deviation, ...] = ()
    compare_with: str | None = None
    shard: tuple[int, int] | None = None
    run_label: str = ""
    har: str | None = None
    concurrency: int = 8
    rate: float | None = None
    max_requests: int | None = None
    max_created: int | None = None
    max_seconds: float | None = None
    processes: int = 1
    agent_id: str | None = None
    environment_id: str | None = None
    archived_agent_id: str | None = None
    archived_environment_id: str | None = None
    oversize_body: bool = False
    insecure: bool = False
    report_dir: str = "reports"
    connect_timeout: float = 5.0
    timeout: float = 60.0
    token: str = field(default="", repr=False)
    second_token: str = field(default="", repr=False)
    token_variable: str = TOKEN_VARIABLES[0]
    second_token_variable: str = ""

    def shared(self, processes: int) -> Settings:
        """Return the settings of one of several processes that judge one target together."""
        requests, created = self.max_requests, self.max_created
        return replace(
            self,
            rate=None if self.rate is None else self.rate / processes,
            max_requests=None if requests is None else requests // processes,
            max_created=None if created is None else created // processes,
            processes=processes,
        )

    @property
    def tokens(self) -> tuple[str, str]:
        """The secrets of the run."""
        return self.token, self.second_token

    @property
    def reach(self) -> Footprint:
        """How far the searches go."""
        reach = FOOTPRINTS[self.footprint]
        return reach if self.examples is None else replace(reach, examples=self.examples)

    @property
    def mode(self) -> Mode:
        """How much the run may do."""
        if self.read_only:
            return Mode.READ_ONLY
        return Mode.LENT if self.deployment_id else Mode.FULL

    @property
    def open_promises(self) -> frozenset[str]:
        """The requirements whose deviation is accepted today: searches go on beyond it."""
        today = datetime.now(UTC).date()
        return frozenset(deviation.requirement for deviation in self.accepted if today <= deviation.expires)

    def provides(self, need: str) -> bool:
        """Tell whether the option that a requirement needs (`second-token-env`, …) was given."""
        attribute = "second_token" if need == "second-token-env" else need.replace("-", "_")
        return bool(getattr(self, attribute))
