"""What an engineer reads in a log: everything once, nothing that the target could forge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from conformance.contract.verdict import Verdict
from conformance.report import RunResult, Traffic, terminal
from conformance.report.evidence import culprits
from conformance.target.exchange import Exchange, timeline

Run = Callable[..., RunResult]


def page(result: RunResult, width: int = 100) -> str:
    return terminal(result, colour=False, width=width)


def with_verdicts(result: RunResult, **changes: Any) -> RunResult:  # noqa: ANN401 (any field of a verdict)
    rows = [replace(row, verdict=replace(row.verdict, **changes)) for row in result.judged]
    return replace(result, judged=rows)


@pytest.mark.parametrize(
    ("names", "facts", "state"),
    [
        ("pass warn", {}, "PASS - judged 2 of 2, 0 broken, 1 warned, 0 not judged, 0 not applicable"),
        ("pass warn", {"strict": True}, "FAIL - judged 2 of 2, 1 broken, 0 warned, 0 not judged"),
        ("pass fail not-judged", {}, "FAIL - judged 2 of 3, 1 broken, 0 warned, 1 not judged"),
        (
            "pass not-judged not-applicable",
            {},
            "INCOMPLETE - judged 1 of 3, 0 broken, 0 warned, 1 not judged",
        ),
        ("", {}, "INCOMPLETE - judged 0 of 0"),
        ("pass", {"internal_error": "boom"}, "ERROR - judged 1 of 1"),
        ("pass", {"ended_by": "SIGINT"}, "INCOMPLETE, STOPPED BY SIGINT - judged 1 of 1"),
        ("fail", {"ended_by": "SIGTERM"}, "FAIL, STOPPED BY SIGTERM - judged 1 of 1, 1 broken"),
    ],
)
def test_the_last_line_is_the_verdict(names: str, facts: dict[str, object], state: str, run: Run) -> None:
    last = page(run(*names.split(), **facts)).splitlines()[-1]
    assert last.startswith(f"conformance: {state}")
    assert last.endswith(
        "| 41 requests in 2.4 s | 5 created, 4 removed, 1 left behind | "
        "https://api.example.com/v1 (qoder 2026-07, seed 7)"
    )


def test_nothing_left_behind_is_not_mentioned(run: Run) -> None:
    assert "5 created, 5 removed | http" in page(run("pass", traffic=Traffic(41, 5, 5)))


def test_a_run_in_which_all_holds_is_one_line(run: Run) -> None:
    assert page(run("pass", notices=())).count("\n") == 1


def test_notices_come_first_and_once(run: Run) -> None:
    text = page(run("not-judged", notices=("no agent found: set --agent-id",)))
    assert text.startswith("notice: no agent found: set --agent-id\n")
    assert text.count("no agent found") == 1


def test_a_broken_promise_says_all_that_one_needs(run: Run) -> None:
    text = page(run("fail"))
    for part in (
        "BROKEN pause.second-is-conflict (MUST)",
        "A second pause is refused as a conflict.",
        "expected  409 conflict_error",
        "got       200",
        "N105, N106 https://docs.example.com/api/deployments/pause",
        "again     conformance run --only pause.second-is-conflict --seed 7",
        "https://api.example.com/v1/deployments/depl_1/pause\n",
        "(1 other exchange: result.json)",
    ):
        assert part in text
    assert "#1 create" not in text


def test_a_message_is_shown_when_it_says_more_than_expected_and_got(run: Run) -> None:
    assert "because" not in page(run("fail"))
    assert "because   both searches broke it" in page(
        with_verdicts(run("fail"), message="both searches broke it")
    )


def test_what_a_message_adds_is_shown_without_what_it_repeats(run: Run) -> None:
    said = {"expected": "204", "got": "200", "message": "expected 204; got 200; found by model.lifecycle"}
    told = page(with_verdicts(run("fail"), **said))
    assert "  because   found by model.lifecycle\n" in told
    assert told.count("204") == 1


def test_must_stands_before_should(run: Run) -> None:
    text = page(run("warn", "fail", strict=True))
    assert text.index("BROKEN pause") < text.index("BROKEN list")


def test_a_reason_is_said_once_for_all_its_requirements(run: Run) -> None:
    text = page(run(*["not-judged"] * 20))
    assert text.count("network: connection reset while listing runs (20)") == 1
    assert "and 8 more (result.json)" in text


def test_requirements_that_do_not_apply_are_counted_by_reason(run: Run) -> None:
    text = page(run("pass", *["not-applicable"] * 3))
    assert "NOT APPLICABLE 3\n  needs --second-token-env (3)\n" in text


def test_observations_are_only_counted(run: Run) -> None:
    text = page(run("observed"))
    assert "OBSERVED 1" in text
    assert "create.twin-names" not in text


def test_long_evidence_is_cut_but_not_its_command(run: Run) -> None:
    curl = f"   curl -sS https://api.example.com/{'a' * 900}"
    evidence = "\n".join([">> #1 pause", curl, *[f"   {'b' * 900}"] * 40])
    text = page(with_verdicts(run("fail"), evidence=evidence))
    assert curl in text
    assert "b" * 500 not in text
    assert "more lines" in text


def test_a_story_in_steps_is_shown_to_its_end_and_its_commands_are_whole(run: Run) -> None:
    steps = [
        line
        for number in range(1, 15)
        for line in (f"{number}. pause A", "   POST /deployments/A", "   → 200")
    ]
    command = f"answer=$(call -X POST --data-binary '{'a' * 900}')"
    text = page(with_verdicts(run("fail"), evidence="\n".join([*steps, "It is forbidden.", command])))
    assert "14. pause A" in text
    assert "It is forbidden." in text
    assert command in text
    assert "more lines" not in text


def test_the_escapes_of_a_target_do_not_reach_the_terminal(run: Run) -> None:
    for colour in (True, False):
        text = terminal(run("fail"), colour=colour)
        assert "\x1b[2J" not in text
        assert r"\x1b[2J<nasty>" in text
        assert ("\x1b[" in text) is colour


@pytest.mark.parametrize("order", ["::error::x", "  ::stop-commands::x", "##[group]x", "a ##vso[task.x]y"])
def test_a_target_cannot_give_orders_to_the_runner(order: str, run: Run) -> None:
    # The long word makes the order begin a wrapped line.
    result = with_verdicts(run("fail"), got=f"{'w' * 80} {order}", evidence=order, expected=order)
    for line in terminal(replace(result, internal_error=order), colour=False, width=60).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line


def test_lines_are_wrapped_at_the_width(run: Run) -> None:
    text = page(with_verdicts(run("fail"), expected="word " * 60, evidence=""), width=60)
    assert max(len(line) for line in text.splitlines() if "word" in line) <= 60


def test_culprits_are_found_in_what_the_target_room_writes() -> None:
    def exchange(number: int) -> Exchange:
        return Exchange(
            number=number,
            story="pause_twice",
            label="pause",
            method="POST",
            url="https://api.example.com",
            sent_at=datetime(2026, 7, 14, tzinfo=UTC),
            seconds=0.1,
            request_headers={},
            request_body=None,
            status=200,
        )

    shown = culprits(timeline(map(exchange, (1, 2, 3)), culprits=(2,)))
    assert shown.startswith(">> #2 pause")
    assert "#1" not in shown
    assert "(2 other exchanges: result.json)" in shown


def test_evidence_that_is_no_timeline_is_shown_as_it_is(run: Run) -> None:
    assert "    | KeyError: 'id'" in page(with_verdicts(run("not-judged"), evidence="KeyError: 'id'"))


def test_a_verdict_without_expectation_shows_its_message(run: Run) -> None:
    result = run("warn")
    (row,) = result.judged
    bare = Verdict(row.verdict.requirement, row.verdict.outcome, message="odd order")
    assert "list.newest-first: odd order" in page(replace(result, judged=(replace(row, verdict=bare),)))
