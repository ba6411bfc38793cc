"""Verdicts in, reports out: pure functions of one frozen result."""
