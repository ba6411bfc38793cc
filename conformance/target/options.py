"""The options of both doors as data: names, kinds, defaults and help, told once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.contract.catalogue import PROFILES, REVISIONS, TIERS


class SettingsError(Exception):
    """An option, variable or file is wrong: says what was given, what is allowed and a hint."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `--name` of the command line, `--conformance-name` of pytest, `CONFORMANCE_NAME` outside.

    `kind` is text, choice, flag, list, integer, seconds, rate or shard; `metavar` names the value in help.
    """

    name: str
    help: str
    kind: str = "text"
    metavar: str = "VALUE"
    choices: tuple[str, ...] = ()
    least: float = 0

    @property
    def attribute(self) -> str:
        """The name as a Python attribute."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The name of the environment variable."""
        return f"CONFORMANCE_{self.attribute.upper()}"


OPTIONS: tuple[Option, ...] = (
    Option("base-url", "everything before /deployments; without it the embedded reference server is judged",
           metavar="URL"),
    Option("target", "a target of conformance.toml, which names it as [targets.NAME]", metavar="NAME"),
    Option("profile", "whose promises are judged (default: qoder)", "choice", choices=PROFILES),
    Option("revision", "which edition of the documents (default: auto, found from the answers)", "choice",
           choices=("auto", *REVISIONS)),
    Option("tier", "tiers to judge (repeatable or comma list; default: core, property, race)", "list", "TIER",
           choices=TIERS),
    Option("only", "judge these requirements alone (repeatable or comma list; a pattern like pause.* works)",
           "list", "REQUIREMENT"),
    Option("read-only", "send GET alone: judge what can be judged of what is there", "flag"),
    Option("deployment-id", "change this deployment alone, and put it back as it was", metavar="ID"),
    Option("strict", "a broken SHOULD fails the run too", "flag"),
    Option("seed", "seed of everything random in the run (default: chosen and printed)", "integer", "N"),
    Option("examples", "examples that each search tries (default: 25)", "integer", "N", least=1),
    Option("replay", "failures that searches found and saved, tried first (repeatable or comma list)", "list",
           "FILE"),
    Option("shard", "tell part I of N of the run, for `conformance merge` (with --seed or --run-label)",
           "shard", "I/N"),
    Option("run-label", "names the run, such as its id in CI; a seed that is not given is made of it",
           metavar="TEXT"),
    Option("har", "write the exchanges, redacted, as HAR 1.2 too", metavar="FILE"),
    Option("concurrency", "requests in flight at once (default: 8)", "integer", "N", least=1),
    Option("rate", "requests per second at most, over all threads and processes "
           "(default: 20; no limit on this machine)", "rate", "R", least=0.1),
    Option("max-requests", "requests at most, those of the clean-up included (default: no limit)", "integer",
           "N", least=1),
    Option("max-created", "deployments created at most (default: no limit)", "integer", "N"),
    Option("max-seconds", "seconds until nothing but the clean-up is sent (default: no limit)", "seconds",
           "S", least=0.001),
    Option("agent-id", "the agent that created deployments name (default: found with GET /agents)",
           metavar="ID"),
    Option("environment-id", "their environment (default: found with GET /environments)", metavar="ID"),
    Option("archived-agent-id", "an archived agent: judges that it is refused", metavar="ID"),
    Option("archived-environment-id", "an archived environment: judges that it is refused", metavar="ID"),
    Option("token-env", "variable that holds the bearer token (default: CONFORMANCE_TOKEN, then QODER_PAT)",
           metavar="NAME"),
    Option("second-token-env", "variable with a token of another tenant: judges tenant isolation",
           metavar="NAME"),
    Option("oversize-body", "send one body above the documented 32 MB limit", "flag"),
    Option("report-dir", "where reports and the ledger are written (default: reports)", metavar="DIR"),
    Option("insecure", "take any TLS certificate; every report says that none was verified", "flag"),
    Option("connect-timeout", "seconds to connect (default: 5)", "seconds", "S", least=0.001),
    Option("timeout", "seconds for one whole answer (default: 60)", "seconds", "S", least=0.001),
)  # fmt: skip


def did_you_mean(given: str, allowed: Iterable[str]) -> str:
    """Return the end of a sentence: `. Did you mean X?` for the nearest allowed word, or a full stop."""
    shortest_last = sorted(allowed, key=len, reverse=True)  # of those with one beginning it stays
    beginnings = {word[: len(given) + 1]: word for word in shortest_last}
    near = difflib.get_close_matches(given, beginnings, n=1, cutoff=0.6)
    return f". Did you mean {beginnings[near[0]]}?" if near else "."
