"""Named targets of conformance.toml: which value wins, and what each mistake is told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.config.options import SettingsError
from conformance.config.resolution import resolve
from conformance.config.settings import Settings
from conformance.contract.catalogue import load_catalogue

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


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_what_editors_write_is_read(tmp_path: Path, mark: bytes, end: bytes) -> None:
    (tmp_path / "conformance.toml").write_bytes(
        mark + b"seed = 5" + end + b"only = [" + end + b"'pause.*']" + end
    )
    assert resolve({}, {}, load_catalogue(), tmp_path).seed == 5


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "UTF-16": (lambda path: path.write_text("seed = 5", encoding="utf-16"), "UTF-16 or UTF-32"),
    "UTF-16 without a mark": (lambda path: path.write_bytes("seed = 5".encode("utf-16-le")), "TOML in UTF-8"),
    "Latin-1": (lambda path: path.write_bytes(b"run-label = 'caf\xe9'"), "TOML in UTF-8"),
    "a folder": (Path.mkdir, "no regular file"),
    "a pipe": (os.mkfifo, "no regular file"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "no regular file"),
    "a link in a circle": (lambda path: path.symlink_to(path), "symbolic links"),
    "huge": (lambda path: path.write_text("#" * 2_000_000), "larger than"),
    "deep": (lambda path: path.write_text(f"seed = {'[' * 100_000}"), "cannot be read"),
    "a number of a million digits": (
        lambda path: path.write_text(f"seed = 0x{'f' * 1_000_000}"),
        "cannot be read",
    ),
    "such a number in a list": (lambda path: path.write_text(f"only = [0x{'f' * 10_000}]"), "cannot be read"),
    "a zero byte": (lambda path: path.write_text('report-dir = "a\\u0000b"'), "must be a text"),
}


@pytest.mark.parametrize(("make", "told"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_told_of(
    tmp_path: Path, make: Callable[[Path], object], told: str
) -> None:
    make(tmp_path / "conformance.toml")
    with pytest.raises(SettingsError, match=told) as caught:
        resolve({}, {}, load_catalogue(), tmp_path)
    assert len(str(caught.value)) < 500
