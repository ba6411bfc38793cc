"""One run of the suite, wired together: session, pytest hooks, selection, sharding, signals, progress."""
