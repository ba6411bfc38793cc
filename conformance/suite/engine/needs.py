"""Whether a story has what it needs: options, a fitting lent deployment, an edition that promises it."""

from __future__ import annotations

from conformance.client.ownership.borrowed import Lending
from conformance.config.settings import Settings
from conformance.contract.catalogue import load_catalogue
from conformance.suite.engine.borrowing import unfit
from conformance.suite.engine.preflight import Preflight
from conformance.suite.engine.registry import Story


def unmet(story: Story, settings: Settings, preflight: Preflight, lending: Lending | None) -> str:
    """Return what a story lacks, or an empty text."""
    for need in story.needs:
        found = getattr(preflight.known, need.replace("-", "_"), None)
        if not found and not settings.provides(need):
            return f"judged with --{need}"
    if lending and (reason := unfit(lending, story)):
        return reason
    catalogue = load_catalogue(settings.profile)
    speaks = (catalogue.speaks_of(promise, preflight.revision) for promise in story.promises)
    if story.promises and not any(speaks) and not preflight.blocked:
        return f"revision {preflight.revision} does not promise it"
    return ""
