"""The report to open: complete, bounded, and nothing in it but what the suite wrote."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings

from conformance.contract.catalogue import load_catalogue
from conformance.contract.timeline import Remark, ShownExchange
from conformance.contract.verdict import Finding, Level, Outcome, Verdict
from conformance.report import Judged, RunResult
from conformance.report.comparing.comparison import compare
from conformance.report.comparing.saved import parsed
from conformance.report.html import html
from conformance.report.html.bodies import folds, lines_of
from conformance.report.html.diff import side_by_side
from conformance.report.html.drawings import lanes, timetable
from conformance.report.html.evidence import evidence_of
from conformance.report.latency import NO_LATENCY, latency_of
from conformance.report.result_json import result_json
from tests.report.conftest import FAILED, TIMELINE, TOKEN, make_run, shown
from tests.report.test_report_hostile import runs

LARGEST = 3_000_000
OURS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "h4", "h5", "p", "span", "b",
    "main", "section", "pre", "ul", "li", "a", "code", "br", "form", "fieldset", "legend", "label", "input", "output",
    "details", "summary", "div", "table", "thead", "tbody", "tr", "th", "td", "mark", "ol", "strong", "button", "svg",
    "rect", "line", "circle", "time", "footer", "kbd", "script",
}  # fmt: skip


class Tags(HTMLParser):
    """All tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def paused(number: int, label: str = "pause", *, minute: int = 30, **facts: Any) -> ShownExchange:  # noqa: ANN401 (fields)
    """A pause that was sent `minute` minutes after eight; `facts` replace fields."""
    date = f"Tue, 14 Jul 2026 08:{minute:02}:00 GMT"
    command = f"curl -sS -i --globoff -X POST {TOKEN} https://api.example.com/v1/deployments/depl_1/pause"
    fields = {"command": command, "headers": {"date": date}, "body": "{}"}
    return shown(number, label, **(fields | facts))


def failing(*evidence: ShownExchange | Remark) -> RunResult:
    return make_run(judged=(replace(FAILED, verdict=replace(FAILED.verdict, evidence=evidence)),))


@given(run=runs())
@settings(max_examples=60, deadline=None)
def test_whatever_a_target_sends_the_page_has_no_tag_but_ours(run: RunResult) -> None:
    page = html(run)
    tags = Tags(page).tags
    assert {tag for tag, _ in tags} <= OURS
    assert [tag for tag, _ in tags].count("script") == 1
    assert not [
        name for _, attributes in tags for name in attributes if name.startswith("on") or name == "style"
    ]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    page.encode()


