"""The promises as data and pure functions: no HTTP, no pytest."""
