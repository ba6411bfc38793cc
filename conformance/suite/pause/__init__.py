"""Pausing: requirements, stories and judgements."""
