"""Which rich value a judgement depends on: its stories run again, with plain values and with few.

Stories act on deployments with every field at its bounds. So one value that a target cannot bear would look
like many broken promises, and say nothing of itself. What fails, or cannot be judged, is judged again by
stories with plain values; if it holds then, and with the rich ones fails again, the value is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from conformance.client.rich_values import FIELDS
from conformance.contract.verdict import Blame, BrokenPromiseError, NotJudgedError
from conformance.suite.engine.runner import Runner

Judge = Callable[[Mapping[str, object]], object]
"""Judges again by other evidence of some stories; raises what a judgement raises."""


def isolated(
    runner: Runner, judge: Judge, stories: Sequence[str], error: BaseException | None
) -> BaseException | None:
    """Return what a judgement is to be told as having raised, None when it holds.

    `error` is what it raised by its `stories`. A broken promise that holds with plain values names the value;
    what could not be judged for want of a precondition is judged with plain values.
    """
    rich = [name for name in stories if runner.is_rich(name)]
    if not rich or not _may_depend_on_values(error) or _outcome(runner, judge, rich) is not None:
        return error
    if not isinstance(error, BrokenPromiseError):
        return None
    if not isinstance(_outcome(runner, judge, rich, *FIELDS), BrokenPromiseError):
        return error  # with every rich value it holds now as well: no value is to blame
    got = f"{error.got}; repeated with plain values, it held"
    if culprit := _culprit(runner, partial(_outcome, runner, judge, rich)):
        got += f", and with {FIELDS[culprit]} it did not"
    return BrokenPromiseError(error.expected, got, error.culprits)


def _may_depend_on_values(error: BaseException | None) -> bool:
    blamed = isinstance(error, NotJudgedError) and error.blame is Blame.PRECONDITION
    return blamed or isinstance(error, BrokenPromiseError)


def _culprit(runner: Runner, outcome: Callable[[str], Exception | None]) -> str:
    """Return a field that breaks the promise when it alone is rich; what broke others is tried first."""
    likely = sorted(FIELDS, key=lambda field: field not in runner.culprits)
    found = next((field for field in likely if isinstance(outcome(field), BrokenPromiseError)), "")
    runner.culprits |= {found}
    return found


def _outcome(runner: Runner, judge: Judge, stories: Sequence[str], *fields: str) -> Exception | None:
    """Return what a judgement raises when only some fields of its stories' deployments are rich."""
    try:
        judge({name: runner.collected_with(name, *fields) for name in stories})
    except Exception as error:  # noqa: BLE001 (whatever it is, the promise does not hold so)
        return error
    return None
