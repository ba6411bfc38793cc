"""Which edition of a vendor's documents a target follows, found from its answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from conformance.vendors import Editions


def detect(editions: Editions, shows: Callable[[str], bool]) -> tuple[str, str]:
    """Return the edition and the reason, in words for the report.

    `shows` tells whether a mark is there; it is only asked for those that the rules need, each once. Where no
    rule fits, it is the newest edition.
    """
    seen = cache(shows)
    for rule in editions.rules:
        if all(seen(mark) is wanted for mark, wanted in rule.when.items()):
            return rule.edition, rule.reason
    only = "it is the only one" if len(editions.names) == 1 else "no answer tells of another"
    return editions.names[-1], only
