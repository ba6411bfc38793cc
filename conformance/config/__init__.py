"""What a user decides about a run: options, `conformance.toml`, settings and the rules between them."""
