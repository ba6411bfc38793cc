"""The endpoint under test: settings, the `Api` client, exchanges, redaction, pacing and the ledger."""
