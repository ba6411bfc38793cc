"""Judges every fault and every twin with the whole suite, and tells what that proves."""

from tests.proof.cases import Case, Outcome
from tests.proof.workers import judge_all

__all__ = ["Case", "Outcome", "judge_all"]
