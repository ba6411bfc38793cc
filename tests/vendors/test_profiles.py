"""The profiles that the package holds are whole, say where each promise stands, and leave no statement out."""

from __future__ import annotations

import re
from itertools import product

import pytest

from conformance.contract.answers import VendorAnswers
from conformance.contract.catalogue import load_catalogue
from conformance.contract.lifecycle import model_of
from conformance.contract.schemas import schema_kinds, violations
from conformance.contract.verdict import Level
from conformance.vendors import Profile, load_profile, shipped
from conformance.vendors.checking import check
from conformance.vendors.loading import shipped_document
from conformance.vendors.source import Source

NAMES = shipped()
NUMBERS = {
    "qoder": ("N", 191),
    "qoder-cn": ("N", 191),
    "anthropic": ("A", 234),
    "agentstudio": ("B", 28),
    "bigmodel": ("Z", 18),
}


@pytest.fixture(params=NAMES)
def profile(request: pytest.FixtureRequest) -> Profile:
    return load_profile(request.param)


def test_the_five_are_shipped() -> None:
    assert NAMES == ("agentstudio", "anthropic", "bigmodel", "qoder", "qoder-cn")
    assert len({load_profile(name).digest for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_keeps_the_schema_of_profiles(name: str) -> None:
    """A run trusts them: only a user's own are checked when they are loaded."""
    check(Source(shipped_document(name), {}), whole=True)


def test_each_statement_has_its_number_and_its_place(profile: Profile) -> None:
    letter, count = NUMBERS[profile.name]
    assert profile.statements.keys() == {f"{letter}{number}" for number in range(1, count + 1)}
    load_catalogue(profile.name)  # raises for one that has neither a requirement nor a reason
    for name, statement in profile.statements.items():
        assert statement.says.strip(), name
        reason = statement.excluded or statement.planned
        assert not reason or len(reason) > 10, name


def test_each_promise_names_statements_and_a_page(profile: Profile) -> None:
    rows = [row for row in load_catalogue(profile.name) if not row.unbound]
    assert {row.id for row in rows} <= profile.promises.keys()
    for row in rows:
        assert row.statements, row.id
        assert row.source.startswith("https://"), row.id
        assert set(row.revisions) <= set(profile.editions.names), row.id
        assert re.fullmatch(r"\S.*\.", row.title), row.id


def test_what_is_only_observed_for_one_vendor_is_judged_for_no_other(profile: Profile) -> None:
    """A judgement that records what it sees can break no promise: it would uphold a MUST whatever came."""
    observed = {row.id for row in load_catalogue() if row.level is Level.OBSERVE and not row.unbound}
    judged = {row.id for row in load_catalogue(profile.name) if row.level is not Level.OBSERVE}
    assert observed & judged == set()


def test_each_edition_has_the_schemas_that_judgements_ask_for(profile: Profile) -> None:
    for edition in profile.editions.names:
        assert {"deployment", "deployment-list", "error"} <= set(schema_kinds(edition))
        assert violations("deployment-list", edition, {"data": 7})
        if "object.has-sample-fields" in profile.promises:
            assert violations("deployment-sample", edition, {})


def test_addresses_and_ids_are_the_vendors(profile: Profile) -> None:
    assert profile.base_url.startswith("https://")
    for form, number in product((profile.deployment_ids, profile.run_ids), range(3)):
        made = form.unknown()
        assert made.startswith(form.prefix), number
        assert made != form.unknown()
        assert re.fullmatch(r"[A-Za-z0-9_-]+", made)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("qoder", r"dep_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}"),
        ("anthropic", r"depl_[0-9A-Za-z]{24}"),
        ("bigmodel", r"depl_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ],
)
def test_an_unknown_id_has_the_documented_form(name: str, pattern: str) -> None:
    assert re.fullmatch(pattern, load_profile(name).deployment_ids.unknown())


def test_each_makes_a_lifecycle(profile: Profile) -> None:
    answers = VendorAnswers(profile)
    assert all(answers.to(situation) for situation in profile.answers)
    assert model_of(profile).renames == profile.deployments.renamed_by_archive


def test_qoder_cn_is_qoder_but_for_its_address_and_the_size_of_bodies() -> None:
    qoder, china = load_profile("qoder"), load_profile("qoder-cn")
    assert (china.promises, china.answers, china.routes) == (qoder.promises, qoder.answers, qoder.routes)
    assert china.base_url != qoder.base_url
    assert (china.body_limit, qoder.body_limit) == (4 * 1024**2, 32 * 1024**2)


def test_a_level_is_the_vendors() -> None:
    qoder, other = load_catalogue(), load_catalogue("anthropic")
    assert (qoder["runs.newest-first"].level, other["runs.newest-first"].level) == (Level.MUST, Level.SHOULD)
    assert other["runs.newest-first"].statements == ("A198",)
    assert other["pause.second-is-conflict"].unbound == "the profile anthropic does not promise it"
    assert not qoder["pause.second-is-conflict"].unbound
