"""What one vendor promises beyond the shared shape: address, credentials, id prefixes and state answers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Refusal:
    """A documented refusal: HTTP status and `error.type`."""

    status: int
    type: str

    def __str__(self) -> str:
        return f"{self.status} {self.type}"


@dataclass(frozen=True, slots=True)
class Profile:
    """One vendor's promises as data.

    `refusals` maps a situation (`pause-when-paused`) to the refusal this vendor documents for it; a vendor
    that documents none lacks the key. `error_types` maps HTTP statuses to the documented `error.type`.
    """

    name: str
    title: str
    base_url: str
    auth_scheme: str
    deployment_prefix: str
    run_prefix: str
    body_limit: int
    refusals: Mapping[str, Refusal]
    error_types: Mapping[int, str]


@cache
def load_profile(name: str) -> Profile:
    """Return the profile `name` from its data file; raises FileNotFoundError for an unknown one."""
    text = files("conformance.contract").joinpath("profiles", f"{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    refusals = {situation: Refusal(**answer) for situation, answer in data.pop("refusals").items()}
    error_types = {int(status): kind for status, kind in data.pop("error_types").items()}
    return Profile(name=name, refusals=refusals, error_types=error_types, **data)
