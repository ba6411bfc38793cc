"""What becomes of a deployment that has run, and of its runs, when it is acted upon."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.client.api import Api
from conformance.client.calls.guarded import SETTLE_SECONDS
from conformance.client.calls.polling import poll
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field
from conformance.suite.shared.list_pages import holds


@dataclass(frozen=True)
class AfterRun:
    """An action, the read of the deployment after it, the list of its runs, and its run by the id alone."""

    answer: Exchange
    read: Exchange
    runs: Exchange
    run: Exchange


@dataclass(frozen=True)
class ActedUpon:
    """A deployment that runs: a read, its runs, its `run` by the id alone, then four actions in turn."""

    before: Exchange
    runs: Exchange
    run: Exchange
    paused: AfterRun
    unpaused: AfterRun
    updated: AfterRun
    archived: AfterRun

    @property
    def actions(self) -> tuple[AfterRun, ...]:
        """The actions in their order."""
        return self.paused, self.unpaused, self.updated, self.archived


def act_on_what_runs(api: Api, deployment_id: str, run_id: str) -> ActedUpon:
    """Pause, unpause, update and archive a deployment that was just run; look at its runs each time."""
    label = "a deployment that runs"
    before = api.get_until(deployment_id, lambda state: field(state, "schedule.last_run_at") is not None)
    runs = _list_runs(api, deployment_id, run_id)
    change: dict[str, object] = {"description": "changed after a run", "name": api.body()["name"]}
    version = api.known.agent_version
    if isinstance(version, int) and version > 1:  # its run was at another one
        change["agent"] = {"id": api.known.agent, "type": "agent", "version": version}
    return ActedUpon(
        before=before,
        runs=runs,
        run=_read_run(api, run_id),
        paused=_look(api, deployment_id, run_id, api.pause(deployment_id, label=f"pause {label}")),
        unpaused=_look(api, deployment_id, run_id, api.unpause(deployment_id, label=f"unpause {label}")),
        updated=_look(api, deployment_id, run_id, api.update(deployment_id, change, label=f"update {label}")),
        archived=_look(api, deployment_id, run_id, api.archive(deployment_id, label=f"archive {label}")),
    )


def _look(api: Api, deployment_id: str, run_id: str, answer: Exchange) -> AfterRun:
    read = api.get(deployment_id, label=f"read after: {answer.label}")
    return AfterRun(answer, read, _list_runs(api, deployment_id, run_id), _read_run(api, run_id))


def _read_run(api: Api, run_id: str) -> Exchange:
    return api.get_any_run(run_id, label="read what ran by its id")


def _list_runs(api: Api, deployment_id: str, run_id: str) -> Exchange:
    """List the runs of a deployment until one is there; lists may lag."""
    return poll(
        lambda: api.runs(deployment_id, {"limit": api.largest_page}, label="list the runs of what ran"),
        lambda page: not page.succeeded or holds(page.json, run_id),
        [SETTLE_SECONDS],
        api.target.stopped.wait,
    )
