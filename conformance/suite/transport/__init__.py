"""How requests travel: requirements, stories and judgements."""
