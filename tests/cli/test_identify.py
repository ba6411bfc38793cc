"""`conformance identify`: the vendor whose marks fit is named, and nobody where they do not tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from conformance.cli import main
from conformance.reference import (
    Document,
    ReferenceServer,
    ReferenceSettings,
    Request,
    Response,
    Service,
)
from conformance.vendors import load_profile, shipped
from conformance.vendors.identity import Sight, likenesses, nearest
from conformance.vendors.ids import IdForm
from tests.independent import IndependentServer
from tests.independent.service import AGENT, ENVIRONMENT, TOKENS
from tests.vendors.anthropic_server import WAYS, AnthropicShaped
from tests.vendors.serving import server_of

SIXTH = str(Path(__file__).parents[1] / "vendors" / "sixth.toml")
FIRST, _ = TOKENS
PROFILES = [load_profile(name) for name in shipped()]
Identify = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def identify(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Identify:
    def asked(base_url: str, token: str, *words: str) -> tuple[int, list[str]]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("CONFORMANCE_TOKEN", token)
        code = main(["identify", "--base-url", base_url, *words])
        lines = capsys.readouterr().out.strip().splitlines()
        assert list(tmp_path.iterdir()) == []
        return code, lines

    return asked


def create(profile: str, base_url: str, token: str, agent: str, environment: str) -> None:
    form = load_profile(profile)
    key = {form.credentials.header: form.credentials.value(token), **form.credentials.headers}
    event = {"type": "user.message", "content": [{"type": "text", "text": "go"}]}
    if form.deployments.events[0] == "message":
        event = {"type": "message", "role": "user", "content": event["content"]}
    body = {"name": "one", "agent": {"id": agent, "type": "agent"}, "environment_id": environment,
            "initial_events": [event], "schedule": {"type": "cron", "expression": "0 9 * * *", "timezone": "UTC"}}  # fmt: skip
    httpx.post(f"{base_url}/deployments", json=body, headers=key).raise_for_status()


@pytest.mark.parametrize(
    "profile", ["anthropic", "agentstudio", "bigmodel", SIXTH], ids=lambda name: Path(name).stem
)
def test_the_vendor_that_is_served_is_named(profile: str, identify: Identify) -> None:
    own = ("--profile", profile) if profile == SIXTH else ()
    with server_of(profile) as server:
        create(profile, server.base_url, server.tokens[0], server.agent_id, server.environment_id)
        code, lines = identify(server.base_url, server.tokens[0], *own)
    name = Path(profile).stem
    assert (code, lines[-1]) == (0, f"{name}: fits")
    assert lines[0].startswith(f"{name}: ")
    assert lines[0].endswith(" marks for it, 0 against")
    assert any(line.startswith("  differs  credentials") for line in lines)


@pytest.mark.parametrize("revision", ["2026-06", "2026-07"])
def test_who_differs_in_the_address_alone_is_named_beside(revision: str, identify: Identify) -> None:
    with ReferenceServer(settings=ReferenceSettings(revision=revision)) as server:
        server.seed(count=3)
        code, lines = identify(server.base_url, server.tokens[0])
    assert (code, lines[-1]) == (0, "qoder (or qoder-cn: nothing asked tells them apart): fits")
    assert "  fits     runs         GET /deployments/ID/runs answers 200" in lines


def test_a_clone_is_named_by_its_shape(identify: Identify) -> None:
    with IndependentServer(WAYS, AnthropicShaped) as server:
        create("anthropic", server.base_url, FIRST, AGENT, ENVIRONMENT)
        assert identify(server.base_url, FIRST)[1][-1] == "anthropic: fits"


class _Renamed(Service):
    """Lists look as nobody documents them."""

    def render_page(self, page: object) -> Document:
        whole = super().render_page(page)  # type: ignore[arg-type] # (what it is handed)
        return {"data": whole["data"], "has_more": whole["has_more"]}


def test_one_that_differs_somewhere_is_called_the_nearest(identify: Identify) -> None:
    with ReferenceServer(_Renamed) as server:
        server.seed(count=1)
        code, lines = identify(server.base_url, server.tokens[0])
    assert code == 3
    assert lines[-1].startswith("no profile fits; the nearest is qoder (or qoder-cn: ")
    assert "  differs  list         beside data: has_more" in lines


def test_an_empty_account_of_few_marks_names_nobody(identify: Identify) -> None:
    with server_of("bigmodel") as server:
        code, lines = identify(server.base_url, server.tokens[0])
    assert code == 3
    assert lines[-1].startswith("undecided: too few marks spoke; the likeliest is bigmodel. Hint: ")


def test_where_nothing_answers_nobody_is_named(identify: Identify) -> None:
    with ReferenceServer() as server:
        gone = server.base_url
    code, lines = identify(gone, "pt-any")
    assert (code, lines[-1][:46]) == (3, "undecided: no mark speaks for any profile. Hin")


def test_only_gets_are_sent_and_few(identify: Identify) -> None:
    seen: list[str] = []

    class Counting(Service):
        def handle(self, request: Request) -> Response:
            seen.append(request.method)
            return super().handle(request)

    with ReferenceServer(Counting) as server:
        server.seed(count=3)
        identify(server.base_url, server.tokens[0])
    assert set(seen) == {"GET"}
    assert len(seen) <= 6


def test_a_target_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["identify"]) == 2
    assert "needs --base-url" in capsys.readouterr().err


# --- marks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "fitting"),
    [
        ("api.anthropic.com", {"anthropic"}),
        ("ws-1.cn-beijing.maas.aliyuncs.com", {"agentstudio"}),
        ("api.qoder.com", {"qoder"}),
        ("api.qoder.com.cn", {"qoder-cn"}),
        ("evil-api.qoder.com", set()),
        ("gateway.example", set()),
    ],
)
def test_an_address_speaks_for_its_vendor_and_against_nobody(host: str, fitting: set[str]) -> None:
    found = likenesses(PROFILES, Sight(host=host))
    marks = {(one.profile.name, mark.fits) for one in found for mark in one.marks if mark.name == "address"}
    assert marks == {(name, True) for name in fitting}
    assert {one.profile.name for one in nearest(found)} == fitting


@pytest.mark.parametrize(
    "page", [{}, {"data": None}, {"data": [1, None, []]}, {"data": [{"id": 7, "schedule": []}]}]
)
def test_a_list_that_is_none_breaks_nothing(page: dict[str, object]) -> None:
    sight = Sight(host="", listed=page, refusals=[(404, {"error": "gone"}), (404, {})])
    assert len(likenesses(PROFILES, sight)) == len(PROFILES)


@pytest.mark.parametrize(
    "form", [form for profile in PROFILES for form in (profile.deployment_ids, profile.run_ids)]
)
def test_an_id_has_the_form_that_it_was_made_in(form: IdForm) -> None:
    made = form.unknown()
    assert form.fits(made)
    assert not form.fits(made + "0")
