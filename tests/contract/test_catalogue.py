"""The catalogue refuses data that contradicts itself, and every row has its one judgement."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from conformance.config.options import OPTIONS
from conformance.contract.areas import AREAS
from conformance.contract.catalogue import (
    NEEDS,
    STRENGTH_OF_LEVEL,
    Catalogue,
    CatalogueError,
    build_catalogue,
    load_catalogue,
)
from conformance.contract.verdict import Level
from conformance.vendors import Promise, Statement, load_profile, shipped

QODER = load_profile("qoder")
PAGE = "https://docs.example/pause"
ROW = '["pause.works"]\ntitle = "Pausing works."\n'
PROMISE = Promise("MUST", ("N1",), PAGE)
STATEMENTS = {
    "N1": Statement("Pausing works.", "H", PAGE),
    "N2": Statement("It has a moon.", "SP", PAGE, excluded="needs a second moon"),
}


def built(
    row: str = ROW,
    promise: Promise | None = PROMISE,
    statements: Mapping[str, Statement] = STATEMENTS,
    promises: Mapping[str, Promise] | None = None,
    **more: str,
) -> Catalogue:
    """Return a catalogue of one row in the area pause, what a vendor promises, and more files by name."""
    texts = {"pause.toml": row, **{f"{name}.toml": text for name, text in more.items()}}
    named = {"pause.works": promise} if promise else {}
    vendor = replace(QODER, promises={**named, **(promises or {})}, statements=statements)
    return build_catalogue(texts, vendor)


def test_it_is_read_from_the_files_of_the_package() -> None:
    catalogue = load_catalogue()
    assert catalogue["pause.is-stored"].area == "pause"
    assert "race.pauses" in catalogue.searches
    assert any(statement.excluded for statement in catalogue.statements.values())
    assert load_catalogue() is catalogue


def test_a_row_and_its_promise_become_a_requirement() -> None:
    catalogue = built(ROW + 'needs = ["oversize-body"]\n', replace(PROMISE, editions=("2026-07",)))
    requirement = catalogue["pause.works"]
    assert (requirement.id, requirement.area, requirement.level) == ("pause.works", "pause", Level.MUST)
    assert (requirement.statements, requirement.needs) == (("N1",), ("oversize-body",))
    assert (requirement.revisions, requirement.tier, requirement.advisory) == (("2026-07",), "core", False)
    assert (requirement.source, requirement.unbound) == (PAGE, "")
    assert [*catalogue] == [requirement]


def test_a_promise_without_editions_is_made_in_all_of_the_vendor() -> None:
    assert built()["pause.works"].revisions == QODER.editions.names


def test_a_vendor_may_say_it_in_other_words() -> None:
    assert (
        built(promise=replace(PROMISE, title="Pausing is refused."))["pause.works"].title
        == "Pausing is refused."
    )


def test_what_a_vendor_does_not_name_does_not_bind() -> None:
    statements = {"N1": replace(STATEMENTS["N1"], planned="its requirement is still to come")}
    requirement = built(promise=None, statements=statements)["pause.works"]
    assert requirement.unbound == "the profile qoder does not promise it"
    assert (requirement.level, requirement.statements) == (Level.OBSERVE, ())


def test_what_is_switched_off_does_not_bind_and_says_why() -> None:
    requirement = built(promise=replace(PROMISE, off="we never pause"))["pause.works"]
    assert (requirement.unbound, requirement.level) == ("we never pause", Level.OBSERVE)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('colour = "red"', r"pause\.works: unknown keys \['colour'\]; allowed are \['advisory', "),
        ('id = "other"', r"pause\.works: unknown keys \['id'\]"),
        ('level = "MUST"', r"pause\.works: unknown keys \['level'\]"),
        ('area = "list"', r"pause\.works: unknown keys \['area'\]"),
        ('tier = "fast"', r"pause\.works: tier 'fast' is none of core, "),
        ('needs = ["luck"]', r"pause\.works: needs 'luck' is none of second-token-env, "),
    ],
)
def test_an_unknown_key_or_value_is_refused(line: str, message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        built(f"{ROW}{line}\n")


def test_a_missing_title_is_refused() -> None:
    with pytest.raises(CatalogueError, match=r"pause\.works: \['title'\] missing"):
        built('["pause.works"]\n')


@pytest.mark.parametrize(
    ("promise", "message"),
    [
        (
            replace(PROMISE, statements=()),
            r"pause\.works: \['statements'\] missing in the promises of the profile",
        ),
        (replace(PROMISE, source=""), r"pause\.works: \['source'\] missing"),
        (replace(PROMISE, level="MAY"), "level 'MAY' is none of MUST, SHOULD, OBSERVE"),
        (replace(PROMISE, level=""), "level '' is none of MUST, SHOULD, OBSERVE"),
        (replace(PROMISE, editions=("2026-08",)), "editions '2026-08' is none of 2026-06, 2026-07"),
    ],
)
def test_an_incomplete_or_unknown_promise_is_refused(promise: Promise, message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        built(promise=promise)


def test_a_promise_of_no_requirement_is_refused() -> None:
    with pytest.raises(
        CatalogueError,
        match=r"qoder promises pause\.work, which is no requirement\. Did you mean pause\.works\?",
    ):
        built(promises={"pause.work": PROMISE})


def test_a_file_that_is_no_area_is_refused() -> None:
    with pytest.raises(CatalogueError, match="area 'pausing' is none of transport, "):
        built("", pausing=ROW)


def test_an_id_in_two_files_is_refused() -> None:
    with pytest.raises(CatalogueError, match=r"the id pause\.works is there twice"):
        built(list=ROW)


def test_an_id_twice_in_one_file_is_refused() -> None:
    with pytest.raises(CatalogueError, match=r"pause\.toml: "):
        built(ROW + ROW)


OPEN_MOON = {**STATEMENTS, "N2": replace(STATEMENTS["N2"], excluded="")}


@pytest.mark.parametrize(
    ("level", "statement", "strength"),
    [("SHOULD", "N1", "H"), ("OBSERVE", "N1", "H"), ("MUST", "N2", "SP"), ("MUST", "N3", "unknown")],
)
def test_a_level_that_contradicts_the_strength_is_refused(level: str, statement: str, strength: str) -> None:
    with pytest.raises(
        CatalogueError, match=f"level {level} contradicts {statement}, whose strength is '{strength}'"
    ):
        built(promise=Promise(level, (statement,), PAGE), statements=OPEN_MOON)


def test_a_level_with_a_reason_may_be_another() -> None:
    promise = replace(PROMISE, level="SHOULD", reason="our gateway retries")
    assert built(promise=promise)["pause.works"].level is Level.SHOULD


@pytest.mark.parametrize("level", ["SHOULD", "OBSERVE"])
def test_a_statement_with_two_strengths_takes_either_level(level: str) -> None:
    statements = {"N2": OPEN_MOON["N2"]}
    assert built(promise=Promise(level, ("N2",), PAGE), statements=statements)["pause.works"].level == level


def test_an_uncovered_statement_is_refused() -> None:
    with pytest.raises(
        CatalogueError, match="N3 has no requirement and stands in neither excluded nor planned"
    ):
        built(statements={**STATEMENTS, "N3": STATEMENTS["N1"]})


@pytest.mark.parametrize("statement", [replace(STATEMENTS["N2"], planned="later"), STATEMENTS["N2"]])
def test_an_excluded_statement_has_neither_requirement_nor_plan(statement: Statement) -> None:
    promise = (
        PROMISE
        if statement.planned
        else replace(PROMISE, level="SHOULD", statements=("N1", "N2"), reason="x")
    )
    with pytest.raises(CatalogueError, match="N2 is excluded and has a requirement or plan as well"):
        built(promise=promise, statements={**STATEMENTS, "N2": statement})


def test_a_planned_statement_may_have_a_requirement() -> None:
    statements = {"N1": replace(STATEMENTS["N1"], planned="its second half")}
    assert built(statements=statements).statements["N1"].planned


def test_a_search_is_beside_the_requirements() -> None:
    search = '["search.a"]\ntitle = "A."\ntier = "property"\n'
    catalogue = built(searches=search, promises={"search.a": Promise(source=PAGE)})
    assert (catalogue["search.a"].area, catalogue["search.a"].level) == ("search", Level.MUST)
    assert "search.a" not in catalogue.requirements
    assert built(searches=search)["search.a"].unbound
    with pytest.raises(CatalogueError, match="unknown keys"):
        built(searches=search + "x = 1\n")


def test_an_unknown_id_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load_catalogue()["no.such"]


# --- the catalogue that is shipped ---------------------------------------------------------------------------


def test_every_statement_of_the_fact_sheet_has_its_place() -> None:
    assert load_catalogue().statements.keys() == {f"N{number}" for number in range(1, 192)}


BOUND = [row for row in load_catalogue() if not row.unbound]
"""What binds the vendor of the default profile; the others have rows of their own as well."""


def test_every_row_is_written_in_full() -> None:
    for row in (*BOUND, *load_catalogue().searches.values()):
        assert row.source.startswith("https://"), row.id
        assert re.fullmatch(r"\S.*\.", row.title), row.id
        assert re.fullmatch(r"[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+", row.id), row.id
        assert row.revisions, row.id
        assert isinstance(row.advisory, bool), row.id
        assert not (row.advisory and row.level is not Level.SHOULD), row.id


def test_every_requirement_stands_on_a_statement_and_in_its_area() -> None:
    assert {row.id for row in load_catalogue()} == {
        row.id for name in shipped() for row in load_catalogue(name) if not row.unbound
    }, "rows that bind nobody"
    for row in BOUND:
        assert row.statements, row.id
        assert len(row.statements) == len(set(row.statements)), row.id
        assert row.id.startswith(f"{row.area}."), row.id


def test_titles_are_unique_within_an_area() -> None:
    titles = Counter((row.area, row.title) for row in load_catalogue())
    assert [title for title, times in titles.items() if times > 1] == []


def test_reasons_are_sentences() -> None:
    for name, statement in load_catalogue().statements.items():
        reason = statement.excluded or statement.planned
        assert not reason or len(reason) > 10, name


def test_every_need_is_an_option_and_every_area_is_used() -> None:
    assert set(NEEDS) <= {option.name for option in OPTIONS}
    assert {row.area for row in load_catalogue()} == set(AREAS)
    assert set(STRENGTH_OF_LEVEL) == set(Level)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The tests of the suite, as pytest names them."""
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "conformance.suite", "--collect-only", "-q", "-p", "no:cacheprovider",
         "-p", "no:schemathesis"],
        capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path_factory.mktemp("empty"),
    )  # fmt: skip
    assert process.returncode == 0, process.stdout[-2000:] + process.stderr[-2000:]
    return [line for line in process.stdout.splitlines() if "::" in line]


def test_every_row_has_exactly_one_judgement_and_every_judgement_a_row(collected: list[str]) -> None:
    judged = Counter(
        match[1] if (match := re.search(r"\[([a-z0-9.-]+)\]$", line)) else line for line in collected
    )
    catalogue = load_catalogue()
    rows = {*catalogue.requirements, *catalogue.searches}
    assert sorted(rows - judged.keys()) == [], "rows without a judgement"
    assert sorted(judged.keys() - rows) == [], "judgements without a row"
    assert [name for name, times in judged.items() if times > 1] == [], "rows judged twice"
