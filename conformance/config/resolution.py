"""How settings come about: option beats environment beats named target beats top of file; checked first."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from conformance.config.accepted import deviations_of
from conformance.config.file import CONFIG_FILE, Configuration, read_configuration
from conformance.config.mode_rules import check_mode
from conformance.config.options import OPTIONS, Option, SettingsError, did_you_mean
from conformance.config.regular_files import read_regular
from conformance.config.settings import Settings
from conformance.config.shard import seed_of
from conformance.config.values import parse_value, words_of
from conformance.config.variables import check_variables
from conformance.contract.catalogue import DEFAULT_PROFILE, Catalogue, load_catalogue
from conformance.contract.failure import LARGEST_FILE, SavedFailure, parse
from conformance.redaction.known_secrets import LEAST, TOKEN_VARIABLES, why_unmaskable
from conformance.vendors import load_profile


def load_settings(**options: object) -> Settings:
    """Return settings made of options, the environment and the `conformance.toml` of the current folder.

    Options are named as on the command line, with `_` for `-`, and beat the other two. Tokens come from the
    environment alone. Raises SettingsError.
    """
    names = [option.attribute for option in OPTIONS]
    for name in options:
        if name not in names:
            raise SettingsError(
                f"there is no option {name!r}{did_you_mean(name, names)} Allowed: {', '.join(names)}."
            )
    return resolve(options, os.environ, load_catalogue(), Path.cwd())


def resolve(
    given: Mapping[str, object], environment: Mapping[str, str], catalogue: Catalogue, folder: Path
) -> Settings:
    """Return the settings of a run.

    `given` maps option attributes to what the user wrote (None or absent: not given), `environment` is the
    process environment, `folder` is where `conformance.toml` may lie. Raises SettingsError.
    """
    configuration = read_configuration(folder / CONFIG_FILE)
    check_variables(environment, _named_variables(given, environment, configuration))
    target = _chosen_target(given, environment, configuration)
    values: dict[str, object] = {}
    for option in OPTIONS:
        found = _first_given(option, given, environment, configuration.value(option.name, target))
        if found is not None and option.name != "target":
            option_here = _of_vendor(option, str(values.get("profile", DEFAULT_PROFILE)))
            values[option.attribute] = parse_value(option_here, *found)
    if "seed" not in values:
        values["seed"] = seed_of(values)
    if "base_url" in values:
        values["base_url"] = _check_base_url(str(values["base_url"]))
    _check_one_target(values)
    values["only"] = selected(values.get("only"), catalogue)
    values["replay"] = tuple(_failure(name, catalogue) for name in words_of(values.get("replay")))
    profile = str(values.get("profile", DEFAULT_PROFILE))
    values["profile_digest"] = load_profile(profile).digest
    given_file = values.get("accepted")
    values["accepted"] = deviations_of(profile, values.get("base_url"), folder, given_file)
    tokens = _tokens(values, environment)
    settings = Settings(**values, **tokens)  # type: ignore[arg-type]  # parsed by kind
    check_mode(settings, tiers_given="tier" in values)
    _check_replayed(settings, catalogue)
    return settings


def _first_given(
    option: Option,
    given: Mapping[str, object],
    environment: Mapping[str, str],
    configured: tuple[object, str] | None = None,
) -> tuple[object, str] | None:
    """Return the value that wins and where it comes from."""
    candidates = (
        (given.get(option.attribute), f"--{option.name}"),
        (environment.get(option.variable), option.variable),
        configured or (None, ""),
    )
    return next(((value, origin) for value, origin in candidates if value not in (None, [])), None)


def _named_variables(
    given: Mapping[str, object], environment: Mapping[str, str], configuration: Configuration
) -> set[str]:
    """Return the variables that hold a token because an option, or any target of the file, names them."""
    options = [option for option in OPTIONS if option.name.endswith("token-env")]
    named = {str(given.get(option.attribute) or environment.get(option.variable, "")) for option in options}
    return named.union(*(configuration.said(option.name) for option in options))


def _check_one_target(values: Mapping[str, object]) -> None:
    if values.get("reference") and "base_url" in values:
        raise SettingsError(
            f"--reference judges the embedded server, and --base-url names {values['base_url']!r}: one run "
            "judges one of them. Hint: leave one out; either may come from a CONFORMANCE_… "
            f"variable or from {CONFIG_FILE}."
        )


def check_target(settings: Settings) -> None:
    """Raise SettingsError when a run would have nothing to judge."""
    if not settings.base_url and not settings.reference:
        raise SettingsError(
            "nothing says what to judge: no --base-url, CONFORMANCE_BASE_URL or --target of "
            f"{CONFIG_FILE}. Hint: --base-url https://staging.example.com/api/v1/cloud judges that target; "
            "--reference judges the embedded reference server."
        )


def _chosen_target(
    given: Mapping[str, object], environment: Mapping[str, str], configuration: Configuration
) -> str | None:
    """Return the name of the configured target that the run is for, or None."""
    option = next(option for option in OPTIONS if option.name == "target")
    found = _first_given(option, given, environment, configuration.value("target", None))
    return configuration.check_target(str(parse_value(option, *found)), found[1]) if found else None


def _check_base_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        if parts.port is None and parts.netloc.endswith(":"):
            parts = urlsplit("")
    except ValueError:
        parts = urlsplit("")
    if "@" in (parts.netloc or url):  # never shown: what stands before it may be a secret
        raise SettingsError(
            "--base-url carries credentials before the @. Hint: take them out and put the token into "
            "the variable CONFORMANCE_TOKEN (or name another with --token-env)."
        )
    bare = re.split(r"[?#]", url)[0]  # a query may hold a secret
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"[?#\s\x00-\x1f\x7f]", url):
        raise SettingsError(
            "--base-url must be an http or https URL without query, fragment or blank, "
            f"not {bare + '?…' if bare != url else bare!r}. "
            "Hint: it is everything before /deployments, such as https://api.qoder.com/api/v1/cloud."
        )
    if parts.path.rstrip("/").endswith("/deployments"):
        raise SettingsError(
            f"--base-url is everything before /deployments; {url!r} goes further. "
            f"Hint: {url.rstrip('/').removesuffix('/deployments')}"
        )
    return url.rstrip("/")


def selected(only: object, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the requirements and searches that the words of `--only` name; raises SettingsError."""
    patterns = words_of(only)
    names = [*catalogue.requirements, *catalogue.searches]
    found: dict[str, None] = {}
    for pattern in patterns:
        matches = [name for name in names if fnmatchcase(name, pattern)]
        if not matches:
            areas = [f"{pattern}.*"] if any(name.startswith(f"{pattern}.") for name in names) else []
            raise SettingsError(
                f"--only names no requirement: {pattern!r}{did_you_mean(pattern, areas or names)} "
                "Hint: `conformance list` shows them all."
            )
        found.update(dict.fromkeys(matches))
    return tuple(found)


