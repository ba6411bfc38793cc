"""The HTTP Archive of a run, against the schema of HAR 1.2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.client.exchange import Failure
from conformance.contract.verdict import Blame
from conformance.evidence import write_har
from conformance.redaction.redactor import Redactor
from conformance.report import ReportError
from tests.client.factory import TOKEN, exchange
from tests.evidence.test_evidence_file import EXCHANGES, part

SCHEMA = json.loads((Path(__file__).parent / "har.schema.json").read_text())
URL = "https://x.example/deployments?limit=5&created_at%5Bgte%5D=2026&empty="


def log(folder: Path, *parts: Any) -> dict[str, Any]:  # noqa: ANN401 (parts)
    path = write_har(parts, folder / "deep" / "run.har")
    document = json.loads(path.read_text(encoding="ascii"))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(document, SCHEMA)
    found: dict[str, Any] = document["log"]
    return found


def test_every_kind_of_exchange_keeps_the_schema(tmp_path: Path) -> None:
    archive = log(tmp_path, part(*EXCHANGES.values()), part())
    assert len(archive["entries"]) == len(EXCHANGES) + 2
    pages = {page["id"] for page in archive["pages"]}
    assert {entry["pageref"] for entry in archive["entries"]} == pages


def test_an_entry_says_what_was_sent_and_answered(tmp_path: Path) -> None:
    sent = exchange(
        method="POST", url=URL, request_headers={"content-type": "application/json"}, request_body='{"a": 1}',
        json={"id": "depl_1"}, headers={"content-type": "application/json", "location": "/x"}, size=16, seconds=0.25,
        label=f"create with {TOKEN}", number=7, redactor=Redactor([TOKEN]),
    )  # fmt: skip
    entry = log(tmp_path, part(sent))["entries"][0]
    request, response = entry["request"], entry["response"]
    assert (request["method"], request["url"]) == ("POST", URL)
    assert request["queryString"][1] == {"name": "created_at[gte]", "value": "2026"}
    assert request["queryString"][2] == {"name": "empty", "value": ""}
    assert request["postData"] == {"mimeType": "application/json", "params": [], "text": '{"a": 1}'}
    assert (response["status"], response["redirectURL"]) == (200, "/x")
    assert response["content"] == {"size": 16, "mimeType": "application/json", "text": '{"id": "depl_1"}'}
    assert (entry["time"], entry["startedDateTime"]) == (250.0, "2026-07-01T00:00:00.000Z")
    assert entry["comment"].startswith("#7 create with [redacted:")


def test_without_an_answer_the_status_is_0(tmp_path: Path) -> None:
    lost = exchange(status=None, failure=Failure(Blame.NETWORK, "cannot connect"))
    response = log(tmp_path, part(lost))["entries"][0]["response"]
    assert (response["status"], response["_error"]) == (0, "cannot connect")


def test_a_file_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="--har"):
        write_har((part(),), tmp_path / "file" / "run.har")
