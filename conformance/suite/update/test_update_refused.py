"""Updating: what is promised to be refused."""

from __future__ import annotations

from conformance.suite.judging.rows import refusals
from conformance.suite.update.refusals import UPDATES

globals().update(refusals("update", UPDATES))
