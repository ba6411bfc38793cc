"""Named targets of conformance.toml: which value wins, and what each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contract.catalogue import load_catalogue
from conformance.target.options import SettingsError
from conformance.target.settings import Settings, resolve

FILE = """
concurrency = 3
token-env = "TOP_TOKEN"

[targets.staging]
base-url = "https://staging.example/api"
concurrency = 5
token-env = "STAGING_TOKEN"

[targets.production]
base-url = "https://production.example/api"
"""
TOKENS = {"TOP_TOKEN": "pt-top", "STAGING_TOKEN": "pt-staging"}


def settle(folder: Path, config: str, given: dict[str, object] | None = None, **environment: str) -> Settings:
    """Resolve settings with a config file and an environment of nothing but tokens and what is named."""
    (folder / "conformance.toml").write_text(config, encoding="utf-8")
    return resolve(given or {}, {**TOKENS, **environment}, load_catalogue(), folder)


def test_option_beats_environment_beats_named_target_beats_top(tmp_path: Path) -> None:
    chosen: dict[str, object] = {"target": "staging"}
    assert settle(tmp_path, FILE, chosen | {"concurrency": "9"}, CONFORMANCE_CONCURRENCY="7").concurrency == 9
    assert settle(tmp_path, FILE, chosen, CONFORMANCE_CONCURRENCY="7").concurrency == 7
    assert settle(tmp_path, FILE, chosen).concurrency == 5
    assert settle(tmp_path, FILE, {"target": "production"}).concurrency == 3
    assert settle(tmp_path, FILE).concurrency == 3


def test_a_named_target_brings_its_url_and_token(tmp_path: Path) -> None:
    staging = settle(tmp_path, FILE, {"target": "staging"})
    assert (staging.base_url, staging.token) == ("https://staging.example/api", "pt-staging")
    assert settle(tmp_path, FILE, {"target": "production"}).token == "pt-top"


def test_the_environment_and_the_file_may_choose_the_target(tmp_path: Path) -> None:
    assert settle(tmp_path, FILE, CONFORMANCE_TARGET="staging").concurrency == 5
    assert settle(tmp_path, 'target = "staging"' + FILE).concurrency == 5


@pytest.mark.parametrize(
    ("config", "chosen", "told"),
    [
        (FILE, "stagin", r"--target does not know 'stagin'\. Did you mean staging\?.* staging, production"),
        ("", "staging", r"has no targets\. Hint: .*\[targets\.staging\]"),
        (
            '[targets.a]\nbaseurl = "x"',
            None,
            r"\[targets\.a\] .*unknown key 'baseurl'\. Did you mean base-url",
        ),
        ('[targets.a]\ntoken = "s3cret"', None, r"'token': no secret may stand in a file.*token-env"),
        ('[targets.a]\ntarget = "b"', None, "unknown key 'target'"),
        ('[target.a]\nbase-url = "x"', None, r"target in conformance\.toml must be a text"),
        ("targets = 5", None, "targets must be a table"),
        ("[targets]\na = 5", None, "a must be a table"),
        ('[target]\n[tragets.a]\nbase-url = "x"', None, r"unknown key 'tragets'\. Did you mean targets"),
        (
            '[targets.a]\nconcurrency = "x"',
            "a",
            r"concurrency in \[targets\.a\] of conformance\.toml must be",
        ),
    ],
)
def test_mistakes_are_told(tmp_path: Path, config: str, chosen: str | None, told: str) -> None:
    with pytest.raises(SettingsError, match=f"(?s){told}") as error:
        settle(tmp_path, config, {"target": chosen})
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("option", ["token-env", "second-token-env"])
def test_a_token_in_place_of_a_variable_is_not_shown(tmp_path: Path, option: str) -> None:
    with pytest.raises(SettingsError, match=f"--{option} takes the name") as error:
        settle(tmp_path, f'{option} = "pt-s3cret"')
    assert "s3cret" not in str(error.value)
