"""Twins whose accounts hold little, much, or what others change meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import count

from conformance.reference import (
    Deployment,
    Document,
    ReferenceSettings,
    Request,
    Response,
    Service,
    Tenant,
)
from conformance.reference.listing import Query
from conformance.reference.listing import R as Rows
from conformance.reference.rendering import Page
from conformance.reference.store import Agent, AgentPin, Schedule
from tests.twins.catalogue import twin

FOREIGN = "foreign "


@twin()
class BareAccount(Service):
    """The account has one live agent of one version, one live environment and no vault."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        for tenant in self.store.tenants.values():
            _, second, first = tenant.agents
            del tenant.agents[second]
            tenant.agents[first] = replace(tenant.agents[first], version=1)
            _, second, first = tenant.environments
            del tenant.environments[second]
            tenant.vaults.clear()


class _Busy(Service):
    """Other people work in the account between the requests of ours."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.numbers = count(1)

    def handle(self, request: Request) -> Response:
        with self.lock:
            number = next(self.numbers)
            for tenant in self.store.tenants.values():
                self.work(tenant, number)
            return super().handle(request)

    def work(self, tenant: Tenant, number: int) -> None:
        """Do what others do before a request is answered."""
        raise NotImplementedError

    def foreign(self, tenant: Tenant) -> list[Deployment]:
        """Return the deployments of others, oldest first."""
        return [record for record in tenant.deployments.values() if record.name.startswith(FOREIGN)]

    def add(self, tenant: Tenant, **fields: object) -> None:
        """Make a deployment of somebody else's."""
        agent = next(agent for agent in tenant.agents.values() if agent.archived_at is None)
        environment = next(e for e in tenant.environments.values() if e.archived_at is None)
        now, sequence = self.instant(), self.store.next_sequence()
        record = Deployment(
            id=self.new_id("dep"),
            tenant=tenant.name,
            sequence=sequence,
            name=f"{FOREIGN}{sequence}",
            agent=AgentPin(agent.id, 1),
            environment_id=environment.id,
            initial_events=[{"type": "user.message", "content": [{"type": "text", "text": "Work."}]}],
            metadata=self.default_metadata(),
            schedule=Schedule("0 3 * * *", "UTC"),
            created_at=now,
            updated_at=now,
        )
        self.keep(replace(record, **fields))  # type: ignore[arg-type]  # fields of a deployment


@twin(foreign=60)
class BusyColleagues(_Busy):
    """Others create, rename, pause and archive their deployments all the time, faster than we ask."""

    def work(self, tenant: Tenant, number: int) -> None:
        theirs = [record for record in self.foreign(tenant) if record.archived_at is None]
        if number % 4 == 0 and len(theirs) < 200:
            self.add(tenant)
        if number % 3 == 0 and theirs:
            chosen = theirs[number % len(theirs)]
            paused = chosen.status == "paused"
            self.keep(self.apply_unpause(chosen) if paused else self.apply_pause(chosen))
        if number % 5 == 0 and theirs:
            self.keep(self.apply_archive(theirs[number * 7 % len(theirs)]))


@twin(foreign=90)
class OthersAreRemoved(_Busy):
    """Archived deployments of others are removed for good while we look (retention is not described)."""

    def work(self, tenant: Tenant, number: int) -> None:
        if number % 2:
            return
        self.add(tenant, archived_at=self.instant())
        theirs = [record for record in self.foreign(tenant) if record.archived_at is not None]
        if len(theirs) > 20:
            del tenant.deployments[theirs[number % len(theirs)].id]


@twin()
class StrangersOfAllKinds(_Busy):
    """Others have deployments with long texts, odd names, a pause for an error and contents of an older edition."""

    def work(self, tenant: Tenant, number: int) -> None:
        if number % 40 != 1:
            return
        text = "\U0001f600 \u202e\u0000" * 2_000
        self.add(tenant, description=text, name=f"{FOREIGN}\U0001f600\n\u0000{number}")
        self.add(tenant, initial_events=[{"type": "user.message", "content": "Work."}] * 50)
        self.add(
            tenant,
            status="paused",
            paused_reason={"type": "error", "error": {"type": "agent_archived_error", "message": "gone"}},
            agent=AgentPin("agent_gone", 7),
            vault_ids=["vault_x"] * 50,
        )
        self.add(tenant, resources=[{"type": "git_repository", "url": "https://git.example/x"}])
        self.add(
            tenant,
            last_run_at=self.instant() - timedelta(days=9),
            runs=3,
            schedule=Schedule("0 0 29 2 *", "UTC"),
        )


