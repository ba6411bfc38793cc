"""Creating: what is promised to be refused."""

from __future__ import annotations

import pytest

from conformance.suite.create.refusals import CREATIONS
from conformance.suite.judging.rows import refusals

pytestmark = pytest.mark.usefixtures("creatable")
globals().update(refusals("create", CREATIONS))