def test_the_page_loads_nothing() -> None:
    page = html(make_run("fail", "warn", "pass"))
    tags = Tags(page).tags
    assert not [
        attributes for _, attributes in tags if attributes.keys() & {"src", "srcset", "data", "action"}
    ]
    policy = next(a["content"] for _, a in tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "url(" not in page


def test_no_link_leads_to_anything_but_https() -> None:
    row = replace(FAILED, requirement=replace(FAILED.requirement, source="javascript:alert(1)"))
    links = [attributes["href"] for tag, attributes in Tags(html(make_run(judged=(row,)))).tags if tag == "a"]
    assert links == ["#pause.second-is-conflict"]


def test_a_broken_promise_is_there_with_all_that_one_needs() -> None:
    page = html(make_run("fail", "pass"))
    for text in ("expected", "409 conflict_error", "N105, N106", "conformance run --only pause.second-is-conflict --seed 7",
                 "pause it again", "curl -sS -i -X POST", "https://docs.example.com/api/deployments/pause"):  # fmt: skip
        assert text in page
    assert page.index("What is broken") < page.index('id="get.returns-it"')


def test_what_changed_stands_above_what_is_broken() -> None:
    run = make_run("fail")
    page = html(
        replace(
            run,
            comparison=compare(parsed(json.loads(result_json(run))), parsed(json.loads(result_json(run)))),
        )
    )
    assert page.index("Since the earlier run") < page.index("What is broken")


def test_warnings_alone_are_not_called_broken() -> None:
    page = html(make_run("pass", "warn"))
    assert "<h2>Warnings</h2>" in page
    assert "What is broken" not in page


def test_a_body_in_which_nothing_is_named_shows_its_status() -> None:
    body = json.dumps(
        {f"field {n}": n for n in range(40)} | {"status": "paused"} | {f"more {n}": n for n in range(40)}
    )
    shown = [line.text for piece in folds(lines_of(body)) if not piece.folded for line in piece.lines]
    assert '  "status": "paused",' in shown
    assert '  "more 20": 20,' not in shown


def test_every_promise_with_evidence_fits() -> None:
    evidence = tuple(
        paused(number, culprit=number % 5 == 0, body='{"name": "%s"}' % ("<&>" * 300)) for number in range(24)
    )
    judged = tuple(
        Judged(row, Verdict(row.id, Outcome.FAIL, expected="x" * 900, got="y" * 900, evidence=evidence))
        for row in load_catalogue()
    )
    page = html(make_run(judged=judged))
    assert len(page.encode()) < LARGEST
    assert all(f'id="{row.requirement.id}"' in page for row in judged)
    assert page.count("shows it") > len(judged)


def test_one_huge_answer_leaves_room_for_the_others() -> None:
    huge = replace(
        FAILED,
        requirement=replace(FAILED.requirement, id="pause.huge"),
        verdict=replace(
            FAILED.verdict, evidence=(paused(1, culprit=True, body="<" * 5_000_000),), got="]" * 5_000_000
        ),
    )
    page = html(make_run(judged=(huge, FAILED)))
    assert len(page.encode()) < LARGEST
    assert "pause it again" in page


def test_large_answers_get_the_room_that_small_ones_leave() -> None:
    large = tuple(paused(number, body=json.dumps(["<&>" * 20] * 300)) for number in range(20))
    small = tuple(map(paused, range(30)))
    rows = [
        replace(
            FAILED,
            requirement=replace(FAILED.requirement, id=f"pause.{number}"),
            verdict=replace(FAILED.verdict, evidence=evidence),
        )
        for number, evidence in enumerate([large, small])
    ]
    page = html(make_run(judged=rows))
    assert len(page.encode()) > LARGEST / 2
    assert "this page would be too large" not in page


def test_evidence_becomes_exchanges() -> None:
    first, second = evidence_of(TIMELINE).exchanges
    assert (first.number, first.marked, first.label, first.status) == (1, False, "create a deployment", "200")
    assert (second.marked, second.method, second.milliseconds, second.sent) == (
        True,
        "POST",
        9,
        "08:30:00.100000",
    )
    assert second.url == "https://api.example.com/v1/deployments/depl_1/pause"
    assert first.body == '{"id": "depl_1", "status": "active"}'
    assert first.headers == {"content-type": "application/json"}


def test_remarks_are_shown_where_they_stand() -> None:
    first, second = TIMELINE
    evidence = (Remark("   (3 left out)"), first, Remark("   (4 left out)"), Remark("and 5"), second)
    found = evidence_of(evidence)
    assert (found.gap, [one.gap for one in found.exchanges]) == ("(3 left out)", ["(4 left out)\nand 5", ""])
    page = html(failing(*evidence))
    places = [page.index(text) for text in ("(3 left out)", "#1<", "(4 left out)", "#2<")]
    assert places == sorted(places)


def test_evidence_without_exchanges_is_shown_as_it_is() -> None:
    left_out = Remark("left out: the evidence\n  of this run")
    assert evidence_of((left_out,)).remarks == left_out.text
    assert left_out.text in html(failing(left_out))


def test_a_request_without_an_answer_says_why() -> None:
    reset = paused(4, command="curl -sS 'unclosed", status=None, failure="connection reset", culprit=True)
    (lost,) = evidence_of((reset,)).exchanges
    assert (lost.status, lost.failure, lost.url) == ("", "connection reset", "")
    assert "no answer: connection reset" in html(failing(reset))


def test_a_story_becomes_numbered_steps() -> None:
    created = (
        f'curl -sS -i -X POST {TOKEN} --data-raw \'{{"name": "n"}}\' https://api.example.com/v1/deployments'
    )
    story = (
        shown(8, "create A", command=created, step=1, gist='{"status": "active"}'),
        paused(11, "pause A", step=2, status=500, summary="500 api_error", culprit=True),
        paused(12, "read A", step=3, status=None, summary="", failure="connection reset"),
    )
    found = evidence_of(story)
    assert [(step.words, step.marked, step.answer) for step in found.steps] == [
        ("create A", False, '200\n{"status": "active"}'),
        ("pause A", True, "500 api_error"),
        ("read A", False, "connection reset"),
    ]
    assert found.steps[0].request == 'POST https://api.example.com/v1/deployments {"name": "n"}'
    page = html(failing(*story))
    assert page.index("create A") < page.index("pause A") < page.index("connection reset")
    assert "What was sent and answered" not in page


def test_a_field_that_the_verdict_names_is_never_folded_away() -> None:
    body = json.dumps({"a": [1] * 40, "paused_reason": {"type": "timer"}, "b": [2] * 40})
    pieces = folds(lines_of(body, {"paused_reason.type"}))
    shown = [line.text.strip() for piece in pieces if not piece.folded for line in piece.lines]
    assert shown == ['"paused_reason": {', '"type": "timer"', "},"]
    assert [line.named for piece in pieces if not piece.folded for line in piece.lines] == [
        False,
        True,
        False,
    ]


def test_a_body_that_was_cut_is_still_shown_field_by_field() -> None:
    lines = [line.text for line in lines_of('{"id": "depl_1", "tags": ["a", "b,c", "d\\"e', ())]
    assert lines == [
        "{",
        '  "id": "depl_1",',
        '  "tags": [',
        '    "a",',
        '    "b,c"',
        "  ]",
        "} … cut here: result.json",
    ]


@pytest.mark.parametrize("body", ["<html>no JSON, but, commas</html>", "12,34", "[" * 100_000, '{"a"', ""])
def test_a_body_that_is_no_json_is_shown_as_it_is(body: str) -> None:
    assert "".join(line.text for line in lines_of(body))[:20] == body[:20]


def test_a_difference_shows_json_field_by_field() -> None:
    rows = side_by_side('{"a": 1, "b": "one two three", "c": 3}', '{"a": 1, "b": "one 2 three", "c": 3}')
    (changed,) = [row for row in rows if row.differs]
    assert [piece.text for piece in changed.left if piece.differs] == ["two"]
    assert [piece.text for piece in changed.right if piece.differs] == ["2"]


def test_two_marked_answers_about_one_object_are_compared() -> None:
    active, again, other = (
        paused(number, culprit=True, body=json.dumps({"id": name, "status": status}))
        for number, (name, status) in enumerate(
            [("depl_1", "active"), ("depl_1", "paused"), ("depl_2", "paused")], 1
        )
    )
    assert "The marked answers" in html(failing(active, again))
    assert "The marked answers" not in html(failing(active, other))


def test_requests_sent_together_become_lanes() -> None:
    alone, *burst = (
        paused(1, seconds=0.5),
        paused(2, seconds=0.005, together=True),
        paused(3, seconds=0.010, together=True),
    )
    drawn = lanes(evidence_of((alone, *burst)).exchanges)
    assert [(lane.exchange.number, lane.width) for lane in drawn] == [(2, 50), (3, 100)]
    assert "Sent together" in html(failing(alone, *burst))
    assert "Sent together" not in html(failing(alone, paused(4, culprit=True)))


def test_a_watched_schedule_becomes_a_line_of_time() -> None:
    listed = '{"schedule": {"upcoming_runs_at": ["2026-07-14T08:31:00Z", "2026-07-14T08:33:00Z", "2030-01-01T00:00:00Z"]}}'
    runs_read = '{"data": [{"trigger_context": {"type": "schedule", "scheduled_at": "2026-07-14T08:31:00Z"}}'
    evidence = paused(1, culprit=True, body=listed), paused(2, minute=34, body=runs_read)
    table = timetable(evidence_of(evidence).exchanges)
    assert table
    assert [one.time for one in table.due] == ["08:31:00Z", "08:33:00Z"]
    assert [one.time for one in table.fired] == ["08:31:00Z"]
    assert [(one.time, one.marked) for one in table.sent] == [("08:34:00Z", False), ("08:30:00Z", True)]
    assert [kind for kind, _ in table.entries()] == ["sent", "due", "fired", "due", "sent"]
    assert "Due and fired" in html(failing(*evidence))


def test_no_line_of_time_where_nothing_was_watched() -> None:
    yearly = '{"schedule": {"upcoming_runs_at": ["2027-07-14T08:31:00Z"]}}'
    for later in (paused(2), paused(2, minute=59)):
        assert timetable(evidence_of((paused(1, body=yearly), later)).exchanges) is None


def test_what_a_search_found_leads_to_the_promise() -> None:
    finding = Finding("pause.second-is-conflict", "409", "<200>", TIMELINE, at="status")
    row = Judged(
        replace(FAILED.requirement, id="model.lifecycle", level=Level.MUST),
        Verdict("model.lifecycle", Outcome.FAIL, findings=(finding,)),
    )
    page = html(make_run("fail", searches=(row,)))
    assert page.count('href="#pause.second-is-conflict"') == 2
    assert "got &lt;200&gt;" in page


def test_the_latency_of_a_run_adds_up_over_its_processes() -> None:
    whole = latency_of([0.0004, 0.004, 0.004]) + latency_of([0.03]) + NO_LATENCY
    assert (whole.within(0.5), whole.within(0.95)) == ("5 ms", "50 ms")
    assert [pair for pair in whole.classes() if pair[1]] == [
        ("up to 1 ms", 1),
        ("up to 5 ms", 2),
        ("up to 50 ms", 1),
    ]
    assert latency_of([60]).within(0.5) == "more than 10000 ms"
    assert NO_LATENCY.within(0.5) == ""
    assert "Half of the answers came within 5 ms" in html(make_run("pass", latency=whole))


def test_a_promise_shows_what_the_documents_say_in_our_words() -> None:
    says = load_catalogue().statements["N105"].says
    assert f"N105: {says}" in html(make_run("fail"))
    assert says not in html(make_run("fail", profile="./gone.toml"))
