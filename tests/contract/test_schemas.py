"""The schemas judge the documents' own examples rightly, and every step away from them."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from conformance.contract.catalogue import REVISIONS
from conformance.contract.schemas import (
    SchemaViolation,
    closed_kinds,
    drift,
    messages,
    schema_document,
    schema_kinds,
    store,
    validation,
    violations,
)

EXAMPLES = Path(__file__).parent / "examples"
OLD, NEW = REVISIONS
# An example is named KIND.WHERE-IT-STANDS.json; `reconstructed` ones are put together from the fact sheet.
FILES = sorted(EXAMPLES.glob("*/*.json"))
SAMPLE_OF = {"deployment": "deployment-sample", "deployment-run": "deployment-run-sample"}

Step = str | int


def example(revision: str, name: str) -> Any:  # noqa: ANN401 (JSON)
    return json.loads((EXAMPLES / revision / f"{name}.json").read_text("utf-8"))


def changed(value: Any, path: tuple[Step, ...], new: object) -> Any:  # noqa: ANN401 (JSON)
    result = copy.deepcopy(value)
    place = result
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = new
    return result


def without(value: Any, path: tuple[Step, ...]) -> Any:  # noqa: ANN401 (JSON)
    result = changed(value, path, None)
    place = result
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return result


def json_path(path: tuple[Step, ...]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def second_opinion(kind: str, revision: str, instance: object, *, closed: bool = False) -> bool:
    """Return what an independent validator says, with its own reader of formats."""
    return bool(another_validator(store.path_of(kind, revision, closed=closed)).is_valid(instance))


@cache
def another_validator(path: str) -> jsonschema_rs.Draft202012Validator:
    files = ((store.BASE + name, dict(document)) for name, document in store.documents().items())
    registry = jsonschema_rs.Registry(list(files))
    schema = {"$ref": store.BASE + path}
    return jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True)


def nodes(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes(value)


# -- the files themselves


@pytest.mark.parametrize("path", sorted(store.documents()))
def test_every_file_is_a_valid_2020_12_schema(path: str) -> None:
    document = dict(store.documents()[path])
    assert document["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    assert document["title"]
    jsonschema.Draft202012Validator.check_schema(document)
    assert jsonschema_rs.meta.is_valid(document)


@pytest.mark.parametrize("path", sorted(store.documents()))
def test_every_file_is_portable(path: str) -> None:
    resolver = store.registry().resolver(store.BASE + path)
    for node in nodes(store.documents()[path]):
        assert "$id" not in node, "relative references must mean the same to every reader"
        assert "oneOf" not in node, "a failed oneOf blames the wrong branch"
        if "$ref" in node:
            assert not re.match(r"[a-z]+:|/", node["$ref"])
            resolver.lookup(node["$ref"])
        if isinstance(node.get("format"), str):
            assert node["format"] in validation._format_checker().checkers
            assert node["format"] in messages.FORMATS
        if isinstance(node.get("pattern"), str):
            assert re.search(r"\\[dws]", node["pattern"], re.IGNORECASE) is None


def test_every_revision_has_the_kinds_of_the_contract() -> None:
    bodies = {"deployment", "deployment-list", "deployment-run", "deployment-run-list", "error"}
    for revision in REVISIONS:
        assert set(closed_kinds(revision)) == bodies
        assert set(schema_kinds(revision)) >= bodies | {"create-request", "update-request"} | set(
            SAMPLE_OF.values()
        )
    assert set(schema_kinds(NEW)) - set(schema_kinds(OLD)) == {"error-request-id"}
    assert "$ref" in schema_document("deployment", OLD)


# -- the examples


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_an_example_of_the_documents_conforms_without_drift(file: Path) -> None:
    revision, kind = file.parent.name, file.name.partition(".")[0]
    instance = json.loads(file.read_text("utf-8"))
    for each in filter(None, (kind, SAMPLE_OF.get(kind))):
        assert violations(each, revision, instance) == []
        assert second_opinion(each, revision, instance)
    if kind in closed_kinds(revision):
        assert drift(kind, revision, instance) == []
        assert second_opinion(kind, revision, instance, closed=True)


def test_every_kind_has_an_example() -> None:
    shown = {(file.parent.name, file.name.partition(".")[0]) for file in FILES}
    for revision in REVISIONS:
        for kind in set(schema_kinds(revision)) - set(SAMPLE_OF.values()) - {"error-request-id"}:
            assert (revision, kind) in shown


# -- one step away: what is refused

PAUSED = {OLD: "deployment.pause-page", NEW: "deployment.paused-reconstructed"}
ERROR = {OLD: "error.errors-page-400", NEW: "error.errors-page-400-reconstructed"}
LIST = "deployment-list.list-page-reconstructed"
RUNS = "deployment-run-list.pagination-page-empty"
RUN = {OLD: "deployment-run.completed-reconstructed", NEW: "deployment-run.scheduled-snapshot-reconstructed"}

REQUIRED = {
    "deployment": (
        *(
            (name,)
            for name in ("id", "type", "name", "agent", "environment_id", "initial_events", "schedule")
        ),
        *((name,) for name in ("status", "paused_reason", "archived_at", "created_at", "updated_at")),
        *(("agent", name) for name in ("id", "type", "version")),
        *(("schedule", name) for name in ("type", "expression", "timezone", "upcoming_runs_at")),
        ("paused_reason", "type"),
        ("initial_events", 0, "type"),
    ),
    "error": (("type",), ("error",), ("error", "type"), ("error", "message")),
    "deployment-list": (("data",), ("first_id",), ("last_id",), ("has_more",), ("next_page",)),
    "deployment-run-list": (("data",), ("first_id",), ("last_id",), ("has_more",)),
    "deployment-run": (
        *(
            (name,)
            for name in ("id", "type", "deployment_id", "agent", "trigger_context", "error", "created_at")
        ),
        *(("agent", name) for name in ("id", "type", "version")),
        ("trigger_context", "type"),
    ),
    "create-request": (("name",), ("agent",), ("environment_id",), ("initial_events",)),
}
BASIS: dict[str, dict[str, str]] = {
    "deployment": PAUSED,
    "error": ERROR,
    "deployment-list": dict.fromkeys(REVISIONS, LIST),
    "deployment-run-list": dict.fromkeys(REVISIONS, RUNS),
    "deployment-run": RUN,
    "create-request": dict.fromkeys(REVISIONS, "create-request.full-reconstructed"),
    "update-request": dict.fromkeys(REVISIONS, "update-request.metadata-patch-reconstructed"),
}


def refused(kind: str, revision: str, instance: object) -> SchemaViolation:
    """Return the single violation of an instance that both validators refuse."""
    (violation,) = violations(kind, revision, instance)
    assert not second_opinion(kind, revision, instance)
    return violation


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("kind", "path"), [(kind, path) for kind, paths in REQUIRED.items() for path in paths]
)
def test_a_missing_documented_key_is_refused(revision: str, kind: str, path: tuple[Step, ...]) -> None:
    violation = refused(kind, revision, without(example(revision, BASIS[kind][revision]), path))
    assert (violation.path, violation.keyword) == (json_path(path[:-1]), "required")
    assert f'the key "{path[-1]}"' in violation.message


ZONELESS = "2026-06-14T08:53:32"
WRONG: list[tuple[str, tuple[Step, ...], object, str]] = [
    ("deployment", ("id",), 7, "type"),
    ("deployment", ("type",), "agent", "const"),
    ("deployment", ("name",), None, "type"),
    ("deployment", ("description",), 7, "type"),
    ("deployment", ("agent",), "agent_1", "type"),
    ("deployment", ("agent", "id"), 7, "type"),
    ("deployment", ("agent", "type"), "model", "const"),
    ("deployment", ("agent", "version"), "1", "type"),
    ("deployment", ("agent", "version"), 0, "minimum"),
    ("deployment", ("environment_id",), None, "type"),
    ("deployment", ("initial_events",), {}, "type"),
    ("deployment", ("initial_events", 0), "user.message", "type"),
    ("deployment", ("initial_events", 0, "type"), 7, "type"),
    ("deployment", ("resources",), None, "type"),
    ("deployment", ("vault_ids",), {}, "type"),
    ("deployment", ("metadata",), None, "type"),
    ("deployment", ("schedule",), "30 9 * * 1-5", "type"),
    ("deployment", ("schedule", "type"), None, "type"),
    ("deployment", ("schedule", "expression"), 7, "type"),
    ("deployment", ("schedule", "timezone"), None, "type"),
    ("deployment", ("schedule", "upcoming_runs_at"), None, "type"),
    ("deployment", ("schedule", "upcoming_runs_at", 0), ZONELESS, "format"),
    ("deployment", ("schedule", "last_run_at"), ZONELESS, "format"),
    ("deployment", ("status",), "archived", "enum"),
    ("deployment", ("paused_reason",), "manual", "type"),
    ("deployment", ("paused_reason", "type"), None, "type"),
    ("deployment", ("archived_at",), False, "type"),
    ("deployment", ("archived_at",), "yesterday", "format"),
    ("deployment", ("created_at",), ZONELESS, "format"),
    ("deployment", ("created_at",), 1781427212, "type"),
    ("deployment", ("updated_at",), None, "type"),
    ("error", ("type",), "Error", "const"),
    ("error", ("error",), "conflict", "type"),
    ("error", ("error", "type"), None, "type"),
    ("error", ("error", "message"), {}, "type"),
    ("error", ("error", "param"), 7, "type"),
    ("deployment-list", ("data",), None, "type"),
    ("deployment-list", ("data", 0), "dep_1", "type"),
    ("deployment-list", ("first_id",), 7, "type"),
    ("deployment-list", ("last_id",), 7, "type"),
    ("deployment-list", ("has_more",), "false", "type"),
    ("deployment-list", ("next_page",), 2, "type"),
    ("deployment-run-list", ("has_more",), None, "type"),
    ("deployment-run", ("id",), 7, "type"),
    ("deployment-run", ("type",), "run", "const"),
    ("deployment-run", ("deployment_id",), None, "type"),
    ("deployment-run", ("agent", "version"), 0, "minimum"),
    ("deployment-run", ("session_id",), 7, "type"),
    ("deployment-run", ("error",), "none", "type"),
    ("deployment-run", ("trigger_context",), "manual", "type"),
    ("deployment-run", ("trigger_context", "type"), 7, "type"),
    ("deployment-run", ("created_at",), ZONELESS, "format"),
    ("create-request", ("metadata",), {str(key): "" for key in range(17)}, "maxProperties"),
    ("create-request", ("metadata", "team"), None, "type"),
    ("update-request", ("metadata", "team"), 7, "type"),
]
CRON = {"type": "cron", "expression": "0 3 1 1 *", "timezone": "UTC"}
WRONG_FIELDS: list[tuple[tuple[Step, ...], object, str]] = [
    (("name",), "", "minLength"),
    (("name",), "x" * 257, "maxLength"),
    (("name",), 7, "type"),
    (("description",), 7, "type"),
    (("agent",), None, "type"),
    (("agent",), "", "minLength"),
    (("agent",), {"id": "agent_1", "type": "agent"}, "required"),
    (("agent",), {"type": "agent", "version": 1}, "required"),
    (("agent",), {"id": 7, "type": "agent", "version": 1}, "type"),
    (("agent",), {"id": "agent_1", "type": "model", "version": 1}, "const"),
    (("agent",), {"id": "agent_1", "type": "agent", "version": 0}, "minimum"),
    (("agent",), {"id": "agent_1", "type": "agent", "version": "1"}, "type"),
    (("environment_id",), "", "minLength"),
    (("environment_id",), None, "type"),
    (("schedule",), "0 3 1 1 *", "type"),
    (("schedule",), {**CRON, "type": "interval"}, "const"),
    (("schedule",), {**CRON, "expression": 7}, "type"),
    (("schedule",), {**CRON, "timezone": None}, "type"),
    *((("schedule",), {key: CRON[key] for key in CRON if key != name}, "required") for name in CRON),
    (("initial_events",), {}, "type"),
    (("initial_events",), [], "minItems"),
    (("initial_events",), [{"type": "user.message"}] * 51, "maxItems"),
    (("initial_events",), ["user.message"], "type"),
    (("initial_events",), [{}], "required"),
    (("initial_events",), [{"type": "assistant.message"}], "enum"),
    (("resources",), None, "type"),
    (("resources",), ["file_1"], "type"),
    (("vault_ids",), None, "type"),
    (("vault_ids",), [7], "type"),
    (("vault_ids",), ["vault_1"] * 51, "maxItems"),
    (("metadata",), None, "type"),
    (("metadata",), {"x" * 65: ""}, "maxLength"),
    (("metadata", "team"), "x" * 513, "maxLength"),
]
WRONG += [(kind, *row) for kind in ("create-request", "update-request") for row in WRONG_FIELDS]


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(("kind", "path", "value", "keyword"), WRONG)
def test_a_wrong_value_is_refused(
    revision: str, kind: str, path: tuple[Step, ...], value: object, keyword: str
) -> None:
    violation = refused(kind, revision, changed(example(revision, BASIS[kind][revision]), path, value))
    assert violation.keyword == keyword
    assert violation.path.startswith(json_path(path))
    assert violation.message.startswith("expected ")


@pytest.mark.parametrize(
    ("kind", "revision", "path", "value"),
    [
        ("deployment", NEW, ("environment_variables",), {}),
        ("deployment-run", OLD, ("status",), None),
        ("deployment-run", OLD, ("triggered_at",), ZONELESS),
        ("deployment-run", OLD, ("completed_at",), ZONELESS),
        ("deployment-run", OLD, ("duration_ms",), "23530"),
        ("deployment-run", OLD, ("cas_run_extras",), []),
        ("deployment-run", OLD, ("error",), {"type": "unknown_error"}),
        ("deployment-run", OLD, ("error",), {"message": "text"}),
        ("deployment-run", OLD, ("error",), {"type": 7, "message": "text"}),
        ("deployment-run", OLD, ("error",), {"type": "unknown_error", "message": 7}),
        ("create-request", OLD, ("metadata", "cas_config"), "text"),
        ("update-request", OLD, ("metadata", "cas_config"), "text"),
        ("update-request", OLD, ("description",), None),
        *((kind, NEW, ("environment_variables",), 7) for kind in ("create-request", "update-request")),
        ("create-request", NEW, ("description",), None),
        ("create-request", NEW, ("initial_events", 0, "content"), ["text"]),
        ("create-request", NEW, ("initial_events", 0, "content"), [{}]),
        ("create-request", NEW, ("initial_events", 0, "content"), [{"type": 7}]),
        ("create-request", OLD, ("initial_events", 0, "content"), []),
        ("create-request", NEW, ("initial_events", 0, "content"), "text"),
        ("create-request", NEW, ("agent",), {"id": "agent_1", "version": 1}),
        ("create-request", NEW, ("metadata", "cas_config"), {}),
    ],
)
def test_a_wrong_value_of_one_revision_is_refused(
    kind: str, revision: str, path: tuple[Step, ...], value: object
) -> None:
    refused(kind, revision, changed(example(revision, BASIS[kind][revision]), path, value))


@pytest.mark.parametrize("body", [None, True, 7, "text", [], [{}]])
@pytest.mark.parametrize(
    ("kind", "revision"), [(kind, each) for each in REVISIONS for kind in schema_kinds(each)]
)
def test_a_body_that_is_no_object_is_refused(kind: str, revision: str, body: object) -> None:
    assert refused(kind, revision, body).path == "$"


def test_only_the_new_run_always_has_the_key_of_its_session() -> None:
    assert violations("deployment-run", OLD, without(example(OLD, RUN[OLD]), ("session_id",))) == []
    violation = refused("deployment-run", NEW, without(example(NEW, RUN[NEW]), ("session_id",)))
    assert (violation.path, violation.keyword) == ("$", "required")


def test_a_request_id_is_judged_apart_from_the_envelope() -> None:
    plain = example(OLD, ERROR[OLD])
    assert violations("error", NEW, plain) == []
    assert refused("error-request-id", NEW, plain).keyword == "required"
    assert refused("error-request-id", NEW, {**plain, "request_id": ""}).keyword == "minLength"
    assert refused("error-request-id", NEW, {**plain, "request_id": None}).keyword == "type"
    assert violations("error-request-id", NEW, example(NEW, ERROR[NEW])) == []


@pytest.mark.parametrize(
    ("kind", "revision", "path"),
    [
        *(
            ("deployment", revision, (name,))
            for revision in REVISIONS
            for name in ("description", "resources")
        ),
        *(("deployment", revision, (name,)) for revision in REVISIONS for name in ("vault_ids", "metadata")),
        ("deployment", NEW, ("environment_variables",)),
        ("deployment-run", OLD, ("status",)),
        ("deployment-run", OLD, ("triggered_at",)),
        ("deployment-run", NEW, ("trigger_context", "scheduled_at")),
    ],
)
def test_what_only_the_samples_show_breaks_only_the_sample_schema(
    kind: str, revision: str, path: tuple[Step, ...]
) -> None:
    instance = without(example(revision, BASIS[kind][revision]), path)
    assert violations(kind, revision, instance) == []
    assert refused(SAMPLE_OF[kind], revision, instance).keyword == "required"


@pytest.mark.parametrize(
    ("kind", "revision", "path", "value"),
    [
        *(("deployment", revision, ("metadata", "team"), 7) for revision in REVISIONS),
        *(("deployment", revision, ("metadata", "cas_config"), 7) for revision in REVISIONS),
        *(("deployment", revision, ("schedule", "type"), "interval") for revision in REVISIONS),
        *(("deployment", revision, ("vault_ids",), [7]) for revision in REVISIONS),
        *(("deployment", revision, ("resources",), ["file_1"]) for revision in REVISIONS),
        ("deployment-run", OLD, ("trigger_context", "type"), "cron"),
        ("deployment-run", NEW, ("trigger_context", "scheduled_at"), ZONELESS),
        ("deployment-run", NEW, ("error",), {"type": "unknown_error"}),
        ("deployment-run", NEW, ("error",), {"message": "text"}),
        ("deployment-run", NEW, ("error",), {"type": 7, "message": "text"}),
        ("deployment-run", NEW, ("error",), {"type": "unknown_error", "message": 7}),
        ("deployment-run", OLD, ("status",), "cancelled"),
        ("deployment-run", NEW, ("trigger_context", "type"), "retry"),
    ],
)
def test_what_only_the_samples_rule_out_breaks_only_the_sample_schema(
    kind: str, revision: str, path: tuple[Step, ...], value: object
) -> None:
    instance = changed(example(revision, BASIS[kind][revision]), path, value)
    assert violations(kind, revision, instance) == []
    assert violations(SAMPLE_OF[kind], revision, instance)
    assert not second_opinion(SAMPLE_OF[kind], revision, instance)


# -- one step away: what is legal


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("created_at",), "2026-06-14T08:53:32.61669Z"),
        (("created_at",), "2026-06-14T08:53:32+00:00"),
        (("updated_at",), "2026-06-14t08:53:32.123456789z"),
        (("schedule",), None),
        (("schedule", "last_run_at"), None),
        (("schedule", "upcoming_runs_at"), []),
        (("paused_reason",), None),
        (("description",), None),
        (("metadata",), {}),
        (("agent", "version"), 1.0),
        (("initial_events", 0, "content"), {"any": "shape"}),
        (("id",), "no-prefix"),
        (("name",), "x" * 300),
    ],
)
def test_an_odd_value_is_legal(revision: str, path: tuple[Step, ...], value: object) -> None:
    instance = changed(example(revision, PAUSED[revision]), path, value)
    assert violations("deployment", revision, instance) == []
    assert violations("deployment-sample", revision, instance) == []
    assert second_opinion("deployment", revision, instance)


@pytest.mark.parametrize(
    ("kind", "revision", "path", "value"),
    [
        ("deployment", NEW, ("environment_variables",), None),
        ("deployment-run", OLD, ("duration_ms",), None),
        ("deployment-run", OLD, ("completed_at",), None),
        ("deployment-run", OLD, ("cas_run_extras",), None),
        *(("deployment-run", OLD, ("status",), each) for each in ("pending", "running", "failed", "skipped")),
    ],
)
def test_an_odd_value_of_one_revision_is_legal(
    kind: str, revision: str, path: tuple[Step, ...], value: object
) -> None:
    instance = changed(example(revision, BASIS[kind][revision]), path, value)
    assert violations(kind, revision, instance) == violations(SAMPLE_OF[kind], revision, instance) == []


@pytest.mark.parametrize(
    ("path", "count"),
    [(("name",), 256), (("metadata", "team"), 512)],
)
def test_lengths_count_code_points(path: tuple[Step, ...], count: int) -> None:
    body = example(NEW, "create-request.full-reconstructed")
    assert violations("create-request", NEW, changed(body, path, "\U0001f600" * count)) == []
    refused("create-request", NEW, changed(body, path, "\U0001f600" * (count + 1)))


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_body_at_its_limits_is_legal(revision: str) -> None:
    body = example(revision, "create-request.minimal-reconstructed")
    body |= {"initial_events": body["initial_events"] * 50, "vault_ids": ["vault_1"] * 50, "novel": 1}
    body["initial_events"][:2] = [{"type": "user.define_outcome"}, {"type": "system.message"}]
    body |= {"metadata": {f"{key:064}": "x" * 512 for key in range(16)}, "agent": "agent_1"}
    assert violations("create-request", revision, body) == []
    assert violations("update-request", revision, body) == []
    assert violations("update-request", revision, {}) == []


@pytest.mark.parametrize("value", ["", None])
def test_the_new_update_clears_by_null_and_by_empty_text(value: str | None) -> None:
    assert violations("update-request", NEW, {"description": value, "environment_variables": value}) == []


def test_cas_config_does_not_count_towards_the_limits_of_the_old_metadata() -> None:
    body = example(OLD, "create-request.full-reconstructed")
    body["metadata"] = {"cas_config": {}, **{str(key): "" for key in range(16)}}
    assert violations("create-request", OLD, body) == []
    body["metadata"]["one more"] = ""
    assert refused("create-request", OLD, body).keyword == "maxProperties"


# -- drift

CLOSED: dict[str, tuple[tuple[Step, ...], ...]] = {
    "deployment": ((), ("agent",), ("schedule",), ("paused_reason",)),
    "error": ((), ("error",)),
    "deployment-list": ((),),
    "deployment-run-list": ((),),
    "deployment-run": ((), ("agent",), ("trigger_context",)),
}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("kind", "place"), [(kind, place) for kind, places in CLOSED.items() for place in places]
)
def test_an_undocumented_field_is_legal_drift(revision: str, kind: str, place: tuple[Step, ...]) -> None:
    instance = changed(example(revision, BASIS[kind][revision]), (*place, "novel"), {"deep": [1]})
    assert violations(kind, revision, instance) == []
    assert drift(kind, revision, instance) == [json_path((*place, "novel"))]
    assert second_opinion(kind, revision, instance)
    assert not second_opinion(kind, revision, instance, closed=True)


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("deployment", ("budget",), {"type": "limit", "max_credit_cost": "1.5"}),
        ("deployment", ("workspace_id",), "ws_1"),
        ("deployment", ("paused_reason", "error"), {"type": "unknown_error", "message": "text"}),
        ("deployment", ("metadata", "anything"), "goes"),
        ("deployment", ("initial_events", 0, "anything"), "goes"),
        ("error", ("error", "code"), "conflict"),
        ("error", ("request_id",), "any"),
        ("deployment-run-list", ("next_page",), None),
    ],
)
def test_a_field_known_elsewhere_is_no_drift(
    revision: str, kind: str, path: tuple[Step, ...], value: object
) -> None:
    instance = changed(example(revision, BASIS[kind][revision]), path, value)
    assert violations(kind, revision, instance) == []
    assert drift(kind, revision, instance) == []


@pytest.mark.parametrize(
    ("kind", "revision", "path", "value"),
    [
        *(("deployment", revision, ("budget",), {"type": "limit"}) for revision in REVISIONS),
        *(
            ("deployment", revision, ("paused_reason", "error"), {"type": "unknown_error"})
            for revision in REVISIONS
        ),
        *(("deployment-run", revision, ("error",), {"type": "t", "message": "m"}) for revision in REVISIONS),
        *(
            ("deployment-run", revision, ("trigger_context", "scheduled_at"), ZONELESS)
            for revision in REVISIONS
        ),
        ("deployment-run", OLD, ("cas_run_extras",), {"attempt": 1}),
    ],
)
def test_an_object_seldom_seen_is_closed_too(
    kind: str, revision: str, path: tuple[Step, ...], value: dict[str, Any] | str
) -> None:
    instance = changed(example(revision, BASIS[kind][revision]), path, value)
    assert drift(kind, revision, instance) == []
    if isinstance(value, dict):
        novel = changed(instance, (*path, "novel"), 1)
        assert drift(kind, revision, novel) == [json_path((*path, "novel"))]


def test_a_field_of_the_other_revision_is_drift() -> None:
    assert drift("deployment", OLD, example(NEW, PAUSED[NEW])) == ["$.environment_variables"]
    assert set(drift("deployment-run", NEW, example(OLD, RUN[OLD]))) == {
        f"$.{name}" for name in ("status", "triggered_at", "completed_at", "duration_ms", "cas_run_extras")
    }


def test_drift_is_told_apart_from_broken_promises() -> None:
    instance = {"status": "archived", "agent": {"version": "1", "vendor": "x"}, "a b": 1}
    assert drift("deployment", OLD, instance) == ["$.agent.vendor", "$['a b']"]
    assert all(
        violation.keyword != "unevaluatedProperties" for violation in violations("deployment", OLD, instance)
    )


# -- hostile values


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


HOSTILE: dict[str, object] = {
    "deep": nested(100_000),
    "not a number": float("nan"),
    "infinite": float("inf"),
    "long number": 10**5000,
    "lone surrogate": "\ud800",
    "huge text": "x" * 10_000_000,
    "many keys": {str(key): key for key in range(100_000)},
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("path", [("agent",), ("created_at",), ("status",), ("schedule",)])
def test_a_hostile_value_is_a_short_printable_violation(path: tuple[Step, ...], value: object) -> None:
    instance = changed(example(OLD, PAUSED[OLD]), path, value)
    found = violations("deployment", OLD, instance)
    assert found
    for violation in found:
        assert len(violation.message.encode()) < 250
        assert violation.path in {"$", json_path(path)}
    drift("deployment", OLD, instance)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_value_where_anything_goes_is_legal(value: object) -> None:
    instance = changed(example(OLD, PAUSED[OLD]), ("metadata", "team"), value)
    assert violations("deployment", OLD, instance) == []
    assert drift("deployment", OLD, instance) == []


def test_a_hostile_field_name_is_drift_that_can_be_printed() -> None:
    (path,) = drift("deployment", OLD, changed(example(OLD, PAUSED[OLD]), ("\ud800 'quoted'",), 1))
    assert "quoted" in path.encode().decode()


def test_endless_violations_and_drift_are_cut() -> None:
    runs = [ZONELESS] * 100_000
    assert (
        len(
            violations(
                "deployment", OLD, changed(example(OLD, PAUSED[OLD]), ("schedule", "upcoming_runs_at"), runs)
            )
        )
        == 100
    )
    assert len(drift("deployment", OLD, HOSTILE["many keys"])) == 100


# -- the functions' own manners


@pytest.mark.parametrize("judge", [violations, drift])
def test_an_unknown_name_is_refused_with_the_allowed_ones(judge: Any) -> None:  # noqa: ANN401 (two functions)
    with pytest.raises(
        ValueError, match=r"unknown schema kind .*'deploymnt'; allowed: .*mean 'deployment'\?"
    ):
        judge("deploymnt", OLD, {})
    with pytest.raises(
        ValueError, match=r"unknown revision: '2026-6'; allowed: .*2026-06, 2026-07; did you mean"
    ):
        judge("deployment", "2026-6", {})
    with pytest.raises(ValueError, match=r"unknown schema kind of revision 2026-06: 'error-request-id'"):
        judge("error-request-id", OLD, {})


def test_the_schema_library_is_imported_by_the_first_validation_only() -> None:
    script = (
        "import sys, conformance.contract.schemas as s; s.parse_timestamp(''); s.schema_kinds('2026-07');"
        "assert not {'jsonschema', 'referencing'} & set(sys.modules);"
        "s.violations('error', '2026-07', {}); assert 'jsonschema' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_param_of_null_says_the_same_as_none(revision: str) -> None:
    error = {"type": "not_found_error", "message": "It was not found.", "param": None}
    document = {"type": "error", "error": error, "request_id": "cb80235f-76a2-4ff3-9e28-5aa2da12dc14"}
    assert list(violations("error", revision, document)) == []
