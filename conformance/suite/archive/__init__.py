"""Archiving: requirements, stories and judgements."""
