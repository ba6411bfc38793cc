"""What answers give away: requirements, stories and judgements."""
