"""How a run stands to the deviations that its user accepts."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import UTC, datetime

from conformance.config.settings import Settings
from conformance.contract.acceptance import AcceptanceState, Standing, standings
from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import Verdict


def standings_of(settings: Settings, verdicts: Iterable[Verdict]) -> tuple[Standing, ...]:
    """Return how the verdicts of a run stand to its accepted deviations, today."""
    known = {verdict.requirement: verdict for verdict in verdicts}
    today, report = datetime.now(UTC).date(), shlex.quote(settings.report_dir)
    return standings(settings.accepted, known, load_catalogue(), today, report)


def accepted_by(settings: Settings, verdict: Verdict) -> str:
    """Return until when and why a broken promise is accepted; an empty text when it is not."""
    mine = (
        standing
        for standing in standings_of(settings, [verdict])
        if standing.deviation.requirement == verdict.requirement
    )
    return next(
        (f"accepted {standing.advice}" for standing in mine if standing.state is AcceptanceState.ACCEPTED), ""
    )
