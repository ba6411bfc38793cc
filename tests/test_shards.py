"""Shards of a run, and what joins them: the verdicts of one run, wherever its stories were told."""

from __future__ import annotations

import random
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from conformance.config.options import OPTIONS, SettingsError
from conformance.config.resolution import resolve
from conformance.contract.catalogue import load_catalogue
from conformance.reference import ReferenceServer
from conformance.run.sharding import share_of
from conformance.suite.engine.registry import load_stories
from conformance.suite.exploration.registry import load_searches
from tests.faults.catalogue import load_faults
from tests.test_rejudge import ROOT, call, judge, outcomes, result, verdicts

ALL = {**load_stories(), **load_searches()}
TOGETHER = [("listings", "after_id_walk"), ("after_id_walk", "odd_listings"), ("pause_twice",)]
COUNT = 3
SOME = "pause.*,errors.*,object.*,list.*,property.ids,race.updates"

# --- who tells what ----------------------------------------------------------------------------------------------


def told(index: int, count: int) -> frozenset[str]:
    return share_of((index, count), ALL, TOGETHER).stories


@pytest.mark.parametrize("count", [1, 2, 5, 100])
def test_each_story_is_told_by_exactly_one_shard(count: int) -> None:
    shares = [told(index, count) for index in range(1, count + 1)]
    assert sum(map(len, shares)) == len(ALL)
    assert frozenset().union(*shares) == ALL.keys()


def test_shares_do_not_depend_on_any_order() -> None:
    for _ in range(20):
        names, together = random.sample(sorted(ALL), len(ALL)), random.sample(TOGETHER, len(TOGETHER))
        mixed = {name: ALL[name] for name in names}
        assert share_of((2, 5), mixed, together).stories == told(2, 5)


def test_what_a_requirement_reads_is_told_by_one_shard() -> None:
    shares = [share_of((index, 7), ALL, TOGETHER) for index in range(1, 8)]
    for read in (*TOGETHER, ("listings", "odd_listings"), ()):
        assert sum(share.judges(read, about_all=False) for share in shares) == 1
        assert all(share.judges(read, about_all=True) for share in shares)


def test_shares_cost_about_the_same() -> None:
    for count in (2, 5):
        shares = [told(index, count) for index in range(1, count + 1)]
        searches = [len(share & load_searches().keys()) for share in shares]
        assert max(searches) - min(searches) <= 2
        assert all(share & load_stories().keys() for share in shares)


# --- options -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shard", ["0/5", "6/5", "1", "1/0", "-1/5", "1/5/2", "a/b", "1/101", "1.0/5", "²/5", " "]
)
def test_a_shard_that_is_none_is_refused(shard: str) -> None:
    with pytest.raises(SettingsError, match="--shard must be"):
        resolve({"shard": shard, "seed": "1"}, {}, load_catalogue(), Path("nowhere"))


def test_shards_need_a_seed_in_common() -> None:
    with pytest.raises(SettingsError, match="--shard needs --run-label TEXT or --seed N"):
        resolve({"shard": "1/5"}, {}, load_catalogue(), Path("nowhere"))
    seeds = [
        resolve({"shard": f"{index}/2", "run_label": label}, {}, load_catalogue(), Path("nowhere")).seed
        for index, label in ((1, "nightly 7"), (2, "nightly 7"), (2, "nightly 8"))
    ]
    assert seeds[0] == seeds[1] != seeds[2]
    given = resolve({"shard": "1/2", "run_label": "x", "seed": "5"}, {}, load_catalogue(), Path("nowhere"))
    assert (given.seed, given.shard) == (5, (1, 2))


# --- joining -----------------------------------------------------------------------------------------------------


