"""Which options contradict a mode in which the suite may do little."""

from __future__ import annotations

from conformance.config.options import SettingsError
from conformance.config.settings import Settings
from conformance.contract.mode import Mode
from conformance.contract.path_ids import misleading

OPTION = {Mode.READ_ONLY: "--read-only", Mode.LENT: "--deployment-id"}


def check_mode(settings: Settings, *, tiers_given: bool) -> None:
    """Raise SettingsError when options contradict the mode; `tiers_given`: the user chose the tiers."""
    if settings.read_only and settings.deployment_id:
        raise SettingsError(
            "--read-only and --deployment-id exclude each other: the one changes nothing, the other changes "
            "the deployment it names. Hint: leave one of them out."
        )
    if settings.deployment_id:
        _check_lent(settings)
    if settings.mode is not Mode.FULL:
        _check_tiers(settings, given=tiers_given)


def check_workers(settings: Settings) -> None:
    """Raise SettingsError when several processes would change one lent deployment at a time."""
    if settings.mode is Mode.LENT:
        raise SettingsError(
            "--deployment-id tells one story at a time, so that none disturbs another on the one deployment. "
            "Hint: run it without -n."
        )


def _check_lent(settings: Settings) -> None:
    lent = settings.deployment_id or ""
    if misleading(lent):
        raise SettingsError(
            f"--deployment-id takes the id of one deployment, such as dep_019ec556114c78f8b60ee34fcb98bf59, "
            f"not {lent[:100]!r}: no path leads to that without doubt."
        )
    if settings.shard:
        raise SettingsError(
            "--deployment-id tells one story at a time on the one deployment, and --shard shares them out to "
            "runs beside each other. Hint: leave one of them out."
        )
    if settings.base_url is None:
        raise SettingsError(
            "--deployment-id names a deployment of a target, and no target was named. Hint: add --base-url."
        )


def _check_tiers(settings: Settings, *, given: bool) -> None:
    option = OPTION[settings.mode]
    impossible = [tier for tier in settings.tier if tier in {"time", "billable"}]
    if "core" not in settings.tier:
        impossible = list(settings.tier)
    if given and impossible:
        raise SettingsError(
            f"--tier {','.join(impossible)} needs to create deployments, which {option} does not. "
            f"Hint: leave out --tier or {option}."
        )
    if settings.replay:
        raise SettingsError(
            f"--replay tries what a search found on deployments of its own, and {option} creates none. "
            "Hint: leave one of them out."
        )
