"""Two tenants: requirements, stories and judgements."""
