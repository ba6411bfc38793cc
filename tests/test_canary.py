"""A marked secret is planted wherever one can come from, and looked for in everything that comes out."""

from __future__ import annotations

import base64
import contextlib
import html
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from conformance.reference import Account, ReferenceServer, ReferenceSettings, Request, Response, Service
from tests.client.rawserver import RawServer
from tests.door import HANGS, environment, read
from tests.spellings import SPELLINGS, runs, tells

MARKS = ("Kanari", "canary-0001", "Zweite", "canary-0002", "Mandator", "canary-0003")
OWN = "pt-Kanari+/=\"'\\<>&$`!%~{}[]|canary-0001"
SECOND = "pt-Zweite+/=\"'\\<>&$`!%~{}[]|canary-0002"
PROXY = "Mandator-canary-0003"
"""The password of a proxy, which stands in a variable that HTTP clients obey."""
PLAIN = "pt-7Kq9_Zx2v-Rm4WtB8nYs1Lc"
"""A token whose spellings are looked for in all of them."""
OWN_NAME = PLAIN.lower().replace("_", "-")
NEVER_REDACTS = """
from conformance.redaction.redactor import Redactor
Redactor.text = lambda self, text: text
Redactor.headers = lambda self, headers: dict(headers)
"""


def spellings(secret: str) -> list[str]:
    """The forms in which a careless server may tell a secret."""
    units = secret.encode("utf-16-be").hex()
    escaped = "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))
    coded = [base64.b64encode(b"x" * pad + secret.encode()).decode() for pad in range(3)]
    return [
        secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote(secret), quote_plus(secret),
        quote(secret, safe="").lower(), html.escape(secret), secret.encode().hex(), escaped, *coded,
        *(part.replace("+", "-").replace("/", "_") for part in coded),
    ]  # fmt: skip


def parts(secret: str) -> list[str]:
    """What must be found nowhere: the forms, and of base64 what its alignment leaves certain."""
    return [form[4:-4] if form.endswith("=") or len(form) % 4 == 0 else form for form in spellings(secret)]


def told(request: Request) -> str:
    """What a careless server gives away of the credentials that it was sent."""
    return request.headers.get("authorization", "") + request.headers.get("x-api-key", "")


class Careless(Service):
    """Tells the credentials in each answer: in headers, errors, names and descriptions, in every spelling."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        document, secret = response.document, told(request)
        if isinstance(document, dict):
            document = {**document, secret or "none": 1, "description": f"for {secret}"}
            if "error" in document:
                words = [word for part in secret.split() for word in spellings(part)]
                told_of = {"type": secret or "none", "message": f"bad {secret}: {' '.join(words)}"}
                document["error"] = {**document["error"], **told_of}
        headers = {**response.headers, "x-echo": quote(secret), "x-coded": secret.encode().hex()}
        return replace(response, document=document, headers=headers)


class Suite:
    """Runs a door with the canaries in its environment; keeps all that comes out."""

    def __init__(self, cwd: Path) -> None:
        self.cwd = cwd
        self.arguments: list[str] = []
        proxy = f"http://user:{PROXY}@127.0.0.1:9"
        self.environment = environment(
            CONFORMANCE_TOKEN=OWN, SECOND=SECOND, HTTPS_PROXY=proxy, NO_PROXY="127.0.0.1"
        )

    def open(self, *words: str) -> dict[str, str]:
        """Return everything that came out, by where."""
        process = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=self.cwd, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
        )  # fmt: skip
        with _watched(self.arguments):
            output, errors = process.communicate(timeout=HANGS)
        files = [path for path in self.cwd.rglob("*") if path.is_file() and path.name != "sitecustomize.py"]
        return {
            **{str(path.relative_to(self.cwd)): read(path) for path in files},
            "output": output,
            "errors": errors,
            "arguments": "\n".join(self.arguments),
        }


@contextlib.contextmanager
def _watched(seen: list[str]) -> Iterator[None]:
    """Collect the command lines of all processes while the suite runs: anybody on the machine can."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    seen.append(path.read_text(errors="replace"))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


@pytest.fixture(scope="module")
def careless() -> Iterator[str]:
    accounts = (Account("one", OWN), Account("two", SECOND))
    with ReferenceServer(Careless, ReferenceSettings(accounts=accounts)) as server:
        yield server.base_url


def found(told: dict[str, str]) -> set[str]:
    """Where any canary was found, in any spelling."""
    known = [form for secret in (OWN, SECOND, PROXY) for form in parts(secret)] + list(MARKS)
    return {where for where, text in told.items() if any(form in text for form in known)}


