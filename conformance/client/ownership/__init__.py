"""What is the run's own on the target: the ledger, creations, borrowed deployments, clean-up and orphans."""