@twin(revisions=("2026-07",))
class CasConfigStays(Service):
    """The newer edition still shows cas_config in metadata (section 1.8: whether the section left is not visible)."""

    def render_metadata(self, record: Deployment) -> Document:
        settings = {"config": {"max_retries": 0}, "session_strategy": "new_session"}
        return {**super().render_metadata(record), "cas_config": settings}


@twin()
class AgentsMoveOn(_Busy):
    """The agents get new versions all the time; a deployment keeps the one that it was given."""

    def work(self, tenant: Tenant, number: int) -> None:
        if number % 6 == 0:
            for agent in [agent for agent in tenant.agents.values() if agent.archived_at is None]:
                tenant.agents[agent.id] = replace(agent, version=agent.version + 1)


class SiblingsComeOneByOne(Service):
    """Lists of agents, environments and vaults have one row a page, agents the oldest first, whatever the limit."""

    def answer(self, request: Request) -> Response:
        if request.operation in {"list_agents", "list_environments", "list_vaults"}:
            request = replace(request, query={**request.query, "limit": "1"})
        return super().answer(request)

    def newest_first(self, rows: Iterable[Rows]) -> list[Rows]:
        found = super().newest_first(rows)
        return found[::-1] if found and isinstance(found[0], Agent) else found


# --- pages -----------------------------------------------------------------------------------------------------


class LimitsOfTheOtherEdition(Service):
    """The older edition caps at 100 as the conventions say, the newer one takes up to 1,000 (N159, N160)."""

    def max_limit(self) -> int:
        return 1000

    def read_limit(self, query: Query) -> int:
        return min(super().read_limit(query), 100) if self.old else super().read_limit(query)


class BackwardPagesAscend(Service):
    """A page before a cursor has its rows from the nearest to the newest (N165), with its ends as shown."""

    def page(
        self,
        rows: Iterable[Rows],
        wanted: Callable[[Rows], bool],
        render: Callable[[Rows], Document],
        query: Query,
    ) -> Page:
        page = super().page(rows, wanted, render, query)
        return replace(page, items=page.items[::-1]) if "before_id" in query else page


class HasMoreLooksDown(Service):
    """On a page before a cursor has_more and next_page are about the older rows, as on any other page (N165)."""

    def page(
        self,
        rows: Iterable[Rows],
        wanted: Callable[[Rows], bool],
        render: Callable[[Rows], Document],
        query: Query,
    ) -> Page:
        kept = list(rows)
        page = super().page(kept, wanted, render, query)
        if "before_id" not in query or not page.items:
            return page
        last = str(page.items[-1]["id"])
        below = super().page(kept, wanted, render, {"after_id": last, "limit": "1"})
        token = super().page(kept, lambda row: row.id == last, render, {}).token
        return replace(page, more=bool(below.items), token=token)


class TokensAreUsedOnce(Service):
    """A token is long, has marks of many a syntax, is another each time and good for one page (N168)."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.issued: dict[str, str] = {}

    def page(
        self,
        rows: Iterable[Rows],
        wanted: Callable[[Rows], bool],
        render: Callable[[Rows], Document],
        query: Query,
    ) -> Page:
        if "page" in query and not {"after_id", "before_id"} & query.keys():
            meant = self.issued.pop(query["page"], "used")
            query = {**query, "page": meant}
        page = super().page(rows, wanted, render, query)
        token = (
            f"https://api/?page={len(self.issued)}&a=%20+/;\u00e4 {'x' * 900}=={self.store.next_sequence()}"
        )
        self.issued[token] = page.token
        return replace(page, token=token)


@twin(revisions=("2026-07",), alone=True)  # what is looked for lies pages further where colleagues are busy
class FiltersCutPages(Service):
    """Filters choose among the rows that fit on a page, so that pages are short where a filter was sent."""

    def page(
        self,
        rows: Iterable[Rows],
        wanted: Callable[[Rows], bool],
        render: Callable[[Rows], Document],
        query: Query,
    ) -> Page:
        filters = {"agent_id", "created_at[gte]", "created_at[lte]", "status"}
        if not filters & query.keys() or "before_id" in query:
            return super().page(rows, wanted, render, query)
        kept = list(rows)
        page = super().page(kept, lambda _: True, render, query)
        while True:
            right = {row.id for row in kept if wanted(row)}
            items = [item for item in page.items if item["id"] in right]
            if items or not page.more:
                return replace(page, items=items)
            bare = {key: value for key, value in query.items() if key not in {"after_id", "page"}}
            page = super().page(kept, lambda _: True, render, {**bare, "page": page.token})
