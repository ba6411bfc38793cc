"""The file itself: what is saved comes back equal, without a secret, bounded, and valid by its schema."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.client.api import Created
from conformance.client.exchange import NOT_JSON, Exchange, Failure, Packed
from conformance.client.ownership.ledger import LedgerError
from conformance.client.prerequisites import Prerequisites
from conformance.client.target import RECORDED_BODY
from conformance.config.settings import Settings
from conformance.contract.comparing import MISSING
from conformance.contract.timeline import Remark
from conformance.contract.verdict import (
    Blame,
    BrokenPromiseError,
    Finding,
    NotApplicableError,
    NotJudgedError,
    Outcome,
    Verdict,
)
from conformance.evidence import FILE, Evidence, EvidenceError, Part, read_evidence, write_evidence
from conformance.evidence.values import decoded, encoded, evidence_classes
from conformance.redaction.privacy import without_content
from conformance.redaction.redactor import Redactor, fingerprint
from conformance.report import ReportError
from conformance.report.result import Traffic
from conformance.suite.engine.preflight import Preflight
from conformance.suite.engine.registry import load_stories
from conformance.suite.exploration.registry import Searched
from tests.client.factory import SECOND, TOKEN, exchange

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "report" / "evidence.schema.json").read_text())
REDACTOR = Redactor([TOKEN, SECOND])
PLAIN = Redactor()


def part(*exchanges: Exchange, **facts: Any) -> Part:  # noqa: ANN401 (fields of Part)
    first = exchange(number=900, label="list")
    flown = Preflight(first_list=first, known=Prerequisites(), revision="2026-07", revision_reason="given")
    usual: dict[str, Any] = {
        "run_id": "0a0b0c0d", "ended_by": "", "traffic": Traffic(3, 2, 1, ("depl_1: stays",)), "notices": ("one",),
        "preflight": flown, "exchanges": (*exchanges, first), "undisturbed": None, "stories": {},
    }  # fmt: skip
    return Part(**{**usual, **facts})


def evidence(*parts: Part, **facts: Any) -> Evidence:  # noqa: ANN401 (fields of Evidence)
    usual: dict[str, Any] = {
        "suite_version": "0.1.0", "started_at": "2026-07-01T00:00:00+00:00", "seconds": 1.5,
        "settings": Settings(reference=True, token=TOKEN, second_token=SECOND, tier=("core",), agent_id="agent_1"), "parts": parts,
    }  # fmt: skip
    return Evidence(**{**usual, **facts})


def saved(run: Evidence, folder: Path, redactor: Redactor = REDACTOR, **limits: int) -> Path:
    return write_evidence(run, redactor, folder / FILE, **limits)


def text_of(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode("ascii")


# --- values ----------------------------------------------------------------------------------------------------

ONE = exchange(number=1)
STEPS = (ONE.reported(), Remark("no more"))
VALUES = [
    None, True, 0, 1.5, "text", "\ud800 alone", [1, [2]], {"a": {"b": None}}, (1, ("two",)), frozenset({"a"}),
    {200: ONE, 404: ONE}, {"$class": "no class"}, {}, MISSING, NOT_JSON, ONE, {"of": (ONE, "id")},
    datetime(2026, 7, 1, 8, 30, 0, 12, tzinfo=UTC), Created("depl_1", "name", ONE),
    Searched((Finding("pause.makes-it-paused", "expected", "got", STEPS, "[1]"),), 25),
    Prerequisites(agent_id="agent_1", agent_version=MISSING),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda one: f"{type(one).__name__} {VALUES.index(one)}")
def test_a_value_comes_back_equal(value: object) -> None:
    written = json.loads(json.dumps(encoded(value, PLAIN)))
    back = decoded(written, {1: ONE})
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize(
    "error",
    [
        NotJudgedError(Blame.NETWORK, "no answer"),
        NotApplicableError("judged with --second-token-env"),
        BrokenPromiseError("this", "that", (1, 2)),
        LedgerError("cannot write"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_exception_comes_back_as_it_was(error: Exception) -> None:
    back = decoded(json.loads(json.dumps(encoded(error, PLAIN))), {})
    assert (type(back), str(back), vars(back)) == (type(error), str(error), vars(error))


def test_a_failure_of_the_suite_itself_comes_back_as_one() -> None:
    back = decoded(encoded(KeyError("x"), PLAIN), {})
    assert isinstance(back, Exception)
    assert str(back) == "KeyError: 'x'"


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, timedelta(1), Settings()], ids=lambda one: type(one).__name__
)
def test_what_has_no_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no part of evidence"):
        encoded(value, PLAIN)


def test_a_file_cannot_name_other_code() -> None:
    for name in ("os.system", "target.settings.Settings", "subprocess.Popen"):
        with pytest.raises(KeyError):
            decoded({"$class": name, "args": ["true"]}, {})


def test_every_story_yields_a_class_that_can_be_saved() -> None:
    known = {name.rpartition(".")[2] for name in evidence_classes()}
    yields = {one.name: str(one.collect.__annotations__["return"]) for one in load_stories().values()}
    assert {name for name, kind in yields.items() if kind not in known} == set()


# --- exchanges -------------------------------------------------------------------------------------------------

BIG = {"data": [{"id": f"depl_{number}", "name": "n" * 200} for number in range(500)]}
EXCHANGES = {
    "plain": exchange(json={"id": "depl_1"}, size=20, headers={"date": "x"}, retries=("429",), probe=True),
    "no JSON": exchange(body="<html>", size=6),
    "replaced bytes are no JSON": exchange(body='"\ufffd"', json=NOT_JSON, size=3),
    "cut": exchange(body=json.dumps(BIG)[:60_000], json=BIG, size=len(json.dumps(BIG))),
    "packed": exchange(body="[", json=Packed(json.dumps(BIG).encode()), size=len(json.dumps(BIG))),
    "failure": exchange(status=None, failure=Failure(Blame.TARGET, "no whole answer")),
    "a body of ours": exchange(method="POST", request_body='{"name": "é🚀"}', request_headers={"x": "y"}),
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_an_exchange_comes_back_as_judgements_read_it(name: str, tmp_path: Path) -> None:
    given = EXCHANGES[name]
    back = read_evidence(saved(evidence(part(given)), tmp_path)).parts[0].exchanges[0]
    assert back.json == given.json
    assert (back.json is NOT_JSON) is (given.json is NOT_JSON)
    assert given.body.startswith(back.body)
    assert replace(back, json=None, body="") == replace(given, json=None, body="")


def test_stories_keep_the_very_exchanges_they_told_of(tmp_path: Path) -> None:
    first, second = exchange(number=5, label="a"), exchange(number=7, label="b")
    told = part(first, second, stories={"pair": (second, first)}, undisturbed=(second,))
    back = read_evidence(saved(evidence(told, told), tmp_path))
    for one in back.parts:
        one_first, one_second, _ = one.exchanges
        pair = one.stories["pair"]
        assert isinstance(pair, tuple)
        assert (pair[0] is one_second, pair[1] is one_first, one.undisturbed) == (True, True, (one_second,))
    numbers = [one.number for each in back.parts for one in each.exchanges]
    assert len(set(numbers)) == len(numbers)


def test_what_a_story_yields_that_cannot_be_saved_is_not_judged_later(tmp_path: Path) -> None:
    odd = {"endless": float("inf"), "odd": object(), "kept": "text"}
    back = read_evidence(saved(evidence(part(stories=odd)), tmp_path)).parts[0].stories
    assert back["kept"] == "text"
    for name in ("endless", "odd"):
        raised = back[name]
        assert isinstance(raised, NotJudgedError)
        assert (raised.blame, "cannot be saved" in raised.reason) == (Blame.HARNESS, True)


# --- the run ---------------------------------------------------------------------------------------------------


def test_a_run_comes_back(tmp_path: Path) -> None:
    verdict = Verdict("a.b", Outcome.NOT_JUDGED, Blame.TARGET, "message", "expected", "got")
    run = evidence(part(ONE), verdicts={"a.b": verdict}, keyword="pause", marks="must", interrupted=True)
    back = read_evidence(saved(run, tmp_path))
    assert back.verdicts == run.verdicts
    assert (back.keyword, back.marks, back.interrupted) == ("pause", "must", True)
    assert back.settings == replace(run.settings, token="", second_token="given")
    assert (back.parts[0].traffic, back.parts[0].notices) == (run.parts[0].traffic, ("one",))
    assert back.parts[0].preflight.revision == "2026-07"


def test_the_file_keeps_its_schema_and_a_cut_one_does_not(tmp_path: Path) -> None:
    run = evidence(part(*EXCHANGES.values(), stories={"values": list(VALUES)}), verdicts={})
    document = json.loads(text_of(saved(run, tmp_path)))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(document, SCHEMA)
    assert next(iter(document)) == "schema_version"
    assert list(document)[-1] == "complete"
    del document["complete"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)


def test_answers_beyond_the_limit_are_left_out_and_not_judged(tmp_path: Path) -> None:
    many = [exchange(number=number, json=BIG, size=len(json.dumps(BIG))) for number in range(1, 9)]
    path = saved(evidence(part(*many)), tmp_path, largest=300_000)
    assert len(text_of(path)) < 400_000
    *_, last, _ = back = read_evidence(path).parts[0].exchanges
    assert back[0].json == BIG
    assert last.failure
    assert last.failure.blame is Blame.HARNESS
    assert "left out" in last.failure.text


def test_a_folder_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"cannot write .*evidence\.json\.gz: Not a directory"):
        write_evidence(evidence(part()), REDACTOR, tmp_path / "file" / FILE)


# --- secrets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [100, 100_000])
def test_no_secret_is_saved_and_equal_documents_stay_equal(size: int, tmp_path: Path) -> None:
    held = {
        TOKEN: TOKEN, "echo": f"I saw {TOKEN}", "deep": [{"client_secret": "s3cr3t", "tokens": 5}], "id": "depl_1",
        "filling": ["x"] * (size // 5),
    }  # fmt: skip
    body = REDACTOR.body(json.dumps(held).encode(), 64 * 1024)
    one, other = (exchange(number=n, json=held, body=body, size=len(json.dumps(held))) for n in (1, 2))
    told = {
        "story": Created("depl_1", TOKEN, one),
        "sent": {"note": SECOND, "api_token": "s3cr3t"},
        "read": list(TOKEN),
    }
    settings = Settings(token=TOKEN, second_token=SECOND, base_url=f"https://x.example/{TOKEN}")
    raised = {"raised": NotJudgedError(Blame.TARGET, f"it said {TOKEN}")}
    path = saved(
        evidence(part(one, other, stories=told | raised, notices=(TOKEN,)), settings=settings), tmp_path
    )
    for secret in (TOKEN, SECOND, "s3cr3t"):
        assert secret not in text_of(path)
    assert json.dumps(list(TOKEN))[1:-1] not in text_of(path)
    first, second, _ = read_evidence(path).parts[0].exchanges
    assert first.json == second.json
    assert isinstance(first.json, dict)
    assert (first.json["id"], first.json["deep"][0]["tokens"]) == ("depl_1", 5)


# --- files that are none ---------------------------------------------------------------------------------------


def test_a_document_that_repeats_an_edited_token_tells_none_of_its_characters(tmp_path: Path) -> None:
    edited = TOKEN[:7] + "x" + TOKEN[8:]
    echoing = exchange(
        json={"message": f"bad {edited}"},
        body="{",
        size=RECORDED_BODY + 1,
        redactor=Redactor([TOKEN, edited]),
    )
    text = text_of(saved(evidence(part(echoing)), tmp_path))
    assert fingerprint(edited) in text
    assert TOKEN[:7] not in text


def rewritten(path: Path, **changes: object) -> Path:
    document = json.loads(text_of(path)) | changes
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    return path


def test_a_file_that_is_no_evidence_is_refused_with_its_name_and_a_hint(tmp_path: Path) -> None:
    path = saved(evidence(part(ONE)), tmp_path)
    whole = path.read_bytes()
    wrong: dict[bytes, str] = {
        b"": "is no evidence|was cut off",
        b"plain text": "no evidence of a run",
        whole[:-20]: "was cut off",
        whole[:40] + b"\0" * 40 + whole[80:]: "no evidence|cut off|damaged",
        gzip.compress(b"[1, 2"): "no evidence of a run, or was cut off",
        gzip.compress(b"{}"): "no schema_version",
        gzip.compress(b"[" * 100_000): "no evidence",
    }
    for content, said in wrong.items():
        path.write_bytes(content)
        with pytest.raises(EvidenceError, match=said) as caught:
            read_evidence(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema_version": "2.0"}, "schema version 2.0; this suite reads 1.0"),
        ({"complete": False}, "cut off"),
        ({"parts": [{}]}, "damaged"),
        ({"parts": 5}, "damaged"),
        ({"settings": {"profile": "unknown"}}, "the profile 'unknown' is unknown"),
        ({"verdicts": [{"requirement": "x", "outcome": "splendid", "blame": None}]}, "damaged"),
    ],
)
def test_a_file_of_another_suite_or_a_damaged_one_is_refused(
    changes: dict[str, object], said: str, tmp_path: Path
) -> None:
    path = rewritten(saved(evidence(part(ONE)), tmp_path), **changes)
    with pytest.raises(EvidenceError, match=said):
        read_evidence(path)


def test_a_bomb_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(gzip.compress(b" " * 10_000_000))
    with pytest.raises(EvidenceError, match="too large"):
        read_evidence(path, largest=1_000_000)


def test_a_missing_file_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be read: No such file"):
        read_evidence(tmp_path)


def test_what_others_work_on_is_hidden_and_reads_the_same(tmp_path: Path) -> None:
    theirs = {
        "id": "depl_1", "description": "our plans", "metadata": {"team": "secret team", "cas_config": "x"},
        "initial_events": [{"type": "user.message", "content": [{"type": "text", "text": "do it"}]}],
    }  # fmt: skip
    body = without_content(theirs, json.dumps(theirs).encode(), lent=None).decode()
    one, other = (exchange(number=n, json=theirs, body=body, size=len(json.dumps(theirs))) for n in (1, 2))
    run = evidence(part(one, other), settings=Settings(read_only=True))
    path = saved(run, tmp_path)
    for words in ("our plans", "team", "do it"):
        assert words not in text_of(path)
    first, second, _ = read_evidence(path).parts[0].exchanges
    assert first.json == second.json
    assert isinstance(first.json, dict)
    assert first.json["initial_events"][0]["type"] == "user.message"
    assert isinstance(first.json["description"], str)
    assert "cas_config" in first.json["metadata"]
