"""Profiles are data; each says everything that judgements ask of it."""

from __future__ import annotations

import pytest

from conformance.contract.catalogue import PROFILES
from conformance.contract.profile import Refusal, load_profile


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_loads(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert profile.base_url.startswith("https://")
    assert not profile.base_url.endswith("/")
    assert profile.deployment_prefix.endswith("_")
    assert profile.run_prefix.endswith("_")
    assert profile.auth_scheme == "Bearer"
    assert set(profile.error_types) == {400, 401, 403, 404, 409, 500}
    assert all(kind.endswith("_error") for kind in profile.error_types.values())


@pytest.mark.parametrize("name", PROFILES)
def test_every_refusal_is_an_error_of_the_profile(name: str) -> None:
    profile = load_profile(name)
    for situation, refusal in profile.refusals.items():
        assert profile.error_types[refusal.status] == refusal.type, situation


def test_the_answer_to_a_second_pause_is_the_profiles() -> None:
    refusal = load_profile("qoder").refusals["pause-when-paused"]
    assert refusal == Refusal(409, "conflict_error")
    assert str(refusal) == "409 conflict_error"


def test_the_vendors_differ_in_address_and_body_limit() -> None:
    qoder, china = load_profile("qoder"), load_profile("qoder-cn")
    assert qoder.base_url != china.base_url
    assert (qoder.body_limit, china.body_limit) == (32 * 1024 * 1024, 4 * 1024 * 1024)


def test_an_unknown_profile_is_no_file() -> None:
    with pytest.raises(FileNotFoundError):
        load_profile("nobody")
