"""Keeping secrets inside the process: every text passes through here before it is recorded."""
