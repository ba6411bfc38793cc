"""The job's summary: no text of a target breaks it, it never exceeds its size, and it is appended where CI says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from conformance.contract.verdict import Outcome, Verdict
from conformance.report import Judged, ReportError, RunResult, append_summary, markdown
from conformance.report.markdown import MOST_BYTES

Run = Callable[..., RunResult]
NASTY = (
    "</code></td></tr></table>\n\n# Heading\n\n<script>x</script> [a](http://evil) ![i](x) `code` | pipe | **b** @you "
    "\u2028 \x00 \ud800 \u202e &lt; \\| ```"
)


class Reader(HTMLParser):
    """Notes tags, and the text of each piece of code."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.code: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not attrs
        if tag != "br":
            self.open.append(tag)
        if tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" in self.open:
            self.code[-1] += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def nasty(run: Run, count: int = 1, text: str = NASTY) -> RunResult:
    row = run("fail").judged[0]
    verdict = Verdict("x", Outcome.FAIL, message=text, expected=text, got=text, reproduce=text)
    broken = [
        Judged(replace(row.requirement, id=f"pause.nr-{number}", title=text), verdict)
        for number in range(count)
    ]
    result: RunResult = run(judged=broken, notices=(text,), target=text)
    return result


def test_no_text_of_a_target_breaks_it(run: Run) -> None:
    text = markdown(nasty(run))
    reader = read(text)
    assert reader.tags == {"p", "code", "table", "tr", "th", "td", "br"}
    assert sum("<script>" in code for code in reader.code) == 5
    text.encode()
    outside = [line for line in text.splitlines() if line and not line.startswith("<")]
    assert outside == ["## conformance: FAIL", "### Broken (1)"]
    assert [
        line for line in text.splitlines() if "Heading" in line and not line.startswith(("<tr>", "<p>"))
    ] == []
    assert re.search("[\x00\u2028\u202e]", text) is None


def test_a_renderer_of_markdown_finds_nothing_more_in_it(run: Run) -> None:
    page = MarkdownIt("commonmark").enable("table").render(markdown(nasty(run)))
    reader = read(page)
    assert reader.tags == {"h2", "h3", "p", "code", "table", "tr", "th", "td", "br"}
    assert page.count("<h") == 2


@pytest.mark.parametrize("limit", [0, 10, 300, 3_000, 20_000, MOST_BYTES])
def test_it_never_exceeds_its_size(run: Run, limit: int) -> None:
    result = nasty(run, 2_000, "Ω<" * 600)
    text = markdown(result, limit)
    assert len(text.encode()) <= limit
    reader = read(text)
    if text:
        assert text.startswith("## conformance: FAIL")
        assert text.endswith("<p>Cut here: result.json has the rest.</p>\n")
    assert "tr" not in reader.tags or text.count("<tr>") == text.count("</tr>")


def test_a_passing_run_has_no_table(run: Run) -> None:
    text = markdown(run("pass", "observed", notices=()))
    assert text.startswith("## conformance: PASS\n")
    assert "table" not in read(text).tags


def test_it_is_appended(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("before\n")
    append_summary(run("fail"), path)
    assert path.read_text() == "before\n" + markdown(run("fail"))
    path.write_bytes(b"x" * (MOST_BYTES - 10))
    append_summary(run("fail"), path)
    assert path.stat().st_size == MOST_BYTES - 10
    with pytest.raises(ReportError, match="GITHUB_STEP_SUMMARY"):
        append_summary(run("fail"), tmp_path / "none" / "summary")
