"""The judgements, one file per area of the contract: run them with `pytest --pyargs conformance.suite`."""
