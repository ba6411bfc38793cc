"""The reference server speaks each profile: judged by it, it keeps all that binds, an invented vendor's as well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import Level
from conformance.reference import ReferenceServer
from conformance.vendors import load_profile
from tests.door import Door, environment
from tests.judge import Run, judge_server
from tests.vendors.serving import server_of

SIXTH = str(Path(__file__).parent / "sixth.toml")
PROFILES = ("anthropic", "agentstudio", "bigmodel", SIXTH)
TIERS = ("core", "billable")
FEW = "errors.request-id-*,errors.type-*,pause.second-*,archive.renames,archive.second-*,list.page-*"
FIRST = ("deployments", "agents")


def judged(profile: str, *more: str) -> Run:
    with server_of(profile) as server:
        return judge_server(server, "--profile", profile, "--seed", "1", *more)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: Path(profile).stem)
def test_it_keeps_all_that_binds_and_all_of_it_is_judged(profile: str) -> None:
    run = judged(profile, "--tier", ",".join(TIERS))
    assert run.broken() | run.with_verdict("not-judged") == set(), run.output
    assert run.exit_code == 0, run.output
    bound = {
        row.id
        for row in load_catalogue(profile)
        if not row.unbound and row.level is not Level.OBSERVE and row.tier in TIERS
    }
    assert bound == run.with_verdict("pass"), run.output


def test_a_profile_on_top_of_the_default_is_spoken_too() -> None:
    run = judged("qoder-cn", "--only", FEW)
    assert (run.exit_code, run.broken()) == (0, set()), run.output
    assert len(run.with_verdict("pass")) >= 6


# --- what a profile says, request by request ---------------------------------------------------------------


@pytest.fixture(scope="module")
def sixth() -> Iterator[ReferenceServer]:
    with server_of(SIXTH) as server:
        yield server


@pytest.fixture(scope="module")
def api(sixth: ReferenceServer) -> Iterator[httpx.Client]:
    headers = {"x-sixth-key": f"Token {sixth.tokens[0]}", "sixth-version": "9"}
    with httpx.Client(base_url=sixth.base_url, headers=headers) as client:
        yield client


@pytest.fixture
def made(sixth: ReferenceServer, api: httpx.Client) -> dict[str, Any]:
    answer = api.post(
        "/deployments",
        json={
            "name": "one of many",
            "agent": {"id": sixth.agent_id},
            "initial_events": [
                {"type": "message", "role": "user", "content": [{"type": "text", "text": "go"}]}
            ],
            "schedule": {"type": "cron", "expression": "0 9 * * *", "timezone": "UTC"},
        },
    )
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_ids_and_fields_are_the_vendors(made: Mapping[str, Any]) -> None:
    form = load_profile(SIXTH).deployments
    assert re.fullmatch(r"sxd-[0-9A-Za-z]{12}", made["id"])
    assert made.keys() == form.fields.keys()
    assert made["schedule"].keys() == set(form.fields["schedule"])
    assert made["schedule"]["next_run_at"].endswith("T09:00:00Z")
    assert (made["environment_id"], made["description"], made["agent"].keys()) == (
        None,
        None,
        {"id", "version"},
    )


def test_what_is_paused_shows_no_next_run(api: httpx.Client, made: Mapping[str, Any]) -> None:
    assert api.post(f"/deployments/{made['id']}/pause").json()["schedule"]["next_run_at"] is None


def test_situations_are_answered_as_the_profile_says(api: httpx.Client, made: Mapping[str, Any]) -> None:
    def answered(action: str) -> tuple[int, str]:
        answer = api.post(f"/deployments/{made['id']}/{action}")
        return answer.status_code, (answer.json().get("error") or {}).get("code", "")

    assert answered("unpause") == (409, "not_now")
    assert answered("pause") == (200, "")
    assert answered("pause") == (409, "not_now")
    assert answered("run") == (200, "")
    archived = api.post(f"/deployments/{made['id']}/archive").json()
    assert (archived["name"], archived["status"]) == ("one of many", "paused")
    assert answered("archive") == (200, "")
    assert answered("run") == (409, "not_now")
    assert answered("pause") == (400, "bad_input")
    assert api.get(f"/deployments/{made['id']}").json() == archived


def test_runs_have_the_routes_and_ids_of_the_vendor(api: httpx.Client, made: Mapping[str, Any]) -> None:
    run = api.post(f"/deployments/{made['id']}/run").json()
    assert re.fullmatch(r"sxr-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", run["id"])
    assert api.get(f"/history/{run['id']}").json() == run
    assert api.get(f"/deployments/{made['id']}/history").json()["data"] == [run]
    assert [
        api.get(path).status_code for path in ("/deployment_runs", f"/deployments/{made['id']}/runs")
    ] == [404, 404]
    assert "last_run_at" not in api.get(f"/deployments/{made['id']}").json()["schedule"]


def test_a_list_has_the_envelope_of_the_vendor(api: httpx.Client, made: Mapping[str, Any]) -> None:
    assert made
    page = api.get("/deployments", params={"limit": 1}).json()
    assert page.keys() == {"data", "has_more", "next_page"}
    assert api.get("/deployments", params={"limit": 101}).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"x-sixth-key": ""}, 401, "who_are_you"),
        ({"x-sixth-key": "Bearer {token}"}, 401, "who_are_you"),
        ({"x-sixth-key": "{token}"}, 401, "who_are_you"),
        ({"sixth-version": "8"}, 400, "bad_input"),
        ({"sixth-version": "8, 9"}, 404, "nothing_here"),
    ],
)
def test_headers_and_errors_are_the_vendors(
    sixth: ReferenceServer, api: httpx.Client, headers: Mapping[str, str], status: int, code: str
) -> None:
    sent = {name: value.format(token=sixth.tokens[0]) for name, value in headers.items()}
    answer = api.get("/deployments/sxd-nothing", headers=sent)
    document = answer.json()
    assert (answer.status_code, document["error"]["code"]) == (status, code)
    assert document["request_id"] == answer.headers["x-sixth-request"]


def test_a_text_is_no_content_where_blocks_alone_are_documented() -> None:
    with server_of("anthropic") as server:
        body = {
            "name": "text", "agent": server.agent_id, "environment_id": server.environment_id,
            "initial_events": [{"type": "user.message", "content": "go"}],
        }  # fmt: skip
        headers = {"x-api-key": server.tokens[0], **load_profile("anthropic").credentials.headers}
        answer = httpx.post(f"{server.base_url}/deployments", json=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


# --- the command -------------------------------------------------------------------------------------------


def test_the_command_says_how_to_judge_it(door: Door) -> None:
    process = door.start("conformance", "serve", "--port", "0", "--profile", "anthropic")
    try:
        assert process.stdout is not None
        said = "".join(iter(process.stdout.readline, "Ctrl-C stops it.\n"))
    finally:
        process.terminate()
        process.wait(timeout=60)
    url = re.search(r"serving the profile anthropic at (http://\S+/v1);", said)
    assert url, said
    assert f"conformance run --base-url {url[1]} --profile anthropic --second-token-env" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--profile", "antropic"], "Did you mean anthropic?"),
        (["--profile", "anthropic", "--revision", "2026-07"], "leave it out with --profile"),
        (["--profile", "./nothing.toml"], "cannot be read"),
    ],
)
def test_a_wrong_profile_is_told(words: list[str], said: str, door: Door) -> None:
    opened = door.open("conformance", "serve", "--port", "0", *words, environment=environment())
    assert opened.code == 2
    assert said in opened.errors
