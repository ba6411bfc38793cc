"""Whether an answer repeats a credential is found when it arrives, in whatever form it stands there."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from conformance.client.credential_echo import echoed
from conformance.client.credentials import Auth, Forged
from conformance.client.wire.answer import Answer
from tests.client.factory import SECOND, TOKEN, api_of, target_at
from tests.client.rawserver import RawServer, answering, http

FORMS = {
    "as it is": TOKEN,
    "behind its scheme": f"Bearer {TOKEN} is unknown",
    "without its end": TOKEN[:-4],
    "without its beginning": TOKEN[4:],
    "percent-encoded": quote_plus(TOKEN),
    "in JSON": json.dumps({"error": {"message": TOKEN}}),
    "in HTML": html.escape(TOKEN),
    "in hex": TOKEN.encode().hex(),
    "in base64": base64.b64encode(TOKEN.encode()).decode(),
    "in base64 behind its scheme": base64.b64encode(f"Bearer {TOKEN}".encode()).decode(),
    "in base64 as a password": base64.b64encode(f"x:{TOKEN}".encode()).decode(),
}


def answer(body: str = "", status: int = 401, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body.encode())


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_repeated_credential_is_found(form: str) -> None:
    assert echoed([SECOND, TOKEN], answer(f"no: {form}!")) == "the body"
    assert echoed([SECOND, TOKEN], answer("no", x_debug=form)) == "the header x-debug"


@pytest.mark.parametrize(
    "said", ["", "Invalid API key or token.", TOKEN[:3], TOKEN[:12], TOKEN[-4:], SECOND[:9]]
)
def test_a_few_characters_of_it_are_none(said: str) -> None:
    assert echoed([TOKEN], answer(f"no: {said}…", x_debug=said)) == ""


@pytest.mark.parametrize("short", ["", "dev", "deployment"])
def test_a_credential_like_a_word_is_not_looked_for(short: str) -> None:
    assert echoed([short], answer(f"the deployment {short} is for dev")) == ""


def test_what_an_owner_wrote_is_none_of_the_targets_doing() -> None:
    owned = {"id": "dep_1", "environment_variables": f"KEY={TOKEN}", "metadata": {"token": TOKEN}}
    assert echoed([TOKEN], answer(json.dumps({"data": [owned]}), 200)) == ""
    assert echoed([TOKEN], answer(json.dumps({"data": [owned | {"caller": TOKEN}]}), 200)) == "the body"
    assert echoed([TOKEN], answer(json.dumps({"message": owned}), 400)) == "the body"


def test_an_exchange_tells_where_its_credential_stands(tmp_path: Path) -> None:
    made_up = "pt-made-up-0123456789"
    everything = f"{TOKEN} {made_up}".encode()
    with (
        RawServer(answering(http("401 No", everything))) as server,
        target_at(server.url, tmp_path) as target,
    ):
        api = api_of(target)
        backwards = Forged(lambda token: token[::-1], "the token written backwards")
        assert api.list(authorization=backwards).echo == "the body"
    with (
        RawServer(answering(http("401 No", made_up.encode()))) as server,
        target_at(server.url, tmp_path) as target,
    ):
        api = api_of(target)
        assert api.list(authorization=f"Bearer {made_up}").echo == "the body"
        assert api.list(authorization=Auth.NONE).echo == ""
        assert [
            one.echo
            for one in api.volley([api.request("GET", "/deployments", authorization=f"Bearer {made_up}")])
        ] == ["the body"]
