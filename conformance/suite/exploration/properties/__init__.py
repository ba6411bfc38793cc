"""Property searches: values drawn by Hypothesis, in bodies, ids, tokens and schedules."""
