"""`conformance list`: every requirement, and whether the given options would judge it."""

from __future__ import annotations

import argparse

from conformance.cli.parsers import INTERNAL, Commands, add_options, settings_of, show_examples
from conformance.cli.printing import say
from conformance.config.mode_rules import OPTION
from conformance.contract.catalogue import load_catalogue
from conformance.contract.mode import scope_of


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("list", help="list the requirements", allow_abbrev=False)
    parser.set_defaults(command=list_requirements)
    parser.description = (
        "Lists every requirement and search, and whether a run with the same options judges it."
    )
    add_options(parser)
    show_examples(
        parser,
        "conformance list",
        "conformance list --tier core,time --only 'pause.*'",
    )


def list_requirements(chosen: argparse.Namespace) -> int:
    """Print a line for each requirement and search; return 0, or 4 when the lines are lost."""
    settings = settings_of(chosen)
    catalogue, scope = load_catalogue(settings.profile), scope_of(settings.mode)
    lines: list[str] = []
    width = max(map(len, (*catalogue.requirements, *catalogue.searches)))
    for requirement in (*catalogue, *catalogue.searches.values()):
        if settings.only and requirement.id not in settings.only:
            continue
        left_out = f"not with {OPTION[settings.mode]}" if scope and scope.left_out(requirement.id) else ""
        left_out = requirement.unbound or left_out
        missing = [f"--{need}" for need in requirement.needs if not settings.provides(need)]
        if requirement.tier not in settings.tier:
            missing.insert(0, f"--tier {requirement.tier}")
        state = left_out or ("judged" if not missing else f"judged with {' and '.join(missing)}")
        columns = (
            f"{requirement.id:<{width}}",
            f"{requirement.level:<7}",
            f"{requirement.tier:<8}",
            f"{state:<34}",
        )
        lines.append("  ".join([*columns, requirement.title]))
    return 0 if say("\n".join(lines)) else INTERNAL
