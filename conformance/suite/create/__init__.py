"""Creating: requirements, stories and judgements."""
