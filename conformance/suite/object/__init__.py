"""What every deployment has in common: requirements, stories and judgements."""
