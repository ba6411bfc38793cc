"""A user's own profile: what it takes over, what it changes, and how clearly it is told what is wrong."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from conformance.contract.catalogue import DEFAULT_PROFILE, CatalogueError, load_catalogue
from conformance.contract.verdict import Level
from conformance.vendors import ProfileError, load_profile, shipped
from conformance.vendors.folders import shipped_folder
from conformance.vendors.loading import is_path, merged

BEGIN = 'format = "1"\nextends = "anthropic"\n'
CLONE = f"""{BEGIN}title = "Our clone"
[credentials]
headers = {{ x-team = "search" }}
[answers]
pause-when-archived = ["404 not_found_error", "400"]
[promises."list.limit-is-kept"]
off = "our gateway adds two rows"
[promises."get.has-the-shape-of-create"]
level = "SHOULD"
reason = "reads come from a replica"
"""


def written(folder: Path, text: str, name: str = "clone.toml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("qoder", False),
        ("qoder-cn", False),
        ("mine.toml", True),
        ("./mine", True),
        ("a/b", True),
        ("c\\d", True),
    ],
)
def test_a_path_is_told_from_a_name(name: str, path: bool) -> None:
    assert is_path(name) == path


def test_it_names_only_what_differs(tmp_path: Path) -> None:
    path = written(tmp_path, CLONE)
    own, base = load_profile(path), load_profile("anthropic")
    assert (own.name, own.title, own.base_url) == ("clone", "Our clone", base.base_url)
    assert own.credentials.header == "x-api-key"
    assert own.credentials.headers == {**base.credentials.headers, "x-team": "search"}
    assert own.answers["pause-when-archived"] == ("404 not_found_error", "400")
    assert own.answers["run-when-paused"] == ("200",)
    assert own.digest != base.digest
    assert load_profile(path) is own


def test_it_switches_requirements_off_and_changes_levels_with_a_reason(tmp_path: Path) -> None:
    catalogue, base = load_catalogue(written(tmp_path, CLONE)), load_catalogue("anthropic")
    assert catalogue["list.limit-is-kept"].unbound == "our gateway adds two rows"
    assert base["get.has-the-shape-of-create"].level is Level.MUST
    assert catalogue["get.has-the-shape-of-create"].level is Level.SHOULD
    assert (
        catalogue["get.has-the-shape-of-create"].statements == base["get.has-the-shape-of-create"].statements
    )
    changed = {row.id for row in catalogue if row != base[row.id]} - {
        row.id for row in catalogue if row.unbound and base[row.id].unbound
    }
    assert changed == {"list.limit-is-kept", "get.has-the-shape-of-create"}


def test_a_folder_says_the_same_as_one_file(tmp_path: Path) -> None:
    (tmp_path / "clone").mkdir()
    head, _, rest = CLONE.partition("[answers]\n")
    answers, _, promises = rest.partition('[promises."')
    written(tmp_path / "clone", head, "vendor.toml")
    written(tmp_path / "clone", answers, "answers.toml")
    written(tmp_path / "clone", f'["{promises}'.replace('[promises."', '["'), "promises.toml")
    assert load_profile(f"{tmp_path}/clone").digest == load_profile(written(tmp_path, CLONE)).digest


def test_no_module_asks_for_a_vendor_by_its_name() -> None:
    """So that another needs data alone: `test_serving.py` serves, judges and names an invented one."""
    package = Path(str(shipped_folder("qoder"))).parents[1]
    asked = {
        (str(file.relative_to(package)), node.value)
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in shipped()
    }
    assert asked == {("config/settings.py", DEFAULT_PROFILE), ("contract/catalogue.py", DEFAULT_PROFILE)}


def test_tables_merge_and_all_else_is_replaced() -> None:
    base = {"a": {"b": 1, "c": [1, 2]}, "d": "e"}
    assert merged(base, {"a": {"c": [3]}, "f": {"g": 1}}) == {
        "a": {"b": 1, "c": [3]},
        "d": "e",
        "f": {"g": 1},
    }
    assert base == {"a": {"b": 1, "c": [1, 2]}, "d": "e"}


WRONG = {
    "an unknown key": ('colour = "red"', ["clone.toml, line 3: colour is unknown.", "Allowed: answers, base_url,"]),
    "a misspelt situation": (
        '[answers]\npause-when-pausd = "200"',
        ["line 4: answers.pause-when-pausd is unknown. Did you mean pause-when-paused?", "Allowed: archive-when-archived"],
    ),
    "an answer that is none": (
        '[answers]\npause-when-paused = "yes"', ['line 4: answers.pause-when-paused is "yes". Allowed: "any", "4xx"']
    ),
    "a number for a text": ("title = 7", ["line 3: title is 7. Allowed: a text."]),
    "a text for a number": ('[limits]\nbody = "many"', ['line 4: limits.body is "many". Allowed: a number of bytes.']),
    "a header in capitals": ('[credentials]\nheader = "X-Key"', ["line 4: credentials.header", "in small letters"]),
    "another format": ('format = "2"\nextends = "anthropic"', ['line 1: format is "2". Allowed: "1"']),
    "an unknown base": ('format = "1"\nextends = "antropic"', ["extends names 'antropic'. Did you mean anthropic?", "qoder-cn."]),
    "an edition without schemas": (
        '[editions]\nnames = ["2027-01"]', ["line 4: editions.names names '2027-01', which has no schemas.", "2026-07"]
    ),
    "a rule about no edition": (
        '[[editions.rules]]\nedition = "old"\nwhen = {}\nreason = "none"', ["editions.rules.edition names 'old'.", "Allowed: managed"]
    ),
    "a rule about no mark": (
        '[[editions.rules]]\nedition = "managed-agents-2026-04-01"\nwhen = { moon = true }\nreason = "none"',
        ["editions.rules.when names 'moon'."],
    ),
    "an unknown level": ('[promises."list.limit-is-kept"]\nlevel = "MAY"', ['list.limit-is-kept.level is "MAY". Allowed: MUST, SHOULD']),
    "a path without a slash": ('[routes]\nruns = "deployment_runs"', ['line 4: routes.runs is "deployment_runs". Allowed: a path']),
    "no TOML": ("title = ", ["clone.toml is no TOML: ", "Hint: "]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_line_key_and_what_is_allowed(
    tmp_path: Path, text: str, said: list[str]
) -> None:
    whole = text if text.startswith("format") else BEGIN + text
    with pytest.raises(ProfileError) as error:
        load_profile(written(tmp_path, whole))
    assert [words for words in said if words not in str(error.value)] == [], str(error.value)
    assert "\n" not in str(error.value).strip() or "TOML" in str(error.value)


def test_one_that_extends_nothing_must_be_whole(tmp_path: Path) -> None:
    with pytest.raises(
        ProfileError, match=r"the profile: 'title' is a required property\. Hint: extends takes it"
    ):
        load_profile(written(tmp_path, 'format = "1"\n'))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[promises."list.limit-is-kep"]\noff = "why not"',
            r"promises list\.limit-is-kep, which is no requirement\. Did you mean",
        ),
        (
            '[promises."list.limit-is-kept"]\nlevel = "SHOULD"',
            "level SHOULD contradicts A214, .* with? a reason|a promise with a reason",
        ),
        (
            '[promises."pause.second-is-conflict"]\nlevel = "MUST"',
            r"pause\.second-is-conflict: \['statements', 'source'\] missing",
        ),
        (
            '[promises."list.limit-is-kept"]\nstatements = ["A999"]',
            "contradicts A999, whose strength is 'unknown'",
        ),
    ],
)
def test_a_promise_that_cannot_be_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        load_catalogue(written(tmp_path, BEGIN + text))


def test_an_unknown_name_is_told_with_the_likely_one() -> None:
    with pytest.raises(
        ProfileError, match=r"no profile is called 'qodr'\. Did you mean qoder\? Allowed: agentstudio, "
    ):
        load_profile("qodr")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * (1024 * 1024 + 1)])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.toml").write_bytes(content)
    with pytest.raises(ProfileError, match=r"p\.toml (is not in UTF-8|cannot be read: it is larger)"):
        load_profile(str(tmp_path / "p.toml"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"nothing\.toml cannot be read: there is no such file or folder"):
        load_profile(str(tmp_path / "nothing.toml"))
