"""The matrix in a real browser: the filter, the keys, the links, and nothing of a target's runs in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.contract.verdict import Outcome, Verdict
from conformance.report import result_json
from conformance.report.comparing.matrix import Column, matrix_of
from conformance.report.comparing.saved import parsed
from conformance.report.html.matrix import matrix_html
from tests.report.browser import Browser, chromium, needs_chromium
from tests.report.conftest import FAILED, ROWS, make_run
from tests.report.test_report_browser import ATTACKS

pytestmark = needs_chromium
VISIBLE = (
    "return [...document.querySelectorAll('.row')].filter(row => row.checkVisibility()).map(row => row.id)"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = replace(FAILED, verdict=Verdict(FAILED.requirement.id, Outcome.PASS))
    rows = tuple(kept if row is FAILED else row for row in ROWS.values())
    runs = [make_run(*ROWS), *[make_run(judged=rows, profile=f"vendor{number}") for number in range(4)]]
    columns = [Column(parsed(json.loads(result_json(run))), "one/report.html") for run in runs]
    path = tmp_path_factory.mktemp("matrix") / "matrix.html"
    path.write_text(matrix_html(matrix_of(columns)))
    return path


def test_it_shows_every_row_and_folds_those_that_agree(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert len(browser.run(VISIBLE)) == len(ROWS)
    browser.run("document.querySelector('[name=differ]').click()")
    assert browser.run(VISIBLE) == [FAILED.requirement.id]
    assert browser.run("return document.getElementById('shown').textContent") == f"1 of {len(ROWS)}"
    assert (
        browser.run("return [...document.querySelectorAll('.area')].filter(e => e.checkVisibility()).length")
        == 1
    )
    browser.escape()
    assert len(browser.run(VISIBLE)) == len(ROWS)
    browser.type("d")
    assert browser.run(VISIBLE) == [FAILED.requirement.id]
    browser.escape()
    browser.type("/", "newest", " ", "order")
    assert len(browser.run(VISIBLE)) < len(ROWS)


def test_a_cell_leads_to_its_evidence(browser: Browser, page: Path) -> None:
    browser.open(page)
    links = browser.run("return [...document.querySelectorAll('td a')].map(a => a.getAttribute('href'))")
    assert f"one/report.html#{FAILED.requirement.id}" in links
    assert len(links) == 5 * len(ROWS)


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (360, True)])
def test_the_table_alone_scrolls_sideways(browser: Browser, page: Path, width: int, dark: bool) -> None:
    browser.open(page, width=width, dark=dark)
    assert browser.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert browser.complaints() == []
    assert browser.requests() == []


def test_nothing_of_a_hostile_report_runs(browser: Browser, tmp_path: Path) -> None:
    attack = " ".join(ATTACKS)
    saved = parsed(json.loads(result_json(make_run(*ROWS))))
    rows = {
        f"{name} {one}": replace(row, id=f"{name} {one}", title=attack, message=one, got=attack, level=one)
        for name, row in saved.rows.items()
        for one in ATTACKS
    }
    hostile = replace(
        saved,
        rows=rows,
        target=attack,
        profile=attack,
        revision=attack,
        started_at=attack,
        suite_version=attack,
    )
    path = tmp_path / "matrix.html"
    path.write_text(matrix_html(matrix_of([Column(saved), Column(hostile, "x/report.html")])))
    browser.open(path)
    assert browser.run("return window.hacked") is None
    assert browser.complaints() == []
    assert browser.requests() == []
    assert len(browser.run(VISIBLE)) == len(saved.rows) + len(rows)
    assert (
        browser.run("return document.querySelectorAll('img, iframe, object, main script, main style').length")
        == 0
    )
    assert browser.run("return document.body.innerText.includes('\\u202e')") is False