def _of_vendor(option: Option, profile: str) -> Option:
    """Return an option with the choices that a profile leaves of them."""
    if option.name != "revision":
        return option
    return replace(option, choices=("auto", *load_profile(profile).editions.names))


def _failure(name: str, catalogue: Catalogue) -> SavedFailure:
    try:
        return parse(name, read_regular(Path(name), LARGEST_FILE), catalogue)
    except (OSError, ValueError) as error:
        what = f"cannot be read: {error.strerror}." if isinstance(error, OSError) else str(error)
        raise SettingsError(
            f"--replay: {name} {what} Hint: a run saves what its searches find below reports/failures."
        ) from None


def _check_replayed(settings: Settings, catalogue: Catalogue) -> None:
    """Raise SettingsError when a failure is of a search that this run leaves out."""
    for failure in settings.replay:
        tier = catalogue.searches[failure.search].tier
        missing = [f"--tier {tier}"] if tier not in settings.tier else []
        missing += (
            [f"--only {failure.search}"] if settings.only and failure.search not in settings.only else []
        )
        if missing:
            raise SettingsError(
                f"--replay names a failure of {failure.search}, which this run leaves out. "
                f"Hint: add {' and '.join(missing)}."
            )


def _tokens(values: dict[str, object], environment: Mapping[str, str]) -> dict[str, str]:
    """Take the tokens out of the environment; `values` loses the options that named the variables."""
    named = values.pop("token_env", None)
    second = values.pop("second_token_env", None)
    for option, name in (("token-env", named), ("second-token-env", second)):
        if name and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", str(name)):  # it may be the token
            raise SettingsError(
                f"--{option} takes the name of an environment variable, such as STAGING_TOKEN, and what was "
                "given is none. Hint: export the token in a variable and name that."
            )
    variables = (str(named),) if named else TOKEN_VARIABLES
    variable = next((name for name in variables if environment.get(name)), variables[0])
    tokens = {"token": environment.get(variable, ""), "token_variable": variable}
    if second:
        tokens["second_token"] = environment.get(str(second), "")
        tokens["second_token_variable"] = str(second)
    for name, token in ((variable, tokens["token"]), (str(second), tokens.get("second_token", ""))):
        _check_token(name, token)
    if not tokens["token"] and (named or "base_url" in values):
        raise SettingsError(
            f"no token: the variable {' or '.join(variables)} is not set. "
            "Hint: export it, or name another variable with --token-env."
        )
    if second and not tokens["second_token"]:
        raise SettingsError(f"--second-token-env names {second}, which is not set.")
    return tokens


def _check_token(variable: str, token: str) -> None:
    if any(not "!" <= character <= "~" for character in token):
        raise SettingsError(
            f"the token in {variable} holds a space, a line end or a character beyond ASCII, which no "
            "Authorization header can carry. Hint: was a line end copied along?"
        )
    if token and (why := why_unmaskable(token)):
        raise SettingsError(
            f"the token in {variable} ({len(token)} characters) {why}: it cannot be masked without making "
            f"reports unreadable. Allowed is any other token with {LEAST} letters and digits or more. Hint: "
            "let the target take a longer one, such as 16 random letters and digits."
        )