RUN = (
    "conformance",
    "run",
    "--second-token-env",
    "SECOND",
    "--strict",
    "--examples",
    "5",
    "--max-seconds",
    "150",
    "--har",
    "run.har",
    "--base-url",
)
MANY = (
    "auth.*,tenancy.*,get.has-the-shape-of-create,transport.routes-under-base,archive.sets-archived-at,list.envelope,"
    "create.stores-what-was-sent,pause.second-is-conflict,update.returns-full-object,model.lifecycle,race.pauses,"
    "property.credentials,property.openapi"
)
"""Of every area, and of each kind of search: what a run says comes from the same few places."""
FEW = "auth.missing-is-401,create.stores-what-was-sent,pause.second-is-conflict,property.credentials,model.lifecycle"
"""None that needs every exchange of a run: each answer tells the token many times, and masking costs time."""
PYTEST = (
    "pytest", "--pyargs", "conformance.suite", "-p", "no:cacheprovider", "--log-level=DEBUG", "--log-file=debug.log",
    "--log-cli-level=DEBUG", "-vv", "--showlocals", "--conformance-second-token-env=SECOND",
    "--conformance-examples=5", f"--conformance-only={FEW}", "--conformance-base-url",
)  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [(*RUN[:2], "--only", MANY, *RUN[2:]), PYTEST, (*RUN[:2], "-n", "2", "--only", FEW, *RUN[2:])],
    ids=["run", "pytest, debugging", "run -n 2"],
)
def test_no_canary_gets_out(suite: Suite, careless: str, words: tuple[str, ...]) -> None:
    out = suite.open(*words, careless)
    assert "[redacted:" in out["output"]
    assert {"reports/junit.xml", "reports/result.json", "reports/ledger.jsonl"} <= set(out)
    assert found(out) == set()


def test_without_redaction_they_would(suite: Suite, careless: str) -> None:
    (suite.cwd / "sitecustomize.py").write_text(NEVER_REDACTS)
    suite.environment["PYTHONPATH"] = str(suite.cwd)
    out = suite.open(*RUN[:2], "--only", FEW, *RUN[2:], careless)
    assert {"output", "reports/junit.xml", "reports/result.json"} <= found(out)


class Telltale(Service):
    """Tells the credentials in two dozen places of its answers, each time in another spelling."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 (passed on)
        super().__init__(*given, **named)
        self._spellings = itertools.cycle(SPELLINGS.values())

    def handle(self, request: Request) -> Response:
        response, secret = super().handle(request), told(request).rpartition(" ")[2]
        if not secret or not isinstance(response.document, dict):
            return response

        def tell() -> str:
            return next(self._spellings)(secret)

        header = [text for text in (tell(), tell(), tell()) if text.isascii() and text.isprintable()] or [
            secret
        ]
        document = {
            **response.document, tell(): tell(), "request_id": tell(), "description": f"for {tell()}",
            "metadata": {tell(): tell()}, "agent": {"id": tell(), "version": tell()}, "environment_id": tell(),
            "vault_ids": [tell()], "initial_events": [{"text": tell()}], "schedule": {"timezone": tell()},
            "paused_reason": {"type": tell()}, "next_page": tell(), "last_id": tell(), "status": tell(),
        }  # fmt: skip
        if "error" in response.document:
            document["error"] = {"type": tell(), "message": f"bad {tell()}: {tell()}", "param": tell()}
        headers = {
            "x-echo": header[0],
            "location": f"/{header[-1]}",
            "x-request-id": header[0],
            f"x-{OWN_NAME}": "1",
        }
        return replace(response, document=document, headers={**response.headers, **headers})


@pytest.fixture(scope="module")
def telltale() -> Iterator[str]:
    accounts = (Account("one", PLAIN), Account("two", PLAIN[::-1]))
    with ReferenceServer(Telltale, ReferenceSettings(accounts=accounts)) as server:
        yield server.base_url


@pytest.mark.parametrize(
    "words",
    [
        (*RUN[:2], "--only", FEW, *RUN[2:]),
        PYTEST,
        ("conformance", "doctor", "--base-url"),
    ],
    ids=["run", "pytest", "doctor"],
)  # fmt: skip
def test_no_spelling_of_a_token_gets_out_of_any_place(
    suite: Suite, telltale: str, words: tuple[str, ...]
) -> None:
    suite.environment |= {"CONFORMANCE_TOKEN": PLAIN, "SECOND": PLAIN[::-1]}
    out = suite.open(*words, telltale)
    known = runs(PLAIN)
    assert {where for where, text in out.items() if tells(text, known)} == set()
    assert {"output"} <= {where for where, text in out.items() if "[redacted" in text} or words[1] == "doctor"


def _broken_head(secret: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + secret + b"\r\n\r\n{}"


def _broken_coding(secret: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: " + secret + b"\r\nContent-Length: 2\r\n\r\n{}"


def _broken_chunk(secret: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + secret + b"\r\n"


@pytest.mark.parametrize("answer", [_broken_head, _broken_coding, _broken_chunk])
def test_no_canary_gets_out_of_an_exception(suite: Suite, answer: Callable[[bytes], bytes]) -> None:
    with RawServer(lambda connection, _: connection.sendall(answer(OWN.encode()))) as server:
        out = suite.open(*RUN, server.url)
    assert found(out) == set()
    assert "broken answer" in out["output"]


def test_no_canary_gets_out_of_a_url(suite: Suite, careless: str) -> None:
    out = suite.open(*RUN, careless.replace("://", f"://user:{quote(OWN, safe='')}@"))
    assert "credentials before the @" in out["errors"]
    assert found({**out, "arguments": ""}) == set()
