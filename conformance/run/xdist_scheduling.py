"""How pytest-xdist spreads the suite's tests over its workers; imported only where it does."""

from __future__ import annotations

from xdist.scheduler.loadgroup import LoadGroupScheduling

from conformance.contract.catalogue import load_catalogue


class JudgementScheduling(LoadGroupScheduling):  # type: ignore[misc]  # xdist publishes no type information
    """Gives all judgements to one worker, which so tells each story once, and spreads everything else.

    Marks would not do: pytest-xdist writes the group of a test into its node id, which pytest 9.2 ignores.
    """

    def _split_scope(self, nodeid: str) -> str:
        _, _, parameter = nodeid.rpartition("[")
        if parameter.removesuffix("]") in load_catalogue().requirements:
            return "judgements"
        return str(super()._split_scope(nodeid))
