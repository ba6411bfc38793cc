"""Whether, when and how often a request may be sent: rate, retries, limits, circuit breaker, quota."""
