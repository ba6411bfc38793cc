"""Stories that stand in for others where little may be done: read-only, or on a borrowed deployment."""
