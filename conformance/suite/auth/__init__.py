"""Credentials: requirements, stories and judgements."""
