"""How long the client waits for reads that lag behind writes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from conformance.client.exchange import Exchange
from tests.client.factory import api_of, exchange, target_at


def _read(states: Iterator[str]) -> Exchange:
    return exchange(json={"is": next(states)})


def test_a_target_that_lags_within_the_bound_never_runs_out_of_patience(tmp_path: Path) -> None:
    with target_at("http://127.0.0.1:9", tmp_path) as target:
        api = api_of(target)
        api._settle_left = 0.3
        for _ in range(12):  # each settles after one wait of 0.05 s: twice what is left in all
            states = itertools.chain(["stale"], itertools.repeat("fresh"))
            read = api._until(partial(_read, states), lambda one: one.json == {"is": "fresh"})
            assert read.json == {"is": "fresh"}


def test_reads_that_never_settle_use_patience_up(tmp_path: Path) -> None:
    with target_at("http://127.0.0.1:9", tmp_path) as target:
        api = api_of(target)
        api._settle_left = 0.2
        asked = itertools.count()
        for _ in range(9):  # more than enough, however long a wait of 0.05 s takes
            api._until(lambda: exchange(json={"asked": next(asked)}), lambda _: False)
        tries = next(asked)
        api._until(lambda: exchange(json={"asked": next(asked)}), lambda _: False)
        assert next(asked) == tries + 2  # one read more, without a wait


def test_a_slow_read_does_not_use_up_the_time_in_which_it_may_lag(tmp_path: Path) -> None:
    with target_at("http://127.0.0.1:9", tmp_path) as target:
        api = api_of(target)
        api._settle_left = 0.04
        end = time.monotonic() + 0.04

        def read() -> Exchange:
            state = "fresh" if time.monotonic() > end else "stale"
            time.sleep(0.05)
            return exchange(json={"is": state})

        last = api._until(read, lambda one: one.json == {"is": "fresh"})
        assert last.json == {"is": "fresh"}
