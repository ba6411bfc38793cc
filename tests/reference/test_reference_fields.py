"""What a create or update body may hold, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from conformance.reference import OLD, ReferenceServer

Make = Callable[..., dict[str, Any]]
YEARLY = {"type": "cron", "expression": "0 3 1 1 *", "timezone": "Asia/Shanghai"}


def event(kind: str = "user.message") -> dict[str, Any]:
    return {"type": kind, "content": [{"type": "text", "text": "Hello."}]}


def error_type(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["type"]


INVALID = (400, "invalid_request_error")


def test_a_minimal_body_makes_an_active_manual_only_deployment(create: Make, server: ReferenceServer) -> None:
    made = create(name="minimal")
    settings = made["metadata"].pop("cas_config", None)
    assert made.pop("id").startswith("dep_")
    assert made.pop("created_at") == made.pop("updated_at")
    assert made.pop("environment_variables", "absent") == ("absent" if settings else "")
    assert made == {
        "type": "deployment",
        "name": "minimal",
        "description": "",
        "agent": {"id": server.agent_id, "type": "agent", "version": 2},
        "environment_id": server.environment_id,
        "initial_events": [{"type": "user.message", "content": [{"type": "text", "text": "Work."}]}],
        "resources": [],
        "vault_ids": [],
        "metadata": {},
        "schedule": None,
        "status": "active",
        "paused_reason": None,
        "archived_at": None,
    }
    assert (settings is not None) == (server.settings.revision == OLD)


@pytest.mark.parametrize("field", ["name", "agent", "environment_id", "initial_events"])
def test_a_required_field_must_be_there(api: httpx.Client, body: Make, field: str) -> None:
    sent = body()
    del sent[field]
    response = api.post("/deployments", json=sent)
    assert error_type(response) == INVALID
    assert response.json()["error"]["param"] == field


REFUSED: list[tuple[str, object]] = [
    ("name", ""),
    ("name", "x" * 257),
    ("name", None),
    ("name", 7),
    ("description", 7),
    ("agent", 7),
    ("agent", {"type": "agent"}),
    ("agent", {"id": "agent_x", "type": "human"}),
    ("environment_id", None),
    ("initial_events", []),
    ("initial_events", [event()] * 51),
    ("initial_events", [event("assistant.message")]),
    ("initial_events", [{"content": "no type"}]),
    ("initial_events", ["text"]),
    ("initial_events", [{"type": "user.message", "content": 7}]),
    ("initial_events", [{"type": "user.message", "content": ["text"]}]),
    ("resources", [{}]),
    ("resources", {}),
    ("vault_ids", ["v"] * 51),
    ("vault_ids", [7]),
    ("metadata", {f"k{number}": "v" for number in range(17)}),
    ("metadata", {"k" * 65: "v"}),
    ("metadata", {"k": "v" * 513}),
    ("metadata", {"k": 7}),
    ("metadata", []),
    ("schedule", {**YEARLY, "type": "interval"}),
    ("schedule", {"type": "cron", "expression": "* * * * *"}),
    ("schedule", {"type": "cron", "timezone": "UTC"}),
    ("schedule", {"expression": "* * * * *", "timezone": "UTC"}),
    ("schedule", {**YEARLY, "expression": "not a cron"}),
    ("schedule", {**YEARLY, "timezone": "Mars/Olympus"}),
    ("tunnel_id", "x"),
]


@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_a_refused_value_makes_nothing_and_changes_nothing(
    api: httpx.Client, create: Make, body: Make, field: str, value: object
) -> None:
    before = create()
    newest = api.get("/deployments", params={"limit": 1}).json()["first_id"]
    assert error_type(api.post("/deployments", json=body(**{field: value}))) == INVALID
    assert (
        error_type(api.post(f"/deployments/{before['id']}", json={"description": "new", field: value}))
        == INVALID
    )
    assert api.get(f"/deployments/{before['id']}").json() == before
    assert api.get("/deployments", params={"limit": 1}).json()["first_id"] == newest


ACCEPTED: list[tuple[str, object]] = [
    ("name", "😀" * 256),
    ("name", " "),
    ("name", "\0"),
    ("description", "long" * 5000),
    ("initial_events", [event()] * 50),
    ("initial_events", [event("system.message"), event("user.define_outcome")]),
    ("initial_events", [{"type": "user.message", "content": "a string"}]),
    ("resources", [{"type": "memory_store", "memory_store_id": "memstore_1"}]),
    ("vault_ids", ["vault_1"] * 50),
    ("metadata", {f"{number:064}": "é" * 512 for number in range(16)}),
    ("metadata", {"": ""}),
]


@pytest.mark.parametrize(("field", "value"), ACCEPTED)
def test_an_accepted_value_reads_back_unchanged(
    api: httpx.Client, create: Make, field: str, value: object
) -> None:
    made, other = create(**{field: value}), create()
    assert archived(api, made)
    changed = api.post(f"/deployments/{other['id']}", json={field: value}).json()
    read = api.get(f"/deployments/{other['id']}").json()
    for document in (made, changed, read):
        if field == "metadata":
            document["metadata"].pop("cas_config", None)
        assert document[field] == value
    assert archived(api, other)


def archived(api: httpx.Client, document: dict[str, Any]) -> bool:
    return api.post(f"/deployments/{document['id']}/archive").status_code == 200


def test_a_new_bag_has_nothing_to_delete(api: httpx.Client, body: Make) -> None:
    assert error_type(api.post("/deployments", json=body(metadata={"k": None}))) == INVALID


def test_null_stands_for_the_default_of_an_optional_field(api: httpx.Client, create: Make) -> None:
    names = ("description", "schedule", "resources", "vault_ids", "metadata")
    plain, nulls = create(), create(**dict.fromkeys(names))
    full = create(
        description="d", schedule=YEARLY, resources=[{"type": "file"}], vault_ids=["v"], metadata={"a": "b"}
    )
    cleared = api.post(f"/deployments/{full['id']}", json=dict.fromkeys(names)).json()
    for name in names:
        assert nulls[name] == plain[name] == cleared[name] != full[name]


def test_an_agent_is_pinned_to_the_version_asked_for_or_the_latest(
    server: ReferenceServer, create: Make, api: httpx.Client, body: Make
) -> None:
    reference = {"id": server.agent_id, "type": "agent"}
    assert create(agent={**reference, "version": 1})["agent"] == {**reference, "version": 1}
    assert create(agent=reference)["agent"]["version"] == 2
    for version in (0, 3, True, "1", None):
        assert (
            error_type(api.post("/deployments", json=body(agent={**reference, "version": version})))
            == INVALID
        )
    untyped = api.post("/deployments", json=body(agent={"id": server.agent_id}))
    assert untyped.status_code == (200 if server.settings.revision == OLD else 400)


@pytest.mark.parametrize("field", ["agent", "environment_id"])
def test_an_unknown_reference_is_not_found_and_an_archived_one_is_invalid(
    server: ReferenceServer, create: Make, api: httpx.Client, body: Make, field: str
) -> None:
    made = create()
    foreign = server.prerequisites(1)
    gone = {"agent": server.archived_agent_id, "environment_id": server.archived_environment_id}[field]
    theirs = {"agent": foreign.agent_id, "environment_id": foreign.environment_id}[field]
    for path in ("/deployments", f"/deployments/{made['id']}"):
        for unknown in ("nothing", theirs):
            assert error_type(api.post(path, json=body(**{field: unknown}))) == (404, "not_found_error")
        assert error_type(api.post(path, json=body(**{field: gone}))) == INVALID
    assert api.get(f"/deployments/{made['id']}").json() == made


def test_an_update_changes_what_it_names_and_nothing_else(
    api: httpx.Client, create: Make, server: ReferenceServer
) -> None:
    made = create(description="before", schedule=YEARLY, metadata={"keep": "1", "drop": "2", "set": "3"})
    other = server.prerequisites().other_environment_id
    patch = {
        "description": "after",
        "environment_id": other,
        "metadata": {"drop": None, "set": "4", "never": None},
        "schedule": {**YEARLY, "expression": "0 4 1 1 *"},
    }
    changed = api.post(f"/deployments/{made['id']}", json=patch).json()
    assert changed == api.get(f"/deployments/{made['id']}").json()
    assert changed["description"] == "after"
    assert changed["environment_id"] == other
    assert {key: changed["metadata"].get(key) for key in ("keep", "drop", "set", "never")} == {
        "keep": "1",
        "drop": None,
        "set": "4",
        "never": None,
    }
    assert changed["schedule"]["upcoming_runs_at"] != made["schedule"]["upcoming_runs_at"]
    same = set(made) - set(patch) - {"updated_at"}
    assert {name: changed[name] for name in same} == {name: made[name] for name in same}


def test_the_limits_bind_the_merged_metadata(api: httpx.Client, create: Make) -> None:
    made = create(metadata={f"k{number}": "v" for number in range(16)})
    path = f"/deployments/{made['id']}"
    assert error_type(api.post(path, json={"metadata": {"k16": "v"}})) == INVALID
    assert api.post(path, json={"metadata": {"k16": "v", "k0": None}}).status_code == 200


def test_empty_and_equal_updates_change_nothing(api: httpx.Client, create: Make) -> None:
    made = create(metadata={"a": "1"}, initial_events=[{"type": "user.message", "content": "x", "n": 1}])
    path = f"/deployments/{made['id']}"
    patches: list[dict[str, Any]] = [{}, {"metadata": {}}, {"description": "", "metadata": {"a": "1"}}]
    for patch in patches:
        assert api.post(path, json=patch).json() == made
    swapped = [{"type": "user.message", "content": "x", "n": True}]
    assert api.post(path, json={"initial_events": swapped}).json()["initial_events"][0]["n"] is True


def test_a_name_is_unique_among_the_unarchived_of_a_tenant(
    api: httpx.Client, neighbour: httpx.Client, create: Make, body: Make, server: ReferenceServer
) -> None:
    taken, other = create(), create()
    sent = body(name=taken["name"])
    conflict = (409, "conflict_error")
    assert error_type(api.post("/deployments", json=sent)) == conflict
    assert error_type(api.post(f"/deployments/{other['id']}", json={"name": taken["name"]})) == conflict
    assert api.post(f"/deployments/{taken['id']}", json={"name": taken["name"]}).json() == taken
    theirs = server.prerequisites(1)
    foreign = {**sent, "agent": theirs.agent_id, "environment_id": theirs.environment_id}
    assert neighbour.post("/deployments", json=foreign).status_code == 200
    assert archived(api, taken)
    assert api.post("/deployments", json=sent).status_code == 200
    renamed = api.get(f"/deployments/{taken['id']}").json()["name"]
    assert api.post("/deployments", json={**sent, "name": renamed}).status_code == 200


def test_environment_variables_belong_to_the_newer_revision(
    api: httpx.Client, body: Make, server: ReferenceServer
) -> None:
    sent = body(environment_variables="FEATURE_FLAG=on\nLOG_LEVEL=info")
    response = api.post("/deployments", json=sent)
    if server.settings.revision == OLD:
        assert error_type(response) == INVALID
    else:
        assert response.json()["environment_variables"] == sent["environment_variables"]


def test_cas_config_is_settings_in_the_older_revision_and_no_string_in_the_newer(
    api: httpx.Client, body: Make, server: ReferenceServer
) -> None:
    bag: dict[str, Any] = {f"k{number}": "v" for number in range(16)}
    bag["cas_config"] = {"config": {"max_concurrent": 3}, "stats": {"total_runs": 99}}
    response = api.post("/deployments", json=body(metadata=bag))
    if server.settings.revision != OLD:
        assert error_type(response) == INVALID
        return
    made = response.json()
    assert made["metadata"]["cas_config"] == {
        "config": {"max_retries": 0, "timeout_ms": 300_000, "max_concurrent": 3},
        "session_strategy": "new_session",
        "stats": {"consecutive_failures": 0, "total_failures": 0, "total_runs": 0},
    }
    restored = api.post(f"/deployments/{made['id']}", json={"metadata": {"cas_config": None}}).json()
    assert restored["metadata"]["cas_config"]["config"]["max_concurrent"] == 1
    for wrong in (7, {"config": 7}, {"config": {"max_retries": "1"}}, {"session_strategy": 7}):
        patch = {"metadata": {"cas_config": wrong}}
        assert error_type(api.post(f"/deployments/{made['id']}", json=patch)) == INVALID
