"""Faults of reading one deployment."""

from __future__ import annotations

from conformance.reference import Call, Document, Service
from tests.faults.catalogue import fault

READ_OTHERWISE = ("archive.changes-only-its-own-fields", "idempotency.pause-is-replayed")
"""What compares answers to actions with reads."""
SHAPE = "get.has-the-shape-of-create"


@fault(
    breaks=SHAPE,
    also=(
        "object.has-sample-fields",
        "object.matches-schema",
        "create.manual-only-has-null-schedule",
        "archive.keeps-status-active",
        "list.items-are-current",
        "pause.changes-only-its-own-fields",
        "pause.works-without-schedule",
        "unpause.clears-reason",
        "unpause.manual-only-has-null-schedule",
        "pause.cycle-repeats",
        "idempotency.pause-is-replayed",
    ),
)
class ReadsLeaveOutWhatIsEmpty(Service):
    """A read leaves out fields that are null."""

    def get(self, call: Call) -> Document:
        return {name: value for name, value in super().get(call).items() if value is not None}


@fault(
    breaks=SHAPE,
    also=(
        "create.50-events-are-stored",
        "update.events-are-replaced",
        "update.event-types-are-stored",
        *READ_OTHERWISE,
        "list.items-are-current",
        "pause.changes-only-its-own-fields",
        "pause.cycle-repeats",
    ),
    hides="inputs",
)
class ReadsShowOneEvent(Service):
    """A read shows the first event only."""

    def get(self, call: Call) -> Document:
        document = super().get(call)
        events = document["initial_events"]
        return {**document, "initial_events": events[:1] if isinstance(events, list) else events}


@fault(
    breaks=SHAPE,
    also=("create.metadata-at-its-limits-is-stored", "update.metadata-is-merged", *READ_OTHERWISE),
    hides="inputs",
)
class ReadsHideMetadata(Service):
    """A read shows no metadata whose value goes beyond ASCII."""

    def get(self, call: Call) -> Document:
        document = super().get(call)
        metadata = document["metadata"]
        shown = metadata.items() if isinstance(metadata, dict) else ()
        return {**document, "metadata": {key: value for key, value in shown if str(value).isascii()}}
