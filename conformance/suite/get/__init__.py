"""Reading: requirements, stories and judgements."""
