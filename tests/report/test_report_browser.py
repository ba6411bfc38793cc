"""The report in a real browser: filters, keys, print, narrow and dark, and nothing of a target's runs in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.timeline import Remark, ShownExchange, Timeline
from conformance.contract.verdict import Outcome, Verdict
from conformance.report import Judged
from conformance.report.html import html
from tests.report.browser import Browser, chromium, needs_chromium
from tests.report.conftest import FAILED, NOT_JUDGED, ROWS, make_run, shown

pytestmark = needs_chromium
ATTACKS = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "</script><script>window.hacked = 1</script>",
    "</style><svg onload='window.hacked = 1'>",
    "\"><b onmouseover='window.hacked = 1' style='position:fixed;inset:0'>",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[31mred\x1b[0m\x00\x07",
    "\u202egnp.exe\u2066\u200f",
    "javascript:window.hacked=1//",
    "<!--",
    "]]>",
    "&lt;script&gt;",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = tmp_path_factory.mktemp("html") / "report.html"
    page.write_text(html(make_run(*ROWS)))
    return page


def attacked(number: int, attack: str, **facts: Any) -> ShownExchange:  # noqa: ANN401 (fields)
    """An exchange with an attack in each text that a target has a say in; `facts` replace fields."""
    texts = dict.fromkeys(("command", "summary", "body", "failure", "gist"), attack)
    fields = {**texts, "headers": {attack: attack}, "retries": (attack,), "culprit": True}
    return shown(number, f"pause {attack}", **(fields | facts))


def hostile() -> str:
    attack = " ".join(ATTACKS)
    burst = [attacked(number, attack, together=True, failure="") for number in (1, 2)]
    exchanges: Timeline = (Remark(attack), *burst, attacked(3, attack, status=None), Remark(attack))
    story: Timeline = (Remark(attack), attacked(1, attack, step=1), attacked(2, attack, step=2, status=None))
    rows = [
        Judged(
            replace(FAILED.requirement, id=f"pause.'\"><{number}>", title=one, source=f"https://x/{one}"),
            Verdict(
                f"pause.{number}",
                Outcome.FAIL,
                message=one,
                expected=one,
                got=attack,
                evidence=story if number % 2 else exchanges,
                reproduce=one,
            ),
        )
        for number, one in enumerate(ATTACKS)
    ]
    endless = shown(1, "pause", body="x<>" * 1_700_000, culprit=True)
    huge = replace(FAILED, verdict=replace(FAILED.verdict, got="<b>&" * 1_250_000, evidence=(endless,)))
    return html(make_run(judged=(*rows, huge), target=attack, notices=ATTACKS, internal_error=attack))


def test_nothing_of_a_hostile_target_runs(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(hostile())
    browser.open(page)
    assert browser.run("return window.hacked") is None
    assert browser.complaints() == []
    assert browser.requests() == []
    assert len(browser.shown()) == len(ATTACKS) + 1
    assert (
        browser.run("return document.querySelectorAll('img, iframe, object, main script, main style').length")
        == 0
    )
    assert "gnp.exe" in browser.run("return document.body.innerText")
    assert browser.run("return document.body.innerText.includes('\\u202e')") is False
    browser.run("document.querySelectorAll('details').forEach(e => { e.open = true })")
    assert browser.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_policy_of_the_page_holds(browser: Browser, every_kind: Path) -> None:
    """What would be run, if something slipped through the escaping, is not: the browser refuses it."""
    browser.open(every_kind)
    browser.run(
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s);"
        "const i = document.createElement('img'); i.src = 'https://example.invalid/x'; document.body.append(i);"
        "document.body.setAttribute('onclick', 'window.hacked = 1'); document.body.click();"
    )
    assert browser.run("return window.hacked") is None
    assert len(browser.complaints()) >= 3


def test_filters_by_verdict_level_and_text(browser: Browser, every_kind: Path) -> None:
    browser.open(every_kind)
    everything = browser.shown()
    assert len(everything) == len(ROWS)
    browser.run("document.querySelector('[name=kind][value=pass]').click()")
    assert set(everything) - set(browser.shown()) == {"get.returns-it"}
    browser.run("document.querySelector('[name=level][value=MUST]').click()")
    assert set(browser.shown()) == {"list.newest-first", "object.no-surprise", "create.twin-names"}
    browser.escape()
    assert browser.shown() == everything
    browser.type("/", "second-is", " ", "409")
    assert browser.shown() == ["pause.second-is-conflict"]
    assert browser.run("return document.getElementById('shown').textContent") == f"1 of {len(ROWS)}"


def test_keys_go_from_promise_to_promise(browser: Browser, every_kind: Path) -> None:
    browser.open(every_kind)
    focused = "return document.activeElement.closest('.promise')?.id"
    first, second, *_ = browser.shown()
    browser.type("j")
    assert browser.run(focused) == first
    browser.type("j")
    assert browser.run(focused) == second
    browser.type("k")
    assert browser.run(focused) == first
    browser.type("e")
    assert browser.run("return document.querySelectorAll('.promise:not([open])').length") == 0
    browser.type("e")
    assert browser.run("return document.querySelectorAll('.promise[open]').length") == 0


def test_an_address_opens_its_promise(browser: Browser, every_kind: Path) -> None:
    browser.open(every_kind)
    browser.run("location.hash = '#runs.list-newest-first'")
    browser.driver.implicitly_wait(1)
    assert browser.run("return document.getElementById('runs.list-newest-first').open") is True
    assert NOT_JUDGED.verdict.message in browser.run("return document.body.innerText")


def test_a_command_is_copied(browser: Browser, every_kind: Path) -> None:
    browser.open(every_kind)
    browser.run(
        "document.addEventListener('copy', () => { window.copied = getSelection().toString() });"
        "navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve() };"
        "document.querySelector('.broken [data-copy]').click()"
    )
    assert browser.run("return window.copied") == FAILED.verdict.reproduce


@pytest.mark.parametrize("width", [400, 800, 1600])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_wider_than_the_window(
    browser: Browser, every_kind: Path, width: int, *, dark: bool
) -> None:
    browser.open(every_kind, width=width, dark=dark)
    browser.type("e")
    assert browser.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_told_from_its_ground(browser: Browser, every_kind: Path, *, dark: bool) -> None:
    """Every colour of text has at least the contrast 4.5 that WCAG 2 asks for."""
    browser.open(every_kind, dark=dark)
    browser.type("e")
    assert browser.run(CONTRASTS) == []


CONTRASTS = """
const light = colour => {
  const parts = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const ground = getComputedStyle(document.body).backgroundColor;
const poor = new Set();
for (const one of document.querySelectorAll('body *')) {
  if (!one.checkVisibility() || ![...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
  const style = getComputedStyle(one);
  const below = style.backgroundColor.startsWith('rgb(') ? style.backgroundColor : ground;
  const [least, most] = [light(style.color), light(below)].sort((a, b) => a - b);
  const ratio = (most + 0.05) / (least + 0.05);
  if (ratio < 4.5) poor.add(`${one.className || one.tagName}: ${ratio.toFixed(2)}`);
}
return [...poor];
"""


def test_on_paper_what_is_broken_is_open_and_buttons_are_gone(browser: Browser, every_kind: Path) -> None:
    browser.open(every_kind, media="print")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert (
        browser.run(
            "return document.querySelectorAll('.promise:is(.broken, .warn, .not-judged):not([open])').length"
        )
        == 0
    )
    assert browser.run("return document.getElementById('filter').checkVisibility()") is False
    assert (
        browser.run("return [...document.querySelectorAll('button')].some(e => e.checkVisibility())") is False
    )
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.run("return document.getElementById('list.newest-first').open") is False
    assert browser.driver.print_page()


def test_without_scripts_everything_is_there(browser: Browser, every_kind: Path) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(every_kind)
        source = browser.driver.page_source
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert '<form id="filter" hidden' in source
    assert all(f'id="{row.requirement.id}"' in source for row in ROWS.values())
