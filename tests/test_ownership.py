"""Whose a deployment is: nothing that the run did not make is ever changed, whatever creations are answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from conformance.reference import Call, Deployment, Document, ReferenceServer, Request, Response, Service
from tests.judge import Run, judge_server

SEEDED = 130
"""More than a page of a list holds."""
HONEST = 3
"""Creations that are answered as they should be, before some are not."""

FEW = "create.*,pause.*,unpause.*,archive.*,auth.*,update.returns-full-object"


class Confuses(Service):
    """Answers every third creation, but the first few, with the id of a deployment that was there before."""

    def __init__(self, *words: Any) -> None:  # noqa: ANN401 (whatever a service takes)
        super().__init__(*words)
        self.foreign: list[str] = []
        self.creations = 0
        self.touched: list[str] = []
        self.shown: dict[str, Document] = {}

    def handle(self, request: Request) -> Response:
        if request.method != "GET":
            self.touched += [one for one in self.foreign if f"/{one}" in request.path]
        return super().handle(request)

    def create(self, call: Call) -> Document:
        self.creations += 1
        if self.creations <= HONEST or self.creations % 3 or not self.foreign:
            return super().create(call)
        theirs = self.foreign[-1 - self.creations // 3 % 20]  # beyond the newest page
        return self.confused(call, theirs)

    def confused(self, call: Call, theirs: str) -> Document:
        return super().create(call) | {"id": theirs}

    def record(self, call: Call, one: str) -> Document:
        return self.render_deployment(call.tenant.deployments[one])


class TheirIdOnOurs(Confuses):
    """The answer is ours but for the id."""


class TheirIdAlone(Confuses):
    def confused(self, call: Call, theirs: str) -> Document:
        super().confused(call, theirs)
        return {"id": theirs}


class TheirsWhole(Confuses):
    def confused(self, call: Call, theirs: str) -> Document:
        super().confused(call, theirs)
        return self.record(call, theirs)


class TheirsUnderOurName(Confuses):
    """Nothing is made, and the answer is theirs with our name."""

    def confused(self, call: Call, theirs: str) -> Document:
        return self.record(call, theirs) | {"name": call.body.get("name")}


class Overwrites(Confuses):
    """The creation changes what is there: its name and description are ours from then on."""

    def confused(self, call: Call, theirs: str) -> Document:
        texts = {name: str(call.body.get(name, "")) for name in ("name", "description")}
        self.keep(replace(call.tenant.deployments[theirs], **texts))  # type: ignore[arg-type]
        return self.record(call, theirs)


class ReadsLie(Confuses):
    """A read of theirs shows our texts, but when it was made."""

    def confused(self, call: Call, theirs: str) -> Document:
        self.shown[theirs] = {name: call.body.get(name) for name in ("name", "description")}
        return super().confused(call, theirs)

    def get(self, call: Call) -> Document:
        return super().get(call) | self.shown.get(call.request.path.rpartition("/")[2], {})


class ReadsHalfLie(ReadsLie):
    """A read of theirs shows our name, and no time."""

    def get(self, call: Call) -> Document:
        one = call.request.path.rpartition("/")[2]
        if one not in self.shown:
            return super().get(call)
        return super().get(call) | {"name": self.shown[one]["name"], "created_at": None}


class CannotBeRead(Confuses):
    """What was confused is not found any more."""

    def confused(self, call: Call, theirs: str) -> Document:
        self.shown[theirs] = {}
        return super().confused(call, theirs)

    def get(self, call: Call) -> Document:
        if call.request.path.rpartition("/")[2] in self.shown:
            raise RuntimeError
        return super().get(call)


def judged(service: type[Confuses], *words: str) -> tuple[Run, Confuses]:
    with ReferenceServer(service) as server:
        confusing: Any = server.service
        confusing.foreign = server.seed(count=SEEDED)
        run = judge_server(server, *words)
    return run, confusing


@pytest.mark.parametrize(
    "service",
    [TheirIdOnOurs, TheirIdAlone, TheirsWhole, TheirsUnderOurName, Overwrites, ReadsLie, ReadsHalfLie, CannotBeRead],
)  # fmt: skip
def test_what_was_there_before_is_never_touched(service: type[Confuses]) -> None:
    run, server = judged(service, "--tier", "core", "--only", FEW)
    assert server.touched == []
    assert run.exit_code != 0
    tenant = next(iter(server.store.tenants.values()))
    ours = [one for one in tenant.deployments.values() if one.id not in server.foreign]
    assert [one.name for one in ours if not one.archived_at] == []
    assert "the id" in " ".join(run.result["notices"])


class ClockBehind(Service):
    """The service's clock is ten minutes behind that of its gateway, which writes `Date`."""

    def instant(self) -> Any:  # noqa: ANN401 (a moment)
        return super().instant() - timedelta(minutes=10)


def test_a_service_may_go_by_another_clock_than_its_gateway() -> None:
    with ReferenceServer(ClockBehind) as server:
        server.seed(count=3)
        run = judge_server(server, "--tier", "core", "--only", FEW)
    assert (run.exit_code, run.with_verdict("not_judged")) == (0, set())


# --- nothing that costs money is started ---------------------------------------------------------------------


class LetsEverybodyRun(Service):
    """Asks for no credentials, knows one tenant, and runs what is paused."""

    def authenticate(self, request: Request) -> Any:  # noqa: ANN401 (a tenant)
        return next(iter(self.store.tenants.values()))

    def check_runnable(self, record: Deployment) -> None:
        self.check_not_archived(record)

    @property
    def started(self) -> int:
        """The runs that somebody asked for: the schedules of what was there before go on."""
        runs = (run for tenant in self.store.tenants.values() for run in tenant.runs.values())
        return sum(run.trigger["type"] == "manual" for run in runs)


class RunsWhatIsArchived(LetsEverybodyRun):
    def check_runnable(self, record: Deployment) -> None:
        pass


class ArchivesNothing(LetsEverybodyRun):
    """Answers an archive as documented, and shows afterwards that nothing was archived."""

    def archive(self, call: Call) -> Document:
        return self.render_deployment(self.find(call))


@pytest.mark.parametrize(
    ("service", "mode"),
    [
        (LetsEverybodyRun, ()), (LetsEverybodyRun, ("--read-only",)), (LetsEverybodyRun, ("--deployment-id",)),
        (ArchivesNothing, ("--tier", "core", "--only", "auth.*,tenancy.*,archive.*,errors.*")),
    ],
)  # fmt: skip
def test_default_tiers_start_no_run(service: type[LetsEverybodyRun], mode: tuple[str, ...]) -> None:
    with ReferenceServer(service) as server:
        seeded = server.seed(count=9)
        words = (*mode, seeded[1]) if mode == ("--deployment-id",) else mode
        before = server.service.started  # type: ignore[attr-defined]
        run = judge_server(server, *words)
        assert server.service.started == before  # type: ignore[attr-defined]
    assert "runs" not in run.output.splitlines()[-1]
    assert run.result["totals"]["runs"] == 0


def test_a_run_that_was_accepted_all_the_same_is_counted_and_told() -> None:
    with ReferenceServer(RunsWhatIsArchived) as server:
        run = judge_server(server, "--tier", "core", "--only", "auth.*,tenancy.*")
        started = server.service.started  # type: ignore[attr-defined]
    assert run.result["totals"]["runs"] == started == 3
    assert ", 3 runs started" in run.output.strip().splitlines()[-1]
    assert any("3 runs of what it should have refused" in notice for notice in run.result["notices"])
