"""What an engineer reads in a log: everything once, nothing that the target could forge."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from conformance.client.exchange import Exchange, timeline
from conformance.contract.timeline import Remark, ShownExchange
from conformance.contract.verdict import Verdict
from conformance.report import RunResult, Traffic, terminal
from conformance.report.evidence import culprits, written
from tests.report.conftest import shown

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
        "| 41 requests in 2.4 s | created 5, archived 4 (they stay in the account), 1 left behind | "
        "https://api.example.com/v1 (qoder 2026-07, seed 7)"
    )


def test_nothing_left_behind_is_not_mentioned(run: Run) -> None:
    assert "created 5, archived 5 (they stay in the account) | http" in page(
        run("pass", traffic=Traffic(41, 5, 5))
    )


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


def test_a_warning_says_as_much_and_leaves_the_run_green(run: Run) -> None:
    text = page(run("pass", "warn"))
    for part in (
        "WARNED list.newest-first (SHOULD)",
        "A list begins with the newest deployment.",
        "expected  depl_2 before depl_1",
        "got       depl_1 first",
        "again     conformance run --only list.newest-first --seed 7",
        "    | >> #2 pause it again",
    ):
        assert part in text
    assert "conformance: PASS" in text


def test_what_stands_before_the_exchanges_of_a_race_is_shown(run: Run) -> None:
    burst = [shown(2, "pause", seconds=s, together=True, culprit=True) for s in (0.001, 0.0005)]
    evidence = (shown(1, "create"), Remark("no order allows this\n"), *burst)
    text = page(with_verdicts(run("warn"), evidence=evidence))
    assert f"    |   pause      |{'-' * 20}{' ' * 20}>    0.50 ms  200" in text
    assert "    | no order allows this\n" not in text  # it stands behind an exchange
    assert "#1 create" not in text


def test_a_remark_before_all_exchanges_of_a_race_is_kept(run: Run) -> None:
    raced = shown(2, "pause", culprit=True, together=True)
    evidence = (Remark("no order allows this\n"), shown(1, "create"), raced)
    text = page(with_verdicts(run("warn"), evidence=evidence))
    assert "    | no order allows this\n" in text
    assert "#1 create" not in text


def test_what_was_left_out_is_counted_once(run: Run) -> None:
    evidence = (Remark("(7 exchanges left out here)"), shown(8, "create"), shown(9, "pause", culprit=True))
    text = page(with_verdicts(run("fail"), evidence=evidence))
    assert "left out here" not in text
    assert "(1 other exchange: result.json)" in text


def asked(number: int, label: str, path: str, method: str = "POST", **facts: Any) -> ShownExchange:  # noqa: ANN401 (fields)
    return shown(
        number,
        label,
        command=f"curl -X {method} {shlex.quote(f'https://api.example.com/v1/{path}')}",
        **facts,
    )


def test_changes_that_led_to_what_a_read_shows_stand_before_it(run: Run) -> None:
    evidence = (
        asked(1, "pause it", "deployments/depl_1/pause"),
        asked(2, "read", "deployments/depl_1", "GET", culprit=True),
        asked(3, "read another", "deployments/depl_2", "GET"),
        *(asked(number, f"update {number}", "deployments/depl_1", summary="409") for number in range(4, 8)),
        asked(8, "archive another", "deployments/depl_2/archive"),
        asked(9, "read", "deployments/depl_1", "GET", culprit=True),
    )
    told = [
        line.strip()
        for line in page(with_verdicts(run("fail"), evidence=evidence)).splitlines()
        if "#" in line
    ]
    assert told == [
        "| >> #2 read", "| -- #5 update 5 → 409", "| -- #6 update 6 → 409", "| -- #7 update 7 → 409", "| >> #9 read",
    ]  # fmt: skip


def test_a_change_that_led_to_the_only_culprit_is_named(run: Run) -> None:
    evidence = (
        asked(1, "pause it", "deployments/depl_1/pause"),
        asked(2, "list", "deployments?limit=2", "GET", culprit=True),
    )
    assert "    | -- #1 pause it → 200\n    | >> #2 list\n" in page(
        with_verdicts(run("fail"), evidence=evidence)
    )


def test_a_long_list_shows_the_item_that_is_named(run: Run) -> None:
    body = json.dumps({"data": [{"id": f"drun_{n:016}", "at": n} for n in range(30)]})
    evidence = (shown(1, "list", body=body, culprit=True),)
    text = page(with_verdicts(run("fail"), got=f"the run drun_{20:016}", evidence=evidence))
    assert f'"id": "drun_{20:016}", "at": 20' in text


def test_a_long_answer_shows_the_state_where_no_field_is_named(run: Run) -> None:
    body = json.dumps({"description": "d" * 900, "status": "paused", "rest": "r" * 900})
    evidence = (shown(1, "pause", body=body, culprit=True),)
    assert '"status": "paused"' in page(with_verdicts(run("fail"), evidence=evidence))


def test_a_message_is_shown_when_it_says_more_than_expected_and_got(run: Run) -> None:
    assert "because" not in page(run("fail"))
    assert "because   both searches broke it" in page(
        with_verdicts(run("fail"), because="both searches broke it")
    )


def test_what_a_message_adds_is_shown_without_what_it_repeats(run: Run) -> None:
    said = {
        "expected": "204",
        "got": "200",
        "message": "expected 204; got 200",
        "because": "found by model.lifecycle",
    }
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
    curl = f"curl -sS https://api.example.com/{'a' * 900}"
    evidence = (shown(1, "pause", command=curl, body="\n".join(["b" * 900] * 40), culprit=True),)
    text = page(with_verdicts(run("fail"), evidence=evidence))
    assert curl in text
    assert "b" * 500 not in text
    assert "more lines" in text


def test_a_story_in_steps_is_shown_to_its_end_and_its_commands_are_whole(run: Run) -> None:
    command = f"curl -X POST --data-raw '{'a' * 900}'"
    steps = [
        shown(number, "pause A", step=number, gist="as before", command=command) for number in range(1, 15)
    ]
    text = page(with_verdicts(run("fail"), evidence=tuple(steps)))
    assert "14. pause A" in text
    assert text.count(command) == 14
    assert "→ 200 as before" in text
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
    result = with_verdicts(run("fail"), got=f"{'w' * 80} {order}", evidence=(Remark(order),), expected=order)
    for line in terminal(replace(result, internal_error=order), colour=False, width=60).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line


def test_lines_are_wrapped_at_the_width(run: Run) -> None:
    text = page(with_verdicts(run("fail"), expected="word " * 60, evidence=()), width=60)
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

    text = written(culprits(timeline(map(exchange, (1, 2, 3)), culprits=(2,))))
    assert text.startswith(">> #2 pause")
    assert "#1" not in text
    assert "(2 other exchanges: result.json)" in text


def test_a_remark_is_shown_as_it_is(run: Run) -> None:
    remark = (Remark("the rest was left out"),)
    assert "    | the rest was left out" in page(with_verdicts(run("fail"), evidence=remark))


def test_a_verdict_without_expectation_shows_its_message(run: Run) -> None:
    result = run("warn")
    (row,) = result.judged
    bare = Verdict(row.verdict.requirement, row.verdict.outcome, message="odd order")
    assert "  because   odd order\n" in page(replace(result, judged=(replace(row, verdict=bare),)))


def test_what_was_not_judged_has_its_reason_and_no_exchanges(run: Run) -> None:
    text = page(run("not-judged"))
    assert "  network: connection reset while listing runs (1)\n    runs.list-newest-first\n" in text
    assert "list runs\n" not in text


def test_searches_are_counted_beside_requirements(run: Run) -> None:
    searches = run("pass", "not-judged").judged
    assert "judged 1 of 1 and 1 of 2 searches, 0 broken" in page(run("pass", searches=searches))
