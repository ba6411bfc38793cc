"""What the suite logs while a target is in use, without the secrets of the run."""

from __future__ import annotations

import logging
from contextlib import ExitStack

from conformance.redaction.redactor import Redactor

PROGRESS = logging.getLogger("conformance.progress")
"""The one logger that shows what a target said: no library of the wire logs anything."""


class _Masking(logging.Filter):
    """Redacts a record before any handler sees it, also one of somebody else's."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._redactor.text(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = self._redactor.text(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


def masked_logs(redactor: Redactor) -> ExitStack:
    """Redact what is logged, until the context that is returned is closed."""
    masking, until = _Masking(redactor), ExitStack()
    PROGRESS.addFilter(masking)
    until.callback(PROGRESS.removeFilter, masking)
    return until
