"""Which secrets a process knows, and which tokens it takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conformance.cli.printing import put, say
from conformance.client.ownership.ledger import Ledger
from conformance.client.ownership.orphans import left_since
from conformance.config.options import SettingsError
from conformance.config.resolution import resolve
from conformance.contract.catalogue import load_catalogue
from conformance.contract.schemas.store import documents
from conformance.redaction.known_secrets import (
    environment_secrets,
    proxy_secrets,
    redactor_of,
    shown,
    why_unmaskable,
)
from conformance.redaction.logs import PROGRESS, masked_logs
from conformance.redaction.redactor import Redactor, fingerprint
from conformance.redaction.vocabulary import RESERVED
from tests.client.factory import TOKEN


def words(schema: Any, key: str = "") -> Iterator[str]:  # noqa: ANN401 (JSON)
    """Yield the names and values that a schema prescribes."""
    if isinstance(schema, dict):
        if key in {"properties", "required"}:
            yield from schema
        for name, part in schema.items():
            yield from words(part, name)
    elif isinstance(schema, list):
        for part in schema:
            yield from words(part, key)
    elif key in {"const", "enum", "required"} and isinstance(schema, str):
        yield schema


def test_no_token_may_be_a_word_of_the_schemas() -> None:
    known = {word.lower() for schema in documents().values() for word in words(schema)}
    assert {word for word in known if not why_unmaskable(word)} == set()
    assert {"active", "deployment", "has_more"} <= RESERVED


@pytest.mark.parametrize(
    "token", ["t", "ab", "-", '{"}', "\\" * 16, "$$$$$$$$", "123", "1234567", "name", "ACTIVE", "true", "json", "Bearer"]
)  # fmt: skip
def test_a_token_that_reports_cannot_do_without_is_refused(token: str, tmp_path: Path) -> None:
    given = {"base_url": "https://x.example/v1"}
    with pytest.raises(SettingsError, match=rf"\({len(token)} characters\).*masked.*Allowed.*Hint") as caught:
        resolve(given, {"CONFORMANCE_TOKEN": token}, load_catalogue(), tmp_path)
    assert f"'{token}'" not in str(caught.value)


@pytest.mark.parametrize("token", ["dev", "test", "t0ken", "dep", "secret", "pt-x1", "12345678", "a" * 8])
def test_the_usual_tokens_of_local_servers_are_taken(token: str, tmp_path: Path) -> None:
    given = {"base_url": "https://x.example/v1"}
    assert resolve(given, {"CONFORMANCE_TOKEN": token}, load_catalogue(), tmp_path).token == token


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        (
            "http://user:pass%2Fword@proxy:1",
            {"user:pass%2Fword", "user:pass/word", "pass%2Fword", "pass/word"},
        ),
        ("http://user:long/cut@proxy:1", {"user:long/cut", "long/cut", "long", "cut"}),
        ("http://only-a-token@proxy", {"only-a-token"}),
        ("user:password@proxy", {"user:password", "password"}),
        ("http://proxy:3128", set()),
    ],
)
def test_the_credentials_of_a_proxy_are_secrets(url: str, secrets: set[str]) -> None:
    assert set(proxy_secrets({"https": url})) == secrets


def test_a_run_masks_what_its_proxies_were_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:Over-the-wall-9@proxy:1")
    shown = redactor_of((TOKEN,)).text("Basic dXNlcjpPdmVyLXRoZS13YWxsLTk=, Over-the-wall-9")
    assert "Over" not in shown
    assert "LXRoZS13YWxs" not in shown


def test_the_environment_is_asked_for_what_it_calls_secret() -> None:
    environment = {
        "CONFORMANCE_TOKEN": "dev", "STAGING": "staging-value", "GITHUB_TOKEN": "gh-long-token", "AUTHOR": "somebody",
        "DB_PASSWORD": "short", "PATH": "/usr/local/bin",
    }  # fmt: skip
    assert set(environment_secrets(environment, ["STAGING"])) == {"dev", "staging-value", "gh-long-token"}


@pytest.mark.parametrize(
    "value", ["conformance", "INCOMPLETE", "Not-Judged", "localhost", "127.0.0.1", "1234567"]
)
def test_no_word_of_the_report_is_a_secret_of_the_environment(value: str) -> None:
    assert set(environment_secrets({"CACHE_KEY": value, "APP_SECRET": value, "X": value}, ["X"])) == set()


@pytest.mark.parametrize("name", ["CONFORMANCE_TOKEN_ENV", "CONFORMANCE_SECOND_TOKEN_ENV"])
def test_a_token_is_known_whose_variable_a_variable_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "STAGING_BEARER")
    monkeypatch.setenv("STAGING_BEARER", TOKEN)
    assert shown(f"saw {TOKEN}") == f"saw {fingerprint(TOKEN)}"


def test_a_report_that_is_redacted_already_is_printed_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APP_SECRET", "judged-221-of-267")
    put("judged 221 of 267")
    say("judged 221 of 267")
    assert capsys.readouterr().out == f"judged 221 of 267\n{fingerprint('judged-221-of-267')}\n"


def test_log_records_are_masked_for_every_handler(caplog: pytest.LogCaptureFixture) -> None:
    import logging

    caplog.set_level(logging.DEBUG)
    with masked_logs(Redactor([TOKEN])):
        PROGRESS.info("saw %s", [("x-echo", TOKEN.encode())])
    assert TOKEN not in caplog.text
    assert caplog.text.count(fingerprint(TOKEN)) == 1


def test_the_ledger_masks_values_and_stays_readable(tmp_path: Path) -> None:
    ledger = Ledger(
        tmp_path / "ledger.jsonl", run_id="1", target="https://x.example", shown=Redactor([TOKEN]).strings
    )
    ledger.write("left", id=f"dep_{TOKEN}", why=[f"500 {TOKEN}", {"name": 1}])
    text = (tmp_path / "ledger.jsonl").read_text()
    assert TOKEN not in text
    assert f"dep_{fingerprint(TOKEN)}" in text


def test_what_a_killed_process_left_is_told_from_its_ledger(tmp_path: Path) -> None:
    began = datetime.now(UTC)
    known, killed = "0123abcd", "4567ef89"
    for run in (known, killed):
        ledger = Ledger(tmp_path / "ledger.jsonl", run_id=run, target="https://x.example")
        ledger.write("intent", name=f"conformance-{run}-story-1", description="x")
        ledger.write("created", name=f"conformance-{run}-story-1", id=f"dep_{run}")
        ledger.write("intent", name=f"conformance-{run}-story-2", description="x")
        ledger.close()
    left = left_since(str(tmp_path), began, {known})
    assert [line.split()[0] for line in left] == [f"dep_{killed}", f"conformance-{killed}-story-2"]
    assert left_since(str(tmp_path), began + timedelta(seconds=60), {known}) == ()
    assert left_since(str(tmp_path / "without a ledger"), began, ()) == ()
