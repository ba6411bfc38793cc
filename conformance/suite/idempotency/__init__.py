"""The Idempotency-Key header: requirements, stories and judgements."""
