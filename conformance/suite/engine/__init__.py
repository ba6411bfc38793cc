"""What tells the stories of a run: the registry, the preflight and the runner."""
