"""Settings of a run: option beats environment beats named target beats top of file; checked first of all."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from conformance.contract.catalogue import DEFAULT_TIERS, Catalogue
from conformance.contract.failure import Failure, parse
from conformance.contract.mode import Mode
from conformance.target._shard import LARGEST_SEED, parse_shard, seed_of
from conformance.target.configuration import CONFIG_FILE, Configuration, read_configuration
from conformance.target.mode_settings import check_mode
from conformance.target.options import OPTIONS, Option, SettingsError, did_you_mean

TOKEN_VARIABLES = ("CONFORMANCE_TOKEN", "QODER_PAT")
LARGEST_RATE = 10_000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that a user can decide about a run. Tokens never show in `repr`; `base_url` None means embedded."""

    base_url: str | None = None
    profile: str = "qoder"
    revision: str = "auto"
    tier: tuple[str, ...] = DEFAULT_TIERS
    only: tuple[str, ...] = ()
    read_only: bool = False
    deployment_id: str | None = None
    strict: bool = False
    seed: int = 0
    examples: int = 25
    replay: tuple[Failure, ...] = ()
    shard: tuple[int, int] | None = None
    run_label: str = ""
    har: str | None = None
    concurrency: int = 8
    rate: float | None = None
    max_requests: int | None = None
    max_created: int | None = None
    max_seconds: float | None = None
    processes: int = 1
    agent_id: str | None = None
    environment_id: str | None = None
    archived_agent_id: str | None = None
    archived_environment_id: str | None = None
    oversize_body: bool = False
    insecure: bool = False
    report_dir: str = "reports"
    connect_timeout: float = 5.0
    timeout: float = 60.0
    token: str = field(default="", repr=False)
    second_token: str = field(default="", repr=False)
    token_variable: str = TOKEN_VARIABLES[0]
    second_token_variable: str = ""

    def shared(self, processes: int) -> Settings:
        """Return the settings of one of several processes that judge one target together."""
        requests, created = self.max_requests, self.max_created
        return replace(
            self,
            rate=None if self.rate is None else self.rate / processes,
            max_requests=None if requests is None else requests // processes,
            max_created=None if created is None else created // processes,
            processes=processes,
        )

    @property
    def mode(self) -> Mode:
        """How much the run may do."""
        if self.read_only:
            return Mode.READ_ONLY
        return Mode.LENT if self.deployment_id else Mode.FULL

    def provides(self, need: str) -> bool:
        """Tell whether the option that a requirement needs (`second-token-env`, …) was given."""
        attribute = "second_token" if need == "second-token-env" else need.replace("-", "_")
        return bool(getattr(self, attribute))


def resolve(
    given: Mapping[str, object], environment: Mapping[str, str], catalogue: Catalogue, folder: Path
) -> Settings:
    """Return the settings of a run.

    `given` maps option attributes to what the user wrote (None or absent: not given), `environment` is the
    process environment, `folder` is where `conformance.toml` may lie. Raises SettingsError.
    """
    configuration = read_configuration(folder / CONFIG_FILE)
    target = _chosen_target(given, environment, configuration)
    values: dict[str, object] = {}
    for option in OPTIONS:
        found = _first_given(option, given, environment, configuration.value(option.name, target))
        if found is not None and option.name != "target":
            values[option.attribute] = _parse(option, *found)
    if "seed" not in values:
        values["seed"] = seed_of(values)
    if "base_url" in values:
        values["base_url"] = _check_base_url(str(values["base_url"]))
    values["only"] = selected(values.get("only"), catalogue)
    values["replay"] = tuple(_failure(name, catalogue) for name in _words(values.get("replay")))
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
        (environment.get(option.variable) or None, option.variable),
        configured or (None, ""),
    )
    return next(((value, origin) for value, origin in candidates if value not in (None, [])), None)


def _chosen_target(
    given: Mapping[str, object], environment: Mapping[str, str], configuration: Configuration
) -> str | None:
    """Return the name of the configured target that the run is for, or None."""
    option = next(option for option in OPTIONS if option.name == "target")
    found = _first_given(option, given, environment, configuration.value("target", None))
    return configuration.check_target(_parse_text(option, *found), found[1]) if found else None


def _parse(option: Option, value: object, origin: str) -> object:
    parsers: Mapping[str, Callable[[Option, object, str], object]] = {
        "text": _parse_text, "choice": _parse_choice, "flag": _parse_flag, "list": _parse_list,
        "integer": _parse_integer, "seconds": _parse_seconds, "rate": _parse_rate,
        "shard": lambda _, given, place: parse_shard(given, place),
    }  # fmt: skip
    return parsers[option.kind](option, value, origin)


def _parse_text(option: Option, value: object, origin: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"{origin} must be a text ({option.metavar}), not {value!r}.")
    return value.strip()


def _parse_choice(option: Option, value: object, origin: str) -> str:
    if value not in option.choices:
        raise SettingsError(
            f"{origin} does not know {value!r}{did_you_mean(str(value), option.choices)} "
            f"Allowed: {', '.join(option.choices)}."
        )
    return str(value)


def _parse_flag(_: Option, value: object, origin: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    parsed = value if isinstance(value, bool) else words.get(str(value).lower())
    if parsed is None:
        raise SettingsError(f"{origin} is a switch: {value!r} is neither true nor false.")
    return parsed


def _words(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, (list, tuple)) else [value] if value else []
    return tuple(word.strip() for part in parts for word in str(part).split(",") if word.strip())


def _parse_list(option: Option, value: object, origin: str) -> tuple[str, ...]:
    words = _words(value)
    for word in words:
        if option.choices:
            _parse_choice(option, word, origin)
    if not words:
        raise SettingsError(f"{origin} is empty: name at least one {option.metavar}.")
    return tuple(dict.fromkeys(words))


def _parse_integer(option: Option, value: object, origin: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if isinstance(value, bool) or not option.least <= number < LARGEST_SEED:
        raise SettingsError(
            f"{origin} must be a whole number from {option.least:g} to {LARGEST_SEED - 1}, not {value!r}."
        )
    return number


def _parse_seconds(option: Option, value: object, origin: str) -> float:
    return _parse_number(option, value, origin, "seconds", 24 * 3600)


def _parse_rate(option: Option, value: object, origin: str) -> float:
    return _parse_number(option, value, origin, "requests per second", LARGEST_RATE)


def _parse_number(option: Option, value: object, origin: str, unit: str, most: float) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not option.least <= number <= most:
        raise SettingsError(f"{origin} must be {unit} between {option.least:g} and {most:g}, not {value!r}.")
    return number


def _check_base_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
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
    patterns = _words(only)
    names = [*catalogue.requirements, *catalogue.searches]
    found: dict[str, None] = {}
    for pattern in patterns:
        matches = [name for name in names if fnmatchcase(name, pattern)]
        if not matches:
            raise SettingsError(
                f"--only names no requirement: {pattern!r}{did_you_mean(pattern, names)} "
                "Hint: `conformance list` shows them all."
            )
        found.update(dict.fromkeys(matches))
    return tuple(found)


def _failure(name: str, catalogue: Catalogue) -> Failure:
    try:
        return parse(name, Path(name).read_bytes(), catalogue)
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
