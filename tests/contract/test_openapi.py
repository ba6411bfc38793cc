"""The OpenAPI files describe the twelve routes, in terms of the very schemas that judge a run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import jsonschema_rs
import pytest
import yaml

from conformance.contract.catalogue import REVISIONS
from conformance.contract.schemas import store

SCHEMAS = Path(__file__).parents[2] / "schemas"
EXAMPLES = Path(__file__).parent / "examples"
OLD, NEW = REVISIONS
FILE_OF = {
    "CreateRequest": "create-request.json",
    "UpdateRequest": "update-request.json",
    "Deployment": "deployment.json",
    "DeploymentRun": "deployment-run.json",
}
# Each route with the answer it documents on success and the errors on its own page; the create page's errors
# were not seen.
ROUTES = {
    ("post", "/deployments"): ("Deployment", {"400", "401"}),
    ("get", "/deployments"): ("DeploymentList", {"401"}),
    ("get", "/deployments/{id}"): ("Deployment", {"401", "404"}),
    ("post", "/deployments/{id}"): ("Deployment", {"400", "401", "404"}),
    ("post", "/deployments/{id}/pause"): ("Deployment", {"401", "404", "409"}),
    ("post", "/deployments/{id}/unpause"): ("Deployment", {"401", "404", "409"}),
    ("post", "/deployments/{id}/archive"): ("Deployment", {"401", "404", "409"}),
    ("post", "/deployments/{id}/run"): ("DeploymentRun", {"401", "404", "409"}),
    ("get", "/deployments/{id}/runs"): ("DeploymentRunList", {"401", "404"}),
    ("get", "/deployments/{id}/runs/{run_id}"): ("DeploymentRun", {"401", "404"}),
    ("get", "/deployment_runs"): ("DeploymentRunList", {"401"}),
    ("get", "/deployment_runs/{run_id}"): ("DeploymentRun", {"401", "404"}),
}
ON_EVERY_ROUTE = {"400", "401", "403", "500"}
TYPE_OF = {
    "400": "invalid_request_error",
    "401": "authentication_error",
    "403": "permission_error",
    "404": "not_found_error",
    "409": "conflict_error",
    "500": "api_error",
}
PAGING = {"limit", "after_id", "before_id"}
QUERIES = {
    OLD: {
        "/deployments": PAGING | {"status", "include_archived", "agent_id"},
        "/deployments/{id}/runs": PAGING | {"status", "triggered_after", "triggered_before"},
        "/deployment_runs": PAGING | {"status", "deployment_id", "trigger_type", "has_error"},
    },
    NEW: {
        "/deployments": PAGING
        | {"page", "status", "include_archived", "agent_id", "created_at[gte]", "created_at[lte]"},
        "/deployments/{id}/runs": PAGING | {"page", "created_at[gt]", "created_at[gte]"},
        "/deployment_runs": PAGING
        | {"page", "deployment_id", "trigger_type", "has_error", "created_at[gt]", "created_at[gte]"},
    },
}


@cache
def openapi(revision: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(
        (SCHEMAS / "qoder" / revision / "openapi.yaml").read_text("utf-8")
    )
    return document


def resolved(revision: str, node: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference inside the file points to; anything else as it is."""
    while node.get("$ref", "").startswith("#/"):
        target: Any = openapi(revision)
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def operations(revision: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in openapi(revision)["paths"].items():
        for method in item.keys() - {"parameters"}:
            yield method, path, item[method]


def parameters(revision: str, method: str, path: str) -> dict[str, dict[str, Any]]:
    item = openapi(revision)["paths"][path]
    references = item.get("parameters", []) + item[method].get("parameters", [])
    found = [resolved(revision, reference) for reference in references]
    return {parameter["name"]: parameter for parameter in found}


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        node = list(node.values())
    for each in node if isinstance(node, list) else []:
        yield from references(each)


def validator(revision: str, schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """Return an independent validator of a schema in the file, which reads the files beside it."""
    here = f"{store.BASE}qoder/{revision}/openapi.json"
    files = {store.BASE + name: dict(document) for name, document in store.documents().items()}
    registry = jsonschema_rs.Registry([*files.items(), (here, openapi(revision))])
    return jsonschema_rs.Draft202012Validator(
        _rebased(schema, here), registry=registry, validate_formats=True
    )


def _rebased(node: Any, here: str) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(node, dict):
        return {
            key: urljoin(here, value) if key == "$ref" else _rebased(value, here)
            for key, value in node.items()
        }
    return [_rebased(each, here) for each in node] if isinstance(node, list) else node


def example(revision: str, kind: str) -> Any:  # noqa: ANN401 (JSON)
    return json.loads(min((EXAMPLES / revision).glob(f"{kind}.*.json")).read_text("utf-8"))


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_twelve_routes_are_there_and_no_other(revision: str) -> None:
    document = openapi(revision)
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == revision
    found = list(operations(revision))
    assert {(method, path) for method, path, _ in found} == set(ROUTES)
    assert len({operation["operationId"] for _, _, operation in found}) == len(ROUTES)
    assert document["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_reference_resolves_to_a_part_of_the_file_or_to_a_judging_schema(revision: str) -> None:
    for reference in references(openapi(revision)):
        if reference.startswith("#/"):
            assert resolved(revision, {"$ref": reference})
        else:
            assert f"qoder/{revision}/{reference}" in store.documents()


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_component_is_used(revision: str) -> None:
    document = openapi(revision)
    defined = {
        f"#/components/{section}/{name}"
        for section in ("parameters", "responses", "schemas")
        for name in document["components"][section]
    }
    assert defined == {reference for reference in references(document) if reference.startswith("#/")}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(("component", "file"), FILE_OF.items())
def test_bodies_are_the_judging_schemas(revision: str, component: str, file: str) -> None:
    assert openapi(revision)["components"]["schemas"][component] == {"$ref": file}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_each_route_has_its_answers(revision: str, method: str, path: str) -> None:
    component, documented = ROUTES[method, path]
    responses = openapi(revision)["paths"][path][method]["responses"]
    successes = {status for status in responses if status.startswith("2")}
    assert successes == ({"200", "201"} if (method, path) == ("post", "/deployments") else {"200"})
    for status in successes:
        body = responses[status]["content"]["application/json"]["schema"]
        assert body == {"$ref": f"#/components/schemas/{component}"}
    errors = responses.keys() - successes
    assert errors - {"404", "409"} == ON_EVERY_ROUTE
    assert documented <= errors
    assert ("404" in errors) == ("{" in path)
    assert ("409" in errors) == (method == "post")


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_each_route_has_its_parameters(revision: str, method: str, path: str) -> None:
    found = parameters(revision, method, path)
    places = {name: parameter["in"] for name, parameter in found.items()}
    expected = {step[1:-1]: "path" for step in path.split("/") if step.startswith("{")}
    if method == "get":
        expected |= dict.fromkeys(QUERIES[revision].get(path, set()), "query")
    else:
        expected["Idempotency-Key"] = "header"
    if revision == NEW:
        expected["x-request-id"] = "header"
    assert places == expected
    assert {name for name, parameter in found.items() if parameter["required"]} == {
        name for name, place in expected.items() if place == "path"
    }


def test_the_page_size_of_each_revision() -> None:
    sizes = {
        revision: openapi(revision)["components"]["parameters"]["Limit"]["schema"] for revision in REVISIONS
    }
    common = {"type": "integer", "minimum": 1, "default": 20}
    assert sizes == {OLD: {**common, "maximum": 1000}, NEW: {**common, "maximum": 100}}


@pytest.mark.parametrize("revision", REVISIONS)
def test_only_create_and_update_need_a_body(revision: str) -> None:
    bodies = {
        (method, path): operation["requestBody"]["required"]
        for method, path, operation in operations(revision)
        if "requestBody" in operation
    }
    assert bodies == {
        ("post", "/deployments"): True,
        ("post", "/deployments/{id}"): True,
        ("post", "/deployments/{id}/run"): False,
    }


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(("status", "error_type"), TYPE_OF.items())
def test_each_error_status_has_its_type(revision: str, status: str, error_type: str) -> None:
    shared = {
        json.dumps(operation["responses"][status])
        for _, _, operation in operations(revision)
        if status in operation["responses"]
    }
    assert len(shared) == 1
    response = resolved(revision, json.loads(shared.pop()))
    judge = validator(revision, response["content"]["application/json"]["schema"])
    body = {"type": "error", "error": {"type": error_type, "message": "text"}, "request_id": "id"}
    assert judge.is_valid(body)
    assert not judge.is_valid({**body, "error": {"type": "another_error", "message": "text"}})
    assert not judge.is_valid({**body, "type": "oops"})
    del body["request_id"]
    assert judge.is_valid(body) is (revision == OLD)


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize(
    ("component", "kind"), [("DeploymentList", "deployment"), ("DeploymentRunList", "deployment-run")]
)
def test_a_list_holds_envelope_and_elements(revision: str, component: str, kind: str) -> None:
    judge = validator(revision, openapi(revision)["components"]["schemas"][component])
    page = {
        "data": [example(revision, kind)],
        "first_id": "a",
        "last_id": "a",
        "has_more": False,
        "next_page": None,
    }
    assert judge.is_valid(page)
    assert not judge.is_valid({**page, "has_more": None})
    assert not judge.is_valid({**page, "data": [{**example(revision, kind), "type": "agent"}]})


LOAD = """
import sys
import schemathesis
operations = [found.ok() for found in schemathesis.openapi.from_path(sys.argv[1]).get_all_operations()]
for operation in operations:
    operation.as_strategy()
print(*sorted(f"{operation.method} {operation.path}" for operation in operations), sep="\\n")
"""


@pytest.mark.parametrize("revision", REVISIONS)
def test_schemathesis_reads_the_file(revision: str) -> None:
    # In a process of its own: importing schemathesis changes how Hypothesis prints failures here.
    file = SCHEMAS / "qoder" / revision / "openapi.yaml"
    run = subprocess.run([sys.executable, "-c", LOAD, str(file)], check=True, capture_output=True, text=True)
    assert run.stdout.splitlines() == sorted(f"{method} {path}" for method, path in ROUTES)