def merge(folder: Path, *words: str) -> tuple[int, str, str]:
    told = call(["-m", "conformance", "merge", "--report-dir", "merged", *words], folder)
    return told.returncode, told.stdout, told.stderr


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of a faulty server, `whole`, and the same run in shards, `s1` and so on."""
    folder = tmp_path_factory.mktemp("shards")
    words = ("--only", SOME, "--examples", "2", "--run-label", "one")
    with ReferenceServer(load_faults()["PauseTwiceIsFine"].service) as server:
        assert judge(server, folder, *words, "--report-dir", "whole") == 1
        for index in range(1, COUNT + 1):
            code = judge(server, folder, *words, "--report-dir", f"s{index}", "--shard", f"{index}/{COUNT}")
            assert code in (0, 1, 3)  # races are not judged where a second pause is accepted anyway
    return folder


def shards(*indices: int) -> list[str]:
    return [f"s{index}" for index in indices or range(1, COUNT + 1)]


def test_joined_shards_are_one_run(runs: Path) -> None:
    code, output, errors = merge(runs, *reversed(shards()))
    assert (code, errors) == (1, "")
    assert outcomes(verdicts(runs / "merged")) == outcomes(verdicts(runs / "whole"))
    whole, merged = result(runs / "whole"), result(runs / "merged")
    for name in ("target", "profile", "revision", "seed", "tiers", "exit_code"):
        assert merged[name] == whole[name], name
    for name, value in whole["totals"].items():
        if name not in {"requests", "seconds", "created", "removed"}:
            assert merged["totals"][name] == value, name
    each = [result(runs / folder)["totals"] for folder in shards()]
    for name in ("requests", "created", "removed"):
        assert merged["totals"][name] == sum(totals[name] for totals in each)
    # Every shard makes a first deployment of its own, watches bystanders, and hands deployments on among its own
    # stories alone; which of them wait for one depends on the moment.
    assert whole["totals"]["created"] < merged["totals"]["created"] <= whole["totals"]["created"] + 12 * COUNT
    assert "joined from 3 shards" in output


def test_a_requirement_of_stories_is_judged_by_one_shard_and_one_of_all_answers_by_each(runs: Path) -> None:
    seen = [verdicts(runs / folder) for folder in shards()]
    times = {name: sum(name in one for one in seen) for name in verdicts(runs / "whole")}
    assert set(times.values()) == {1, COUNT}
    assert {times[name] for name in ("errors.envelope", "object.matches-schema")} == {COUNT}
    assert {times[name] for name in ("pause.second-is-conflict", "list.envelope", "property.ids")} == {1}


def test_joined_evidence_is_judged_again(runs: Path) -> None:
    assert merge(runs, *shards())[0] == 1
    told = call(["-m", "conformance", "rejudge", "merged", "--report-dir", "again"], runs)
    assert told.returncode == 1
    assert verdicts(runs / "again") == verdicts(runs / "merged")
    assert "none of" in told.stdout


def test_a_missing_shard_is_named_and_nothing_of_it_passes(runs: Path) -> None:
    codes = set()
    for index in range(1, COUNT + 1):
        code, output, _ = merge(runs, *(name for name in shards() if name != f"s{index}"))
        codes.add(code)
        assert f"shard {index}/{COUNT} of the run is missing" in output
        whole, found = verdicts(runs / "whole"), verdicts(runs / "merged")
        for name in verdicts(runs / f"s{index}"):
            if whole[name][0] not in {"not-applicable", "fail"}:
                assert found[name][0] == "not-judged", name
                assert f"{index}/{COUNT}" in found[name][1]
    assert codes == {1, 3}


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (["s1", "s2", "s1"], "shard 1/3 is there twice: s1 and s1"),
        (["s1", "whole"], "whole is no shard of a run"),
        (["s1", "nowhere"], "nowhere cannot be read"),
        ([], "required: DIR"),
    ],
)
def test_what_cannot_be_joined_is_wrong_usage(folders: list[str], said: str, runs: Path) -> None:
    code, output, errors = merge(runs, *folders)
    assert (code, output) == (2, "")
    assert said in errors
    assert "Traceback" not in errors


# --- the example -------------------------------------------------------------------------------------------------


def test_the_job_of_the_documentation_shares_a_run_out_as_it_says() -> None:
    documents = list(yaml.safe_load_all((ROOT / "docs" / "ci" / "kubernetes-job.yaml").read_text()))
    jobs = [document["spec"] for document in documents if document["kind"] == "Job"]
    scripts = [job["template"]["spec"]["containers"][0]["args"][0] for job in jobs]
    for script in scripts:
        subprocess.run(["/bin/sh", "-n"], input=script, text=True, check=True)
    count = jobs[0]["completions"]
    assert (jobs[0]["completionMode"], jobs[0]["parallelism"]) == ("Indexed", count)
    assert f'--shard "$((JOB_COMPLETION_INDEX + 1))/{count}"' in scripts[0]
    assert f"= {count} ]" in scripts[1]
    known = {f"--{option.name}" for option in OPTIONS}
    assert set(re.findall(r"--[a-z-]+", "".join(scripts))) <= known
