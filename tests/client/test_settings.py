"""Settings: which source wins, and what each wrong value is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from conformance.client.traffic.limits import DEFAULT_RATE, rate_of
from conformance.config.options import OPTIONS, Option, SettingsError, did_you_mean
from conformance.config.resolution import check_target, resolve
from conformance.config.settings import Settings
from conformance.contract.catalogue import load_catalogue

URL = "https://deployments.example/api/v1"
TOKEN = "pt-settings-token"

Resolve = Callable[..., Settings]


@pytest.fixture
def settle(tmp_path: Path) -> Resolve:
    """Resolve settings from options, an environment that has nothing else, and a config file."""

    def settle(
        given: Mapping[str, object] | None = None, config: str | None = None, **environment: str
    ) -> Settings:
        if config is not None:
            (tmp_path / "conformance.toml").write_text(config, encoding="utf-8")
        return resolve(given or {}, environment, load_catalogue(), tmp_path)

    return settle


@pytest.mark.parametrize(
    ("given", "environment", "config", "wanted"),
    [
        ({"concurrency": "2"}, {"CONFORMANCE_CONCURRENCY": "3"}, "concurrency = 4", 2),
        ({}, {"CONFORMANCE_CONCURRENCY": "3"}, "concurrency = 4", 3),
        ({}, {}, "concurrency = 4", 4),
        ({"concurrency": None}, {}, None, 8),
    ],
)
def test_option_beats_environment_beats_file(
    settle: Resolve,
    given: dict[str, object],
    environment: dict[str, str],
    config: str | None,
    wanted: int,
) -> None:
    assert settle(given, config, **environment).concurrency == wanted


def test_an_empty_list_of_an_option_counts_as_not_given(settle: Resolve) -> None:
    assert settle({"tier": []}, CONFORMANCE_TIER="time,race").tier == ("time", "race")


ALONE = ("target", "deployment-id")
"""Options that need others to be absent, or a table in the file; they have tests of their own."""


def test_every_option_can_be_given_in_the_environment_and_in_the_file(
    settle: Resolve, tmp_path: Path
) -> None:
    saved, accepted = tmp_path / "saved.json", tmp_path / "accepted.toml"
    accepted.touch()
    failure = {"schema_version": "1.0", "search": "race.pauses", "requirement": "pause.is-stored", "case": {}}
    saved.write_text(json.dumps(failure))
    values = {
        "base-url": URL, "profile": "qoder-cn", "revision": "2026-06", "tier": "race", "only": "race.*",
        "strict": "true", "seed": "7", "concurrency": "3", "agent-id": "agent_1", "environment-id": "env_1",
        "archived-agent-id": "agent_2", "archived-environment-id": "env_2", "oversize-body": "yes",
        "report-dir": "out", "connect-timeout": "1.5", "timeout": "2.5", "token-env": "MINE",
        "second-token-env": "YOURS", "footprint": "normal", "examples": "9", "replay": str(saved), "insecure": "no",
        "rate": "2.5", "max-requests": "90", "max-created": "0", "max-seconds": "60", "shard": "2/5",
        "run-label": "nightly", "har": "run.har",
        "read-only": "no", "reference": "no", "compare-with": "before", "accepted": str(accepted),
    }  # fmt: skip
    known = {option.name: values[option.name] for option in OPTIONS if option.name not in ALONE}
    tokens = {"MINE": TOKEN, "YOURS": "pt-second"}
    variables = {option.variable: known[option.name] for option in OPTIONS if option.name in known}
    by_environment = settle({}, **variables, **tokens)
    by_file = settle({}, "\n".join(f"{name} = {value!r}" for name, value in known.items()), **tokens)
    assert by_environment == by_file
    assert (by_file.seed, by_file.timeout, by_file.strict) == (7, 2.5, True)
    assert (by_file.token, by_file.second_token) == (TOKEN, "pt-second")
    assert by_file.tier == ("race",)
    assert [one.path for one in by_file.replay] == [str(saved)]


def test_processes_share_what_a_run_may_do(settle: Resolve) -> None:
    mine = settle({"rate": "9", "max_requests": "100", "max_created": "3", "max_seconds": "60"}).shared(4)
    assert (mine.rate, mine.max_requests, mine.max_created, mine.max_seconds) == (2.25, 25, 0, 60)
    none = settle().shared(4)
    assert (none.rate, none.max_requests, none.max_created, none.max_seconds) == (None,) * 4
    assert rate_of(none, "https://api.example.com") == DEFAULT_RATE / 4


def test_a_list_is_repeatable_and_takes_commas(settle: Resolve) -> None:
    assert settle({"tier": ["core,race", "core", " time "]}).tier == ("core", "race", "time")
    assert settle({}, 'tier = ["core", "race"]').tier == ("core", "race")


def test_a_seed_is_chosen_when_none_is_given(settle: Resolve) -> None:
    assert len({settle().seed for _ in range(4)}) > 1


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        (
            "profile",
            "qodr",
            [
                "--profile",
                "'qodr'",
                "Did you mean qoder?",
                "Allowed: agentstudio, anthropic, bigmodel, qoder, qoder-cn",
                "path",
            ],
        ),
        ("revision", "2026-7", ["--revision", "'2026-7'", "Allowed: auto, 2026-06, 2026-07"]),
        ("tier", ["core,rase"], ["--tier", "'rase'", "Did you mean race?", "Allowed: core, "]),
        ("tier", [" , "], ["--tier", "empty", "at least one TIER"]),
        ("only", ["pause.second"], ["--only", "'pause.second'", "Did you mean pause.", "conformance list"]),
        ("only", ["pause.*,nothing.*"], ["--only", "'nothing.*'"]),
        ("seed", "-1", ["--seed", "from 0 to 4294967295", "'-1'"]),
        ("seed", str(2**32), ["--seed", "from 0 to 4294967295", "'4294967296'"]),
        ("seed", "9" * 5000, ["--seed", "from 0 to 4294967295"]),
        ("seed", True, ["--seed", "from 0", "True"]),
        ("concurrency", "0", ["--concurrency", "from 1", "'0'"]),
        ("concurrency", "2.5", ["--concurrency", "from 1", "'2.5'"]),
        ("rate", "0", ["--rate", "requests per second between 0.1 and 10000", "'0'"]),
        ("rate", "fast", ["--rate", "between 0.1 and 10000", "'fast'"]),
        ("max_requests", "0", ["--max-requests", "from 1", "'0'"]),
        ("max_created", "-1", ["--max-created", "from 0", "'-1'"]),
        ("max_seconds", "0", ["--max-seconds", "between 0.001 and 86400", "'0'"]),
        ("timeout", "0", ["--timeout", "between 0.001 and 86400", "'0'"]),
        ("timeout", "nan", ["--timeout", "between 0.001 and 86400", "'nan'"]),
        ("timeout", "inf", ["--timeout", "between 0.001 and 86400", "'inf'"]),
        ("connect_timeout", "soon", ["--connect-timeout", "between 0.001 and 86400", "'soon'"]),
        ("connect_timeout", True, ["--connect-timeout", "True"]),
        ("strict", "maybe", ["--strict", "'maybe'", "true nor false"]),
        ("oversize_body", 2, ["--oversize-body", "2"]),
        ("agent_id", "  ", ["--agent-id", "text", "'  '"]),
        ("report_dir", 5, ["--report-dir", "text", "5"]),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    settle: Resolve, option: str, value: object, said: list[str]
) -> None:
    with pytest.raises(SettingsError) as error:
        settle({option: value})
    assert [words for words in said if words not in str(error.value)] == []


TEXTS = [option for option in OPTIONS if option.kind in {"text", "list", "choice", "shard"}]


@pytest.mark.parametrize("option", TEXTS, ids=lambda option: option.name)
def test_bytes_that_are_no_text_are_refused_and_not_shown(settle: Resolve, option: Option) -> None:
    wrong = "secret\udcff\udcfe"
    options: dict[str, object] = {option.attribute: ["a", wrong] if option.kind == "list" else wrong}
    sources: list[tuple[str, dict[str, object], dict[str, str]]] = [
        (f"--{option.name}", options, {}), (option.variable, {}, {option.variable: wrong}),
    ]  # fmt: skip
    for origin, given, environment in sources:
        with pytest.raises(SettingsError) as error:
            settle(given, **environment)
        told = "holds '\\udcff', which is no character: only UTF-8 is allowed"
        assert str(error.value).startswith(f"{origin} {told}")
        assert "secret" not in str(error.value)


def test_the_message_names_the_source_of_a_wrong_value(settle: Resolve) -> None:
    with pytest.raises(SettingsError, match="CONFORMANCE_SEED must be"):
        settle(CONFORMANCE_SEED="x")
    with pytest.raises(SettingsError, match=r"seed in conformance\.toml must be"):
        settle({}, 'seed = "x"')
    with pytest.raises(SettingsError, match=r"agent-id in conformance\.toml must be a text \(ID\), not 5"):
        settle({}, "agent-id = 5")
    with pytest.raises(SettingsError, match=r"profile in conformance\.toml does not know \['qoder'\]"):
        settle({}, 'profile = ["qoder"]')


def test_an_unknown_key_of_the_file_has_a_suggestion(settle: Resolve) -> None:
    with pytest.raises(SettingsError, match=r"unknown key 'reportdir'\. Did you mean report-dir\?") as error:
        settle({}, 'reportdir = "x"')
    assert "Allowed: base-url, " in str(error.value)


def test_a_token_in_the_file_is_refused_and_not_shown(settle: Resolve) -> None:
    with pytest.raises(SettingsError, match=r"the key 'token': no secret.* token-env = ") as error:
        settle({}, f'token = "{TOKEN}"')
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize("content", [b"seed =", b"\xff\xfe", b"seed = 1\nseed = 2"])
def test_a_file_that_is_no_toml_is_refused(settle: Resolve, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "conformance.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"conformance\.toml cannot be read: .*Hint: "):
        settle()


def test_a_folder_in_place_of_the_file_is_refused(settle: Resolve, tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        settle()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (URL, URL),
        (f"{URL}/", URL),
        (f"{URL}//", URL),
        ("http://127.0.0.1:8095", "http://127.0.0.1:8095"),
        ("http://[::1]:8095/api", "http://[::1]:8095/api"),
        ("https://example.com/@team/api", "https://example.com/@team/api"),
        ("https://example.com/my-deployments", "https://example.com/my-deployments"),
    ],
)
def test_a_base_url_is_kept_without_a_slash_at_its_end(settle: Resolve, given: str, kept: str) -> None:
    assert settle({"base_url": given}, CONFORMANCE_TOKEN=TOKEN).base_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com", "example.com/api", "localhost:8095", "https://", "https:///api", "http://[::1",
        "http://host:99999", "http://host:port", "http://exa mple.com", "http://example.com/a\nb",
        "https://example.com/?", "https://example.com/#", "https://example.com/#part",
    ],
)  # fmt: skip
def test_what_is_no_base_url_is_refused_with_an_example(settle: Resolve, url: str) -> None:
    with pytest.raises(
        SettingsError, match=r"--base-url must be an http or https URL .* not .*Hint: .*https://"
    ):
        settle({"base_url": url}, CONFORMANCE_TOKEN=TOKEN)


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2222@example.com/api", "https://hunter2222@example.com", "user:hunter2222@example.com",
        "https://user:hunter2222@[bad", "ftp://:hunter2222@example.com", "https://example.com/api?token=hunter2222",
        "https://user:hunter2222@example.com/deployments", "https://user:hunter2222@host:99999/",
        "https://example.com#hunter2222",
    ],
)  # fmt: skip
def test_a_secret_in_the_base_url_is_refused_and_not_echoed(settle: Resolve, url: str) -> None:
    with pytest.raises(SettingsError) as error:
        settle({"base_url": url}, CONFORMANCE_TOKEN=TOKEN)
    assert "hunter2222" not in str(error.value)
    assert "--base-url" in str(error.value)


def test_an_empty_userinfo_is_refused_too(settle: Resolve) -> None:
    with pytest.raises(SettingsError, match="credentials before the @"):
        settle({"base_url": "https://@example.com"}, CONFORMANCE_TOKEN=TOKEN)


@pytest.mark.parametrize("end", ["/deployments", "/deployments/"])
def test_a_base_url_that_goes_on_to_deployments_is_refused_with_the_right_one(
    settle: Resolve, end: str
) -> None:
    with pytest.raises(SettingsError) as error:
        settle({"base_url": URL + end}, CONFORMANCE_TOKEN=TOKEN)
    assert str(error.value).endswith(f"Hint: {URL}")


@pytest.mark.parametrize(
    ("environment", "token", "variable"),
    [
        ({"CONFORMANCE_TOKEN": "pt-one", "QODER_PAT": "pt-two"}, "pt-one", "CONFORMANCE_TOKEN"),
        ({"QODER_PAT": "pt-two"}, "pt-two", "QODER_PAT"),
        ({"QODER_PAT": "pt-two", "TOKEN": ""}, "pt-two", "QODER_PAT"),
    ],
)
def test_the_default_variables_of_the_token(
    settle: Resolve, environment: dict[str, str], token: str, variable: str
) -> None:
    settings = settle({"base_url": URL}, **environment)
    assert (settings.token, settings.token_variable) == (token, variable)


def test_a_named_variable_is_the_only_one_looked_at(settle: Resolve) -> None:
    assert settle({"base_url": URL, "token_env": "MINE"}, MINE="pt-mine", QODER_PAT="x").token == "pt-mine"
    with pytest.raises(SettingsError, match="the variable MINE is not set") as error:
        settle({"base_url": URL, "token_env": "MINE"}, CONFORMANCE_TOKEN="pt-one")
    assert "--token-env" in str(error.value)


def test_no_token_at_all_names_both_variables(settle: Resolve) -> None:
    with pytest.raises(SettingsError, match="CONFORMANCE_TOKEN or QODER_PAT is not set"):
        settle({"base_url": URL})


def test_the_embedded_server_needs_no_token(settle: Resolve) -> None:
    assert settle().token == ""


def test_a_second_variable_that_is_not_set_is_refused(settle: Resolve) -> None:
    with pytest.raises(SettingsError, match="--second-token-env names SECOND, which is not set"):
        settle({"second_token_env": "SECOND"})


@pytest.mark.parametrize("token", ["two words", "line\n", "tab\tbed", "käse", "nul\0", "zero\u200bwidth"])
@pytest.mark.parametrize("variable", ["CONFORMANCE_TOKEN", "SECOND"])
def test_a_token_that_no_header_can_carry_is_refused_and_not_shown(
    settle: Resolve, token: str, variable: str
) -> None:
    environment = {"CONFORMANCE_TOKEN": TOKEN, "SECOND": TOKEN, variable: token}
    with pytest.raises(SettingsError, match=f"the token in {variable} holds .*Hint: ") as error:
        settle({"base_url": URL, "second_token_env": "SECOND"}, **environment)
    assert token not in str(error.value)


def test_tokens_do_not_show_in_repr(settle: Resolve) -> None:
    settings = settle(
        {"base_url": URL, "second_token_env": "SECOND"}, CONFORMANCE_TOKEN=TOKEN, SECOND="pt-other"
    )
    assert (settings.token, settings.second_token) == (TOKEN, "pt-other")
    assert TOKEN not in repr(settings)
    assert "pt-other" not in repr(settings)


def test_only_takes_ids_and_patterns(settle: Resolve) -> None:
    catalogue = load_catalogue()
    chosen = settle({"only": ["pause.second-is-conflict,auth.*", "pause.second-is-conflict"]}).only
    assert chosen[0] == "pause.second-is-conflict"
    assert set(chosen[1:]) == {name for name in catalogue.requirements if name.startswith("auth.")}
    assert len(chosen) == len(set(chosen)) > 1


@pytest.mark.parametrize(
    ("need", "given"),
    [("second-token-env", {"second_token": "x"}), ("oversize-body", {"oversize_body": True}),
     ("archived-agent-id", {"archived_agent_id": "a"}), ("archived-environment-id", {"archived_environment_id": "e"})],
)  # fmt: skip
def test_a_need_is_provided_by_its_option_alone(need: str, given: dict[str, object]) -> None:
    assert Settings(**given).provides(need)  # type: ignore[arg-type]  # the test's own values
    assert not Settings().provides(need)


@pytest.mark.parametrize(
    ("given", "end"),
    [("--base-ul", ". Did you mean --base-url?"), ("--zzz", "."), ("", ".")],
)
def test_the_nearest_word_is_suggested(given: str, end: str) -> None:
    assert did_you_mean(given, ["--base-url", "--tier"]) == end


# --- no target, and variables that say nothing ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CONFORMANCE_BASE_URL", "", ["CONFORMANCE_BASE_URL is set but empty", "secret"]),
        ("CONFORMANCE_TOKEN", " ", ["CONFORMANCE_TOKEN is set but empty"]),
        ("CONFORMANCE_BASEURL", URL, ["CONFORMANCE_BASEURL", "Did you mean CONFORMANCE_BASE_URL?"]),
        ("CONFORMANCE_TOKN", TOKEN, ["CONFORMANCE_TOKN", "Did you mean CONFORMANCE_TOKEN?", "--token-env"]),
    ],
)
def test_a_variable_of_the_suite_means_something(
    settle: Resolve, name: str, value: str, said: list[str]
) -> None:
    with pytest.raises(SettingsError) as error:
        settle({"reference": True}, **{name: value})
    assert [part for part in said if part not in str(error.value)] == []
    assert TOKEN not in str(error.value)


def test_a_variable_that_an_option_or_the_file_names_is_no_mistake(settle: Resolve) -> None:
    named = {"CONFORMANCE_STAGING_TOKEN": TOKEN, "CONFORMANCE_PROD_TOKEN": "pt-other-one"}
    config = '[targets.prod]\ntoken-env = "CONFORMANCE_PROD_TOKEN"'
    given = {"base_url": URL, "token_env": "CONFORMANCE_STAGING_TOKEN"}
    assert settle(given, config, **named).token == TOKEN


def test_a_run_needs_a_target_or_the_order_to_judge_the_reference(settle: Resolve) -> None:
    with pytest.raises(SettingsError, match=r"no --base-url, CONFORMANCE_BASE_URL .* --reference judges"):
        check_target(settle())
    check_target(settle({"reference": True}))
    with pytest.raises(SettingsError, match=r"--reference judges the embedded server, and --base-url"):
        settle({"reference": True, "base_url": URL}, CONFORMANCE_TOKEN=TOKEN)
