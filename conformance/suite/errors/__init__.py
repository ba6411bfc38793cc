"""Errors: requirements, stories and judgements."""
