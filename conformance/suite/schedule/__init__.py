"""Schedules: requirements, stories and judgements."""
