"""The options of both doors as data: names, kinds, defaults and help, told once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.config.footprint import FOOTPRINTS
from conformance.contract.areas import TIERS
from conformance.errors import ConformanceError


class SettingsError(ConformanceError):
    """An option, variable or file is wrong: says what was given, what is allowed and a hint."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `--name` of the command line, `--conformance-name` of pytest, `CONFORMANCE_NAME` outside.

    `kind` is text, choice, profile, flag, list, integer, seconds, rate or shard; `metavar` names the value.
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
    Option("base-url", "base URL of the target: everything before /deployments", metavar="URL"),
    Option("reference", "judge the embedded reference server instead of a target", "flag"),
    Option("target", "use the target that conformance.toml defines as [targets.NAME]", metavar="NAME"),
    Option("profile", "vendor whose documented promises are judged: a shipped name, or the path of a profile "
           "(default: qoder)", "profile", "NAME"),
    Option("revision", "edition of the documents (default: auto, detected from the answers)", "choice",
           "NAME", choices=("auto",)),  # and those of the profile
    Option("tier", "tiers to judge (repeatable or comma list; default: core, property, race)", "list", "TIER",
           choices=TIERS),
    Option("only", "judge only these requirements (repeatable or comma list; patterns such as pause.* work)",
           "list", "REQUIREMENT"),
    Option("read-only", "send only GET requests: judge what existing deployments show", "flag"),
    Option("deployment-id", "change only this deployment, and restore it afterwards", metavar="ID"),
    Option("strict", "a broken SHOULD also fails the run", "flag"),
    Option("seed", "seed of all random choices (default: chosen and printed)", "integer", "N"),
    Option("footprint", "how far the searches go: minimal, small (default), normal or thorough", "choice",
           "NAME", choices=tuple(FOOTPRINTS)),
    Option("examples", "number of examples per property search (default: as the footprint says)",
           "integer", "N", least=1),
    Option("replay", "saved failures of searches to try first (repeatable or comma list)", "list",
           "FILE"),
    Option("accepted", "file of accepted deviations (default: conformance-accepted.toml, if it exists)",
           metavar="FILE"),
    Option("compare-with", "earlier report to compare with (result.json or its folder), in every report",
           metavar="DIR"),
    Option("shard", "run part I of N; `conformance merge` joins the parts (needs --seed or --run-label)",
           "shard", "I/N"),
    Option("run-label", "name of the run, such as its id in CI; without --seed, the seed is derived from it",
           metavar="TEXT"),
    Option("har", "also write the exchanges, redacted, as HAR 1.2", metavar="FILE"),
    Option("concurrency", "maximum number of concurrent requests (default: 8)", "integer", "N", least=1),
    Option("rate", "maximum requests per second, over all threads and processes "
           "(default: 20; none for a target on this machine)", "rate", "R", least=0.1),
    Option("max-requests", "maximum number of requests, including clean-up (default: no limit)", "integer",
           "N", least=1),
    Option("max-created", "maximum number of deployments created (default: no limit)", "integer", "N"),
    Option("max-seconds", "seconds after which only clean-up requests are sent (default: no limit)",
           "seconds", "S", least=0.001),
    Option("agent-id", "agent that created deployments refer to (default: found with GET /agents)",
           metavar="ID"),
    Option("environment-id", "environment that they refer to (default: found with GET /environments)",
           metavar="ID"),
    Option("archived-agent-id", "an archived agent, to judge that it is refused", metavar="ID"),
    Option("archived-environment-id", "an archived environment, to judge that it is refused", metavar="ID"),
    Option("token-env", "environment variable that holds the token "
           "(default: CONFORMANCE_TOKEN, then QODER_PAT)", metavar="NAME"),
    Option("second-token-env", "environment variable that holds a token of another tenant, "
           "to judge tenant isolation", metavar="NAME"),
    Option("oversize-body", "also send one body above the documented limit of 32 MB", "flag"),
    Option("report-dir", "directory for reports and the ledger (default: reports)", metavar="DIR"),
    Option("insecure", "accept any TLS certificate; every report says that none was verified", "flag"),
    Option("connect-timeout", "seconds to connect (default: 5)", "seconds", "S", least=0.001),
    Option("timeout", "seconds to receive a complete answer (default: 60)", "seconds", "S", least=0.001),
)  # fmt: skip


def did_you_mean(given: str, allowed: Iterable[str]) -> str:
    """Return the end of a sentence: `. Did you mean X?` for the nearest allowed word, or a full stop."""
    shortest_last = sorted(allowed, key=len, reverse=True)  # of those with one beginning it stays
    beginnings = {word[: len(given) + 1]: word for word in shortest_last}
    near = difflib.get_close_matches(given, beginnings, n=1, cutoff=0.6)
    return f". Did you mean {beginnings[near[0]]}?" if near else "."
