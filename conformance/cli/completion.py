"""`conformance completion`: what makes a shell complete commands, options and ids of requirements."""

from __future__ import annotations

import argparse

from conformance.cli.parsers import INTERNAL, Commands, show_examples
from conformance.cli.printing import put

SHELLS = ("bash", "zsh", "fish")


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "completion", help="print a script that completes commands and options", allow_abbrev=False
    )
    parser.set_defaults(command=complete)
    parser.add_argument("shell", choices=SHELLS)
    show_examples(
        parser,
        'eval "$(conformance completion bash)"',
        'eval "$(conformance completion zsh)"',
        "conformance completion fish | source",
    )


def complete(chosen: argparse.Namespace) -> int:
    """Print the script for a shell; return 0, or 4 when it is lost."""
    from argcomplete.shell_integration import shellcode

    return 0 if put(shellcode(["conformance"], shell=chosen.shell)) else INTERNAL
