"""The catalogue refuses data that contradicts itself, and every row has its one judgement."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter

import pytest

from conformance.contract.catalogue import (
    AREAS,
    NEEDS,
    STRENGTH_OF_LEVEL,
    CatalogueError,
    build_catalogue,
    load_catalogue,
)
from conformance.contract.verdict import Level
from conformance.target.options import OPTIONS

STATEMENTS = '[strengths]\nN1 = "H"\nN2 = "SP"\n[excluded]\nN2 = "needs a second moon"\n'
ROW = """["pause.works"]
title = "Pausing works."
level = "MUST"
statements = ["N1"]
source = "https://docs.example/pause"
"""


def texts(row: str = ROW, statements: str = STATEMENTS, **more: str) -> dict[str, str]:
    """Return catalogue files: one row in the area pause, the statements, and more files by name."""
    files = {f"{name}.toml": text for name, text in more.items()}
    return {"statements.toml": statements, "pause.toml": row, **files}


def test_it_is_read_from_the_files_of_the_package() -> None:
    catalogue = load_catalogue()
    assert catalogue["pause.is-stored"].area == "pause"
    assert "race.pauses" in catalogue.searches
    assert catalogue.excluded
    assert load_catalogue() is catalogue


def test_a_row_becomes_a_requirement() -> None:
    catalogue = build_catalogue(texts(ROW + 'needs = ["oversize-body"]\nrevisions = ["2026-07"]\n'))
    requirement = catalogue["pause.works"]
    assert (requirement.id, requirement.area, requirement.level) == ("pause.works", "pause", Level.MUST)
    assert (requirement.statements, requirement.needs) == (("N1",), ("oversize-body",))
    assert (requirement.revisions, requirement.tier, requirement.advisory) == (("2026-07",), "core", False)
    assert [*catalogue] == [requirement]
    assert catalogue.excluded == {"N2": "needs a second moon"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('colour = "red"', r"pause\.works: unknown keys \['colour'\]; allowed are \['advisory', "),
        ('id = "other"', r"pause\.works: unknown keys \['id'\]"),
        ('area = "list"', r"pause\.works: unknown keys \['area'\]"),
        ('revisions = ["2026-08"]', r"pause\.works: revisions '2026-08' is none of 2026-06, 2026-07"),
        ('revisions = "2026-07"', r"pause\.works: revisions '2' is none of"),
        ('profiles = ["other"]', r"pause\.works: profiles 'other' is none of qoder, qoder-cn"),
        ('tier = "fast"', r"pause\.works: tier 'fast' is none of core, "),
        ('needs = ["luck"]', r"pause\.works: needs 'luck' is none of second-token-env, "),
    ],
)
def test_an_unknown_key_or_value_is_refused(line: str, message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        build_catalogue(texts(f"{ROW}{line}\n"))


@pytest.mark.parametrize("key", ["title", "level", "statements", "source"])
def test_a_missing_key_is_refused(key: str) -> None:
    row = "\n".join(line for line in ROW.splitlines() if not line.startswith(f"{key} "))
    with pytest.raises(CatalogueError, match=rf"pause\.works: \['{key}'\] missing"):
        build_catalogue(texts(row))


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(CatalogueError, match="level 'MAY' is none of MUST, SHOULD, OBSERVE"):
        build_catalogue(texts(ROW.replace("MUST", "MAY")))


def test_a_file_that_is_no_area_is_refused() -> None:
    with pytest.raises(CatalogueError, match="area 'pausing' is none of transport, "):
        build_catalogue(texts("", pausing=ROW))


def test_an_id_in_two_files_is_refused() -> None:
    with pytest.raises(CatalogueError, match=r"the id pause\.works is there twice"):
        build_catalogue(texts(ROW, list=ROW))


def test_an_id_twice_in_one_file_is_refused() -> None:
    with pytest.raises(CatalogueError, match=r"pause\.toml: "):
        build_catalogue(texts(ROW + ROW))


@pytest.mark.parametrize(
    ("level", "statement", "strength"),
    [("SHOULD", "N1", "H"), ("OBSERVE", "N1", "H"), ("MUST", "N2", "SP"), ("MUST", "N3", "unknown")],
)
def test_a_level_that_contradicts_the_strength_is_refused(level: str, statement: str, strength: str) -> None:
    row = ROW.replace("MUST", level).replace("N1", statement)
    with pytest.raises(
        CatalogueError, match=f"level {level} contradicts {statement}, whose strength is '{strength}'"
    ):
        build_catalogue(texts(row, STATEMENTS.replace("[excluded]", "[planned]")))


@pytest.mark.parametrize("level", ["SHOULD", "OBSERVE"])
def test_a_statement_with_two_strengths_takes_either_level(level: str) -> None:
    row = ROW.replace("MUST", level).replace("N1", "N2")
    catalogue = build_catalogue(texts(row, '[strengths]\nN2 = "SP"\n'))
    assert catalogue["pause.works"].level == level


def test_an_uncovered_statement_is_refused() -> None:
    with pytest.raises(
        CatalogueError, match="N3 has no requirement and stands in neither excluded nor planned"
    ):
        build_catalogue(texts(statements=STATEMENTS.replace("[excluded]", 'N3 = "H"\n[excluded]')))


@pytest.mark.parametrize("other", ['[planned]\nN2 = "later"\n', ""])
def test_an_excluded_statement_has_neither_requirement_nor_plan(other: str) -> None:
    row = (
        ROW
        if other
        else ROW + ROW.replace("pause.works", "pause.b").replace("MUST", "SHOULD").replace("N1", "N2")
    )
    with pytest.raises(CatalogueError, match="N2 is excluded and has a requirement or plan as well"):
        build_catalogue(texts(row, STATEMENTS + other))


def test_a_planned_statement_may_have_a_requirement() -> None:
    catalogue = build_catalogue(texts(statements=STATEMENTS + '[planned]\nN1 = "its second half"\n'))
    assert catalogue.planned == {"N1": "its second half"}


@pytest.mark.parametrize("part", ["excluded", "planned"])
def test_a_reason_for_no_statement_is_refused(part: str) -> None:
    statements = '[strengths]\nN1 = "H"\n' + f'[{part}]\nN9 = "x"\n'
    with pytest.raises(CatalogueError, match="N9 is no statement of the fact sheet"):
        build_catalogue(texts(statements=statements))


def test_a_search_is_beside_the_requirements() -> None:
    search = '["search.a"]\ntitle = "A."\nsource = "https://docs.example"\ntier = "property"\n'
    catalogue = build_catalogue(texts(searches=search))
    assert catalogue["search.a"].area == "search"
    assert "search.a" not in catalogue.requirements
    with pytest.raises(CatalogueError, match="unknown keys"):
        build_catalogue(texts(searches=search + "x = 1\n"))


def test_an_unknown_id_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load_catalogue()["no.such"]


# --- the catalogue that is shipped ---------------------------------------------------------------------------


def test_every_statement_of_the_fact_sheet_has_its_place() -> None:
    catalogue = load_catalogue()
    judged = {statement for requirement in catalogue for statement in requirement.statements}
    places = judged | catalogue.excluded.keys() | catalogue.planned.keys()
    assert places == {f"N{number}" for number in range(1, 181)}


def test_every_row_is_written_in_full() -> None:
    for row in (*load_catalogue(), *load_catalogue().searches.values()):
        assert row.source.startswith("https://"), row.id
        assert re.fullmatch(r"\S.*\.", row.title), row.id
        assert re.fullmatch(r"[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+", row.id), row.id
        assert row.revisions, row.id
        assert row.profiles, row.id
        assert isinstance(row.advisory, bool), row.id
        assert not (row.advisory and row.level is not Level.SHOULD), row.id


def test_every_requirement_stands_on_a_statement_and_in_its_area() -> None:
    for row in load_catalogue():
        assert row.statements, row.id
        assert len(row.statements) == len(set(row.statements)), row.id
        assert row.id.startswith(f"{row.area}."), row.id


def test_titles_are_unique_within_an_area() -> None:
    titles = Counter((row.area, row.title) for row in load_catalogue())
    assert [title for title, times in titles.items() if times > 1] == []


def test_reasons_are_sentences() -> None:
    catalogue = load_catalogue()
    for statement, reason in (*catalogue.excluded.items(), *catalogue.planned.items()):
        assert len(reason) > 10, statement


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
