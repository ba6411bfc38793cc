"""Updating: requirements, stories and judgements."""
