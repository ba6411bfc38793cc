"""Unpausing: requirements, stories and judgements."""
