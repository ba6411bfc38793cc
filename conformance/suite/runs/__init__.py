"""Runs: requirements, stories and judgements."""
