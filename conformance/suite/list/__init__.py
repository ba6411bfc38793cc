"""Lists: requirements, stories and judgements."""
