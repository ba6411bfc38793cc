"""Races: requests that arrive together, and whether some order of them explains what came of it.

The documents say nothing of simultaneous requests; that they have an order is implied, so everything here is
at SHOULD level. A race that is not provoked proves nothing: it passes.
"""
