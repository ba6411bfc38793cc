"""`conformance serve`: the reference server on loopback."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from conformance.cli.parsers import Commands
from conformance.cli.printing import say
from conformance.config.options import SettingsError
from conformance.contract.catalogue import REVISIONS

if TYPE_CHECKING:
    from conformance.reference import ReferenceServer

LARGEST_PORT = 65535
LARGEST_SCALE = 3600


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("serve", help="serve the reference server on loopback", allow_abbrev=False)
    parser.set_defaults(command=serve_reference)
    parser.add_argument("--port", type=_port, default=8095, help="port (default: 8095; 0 takes a free one)")
    parser.add_argument(
        "--revision", choices=REVISIONS, default=REVISIONS[-1], help="edition of the documents"
    )
    parser.add_argument(
        "--time-scale", type=_scale, default=1.0, metavar="N",
        help="its clock runs N times as fast (default: 1)",
    )  # fmt: skip


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a whole number from 0 to {LARGEST_PORT}")
    return int(text)


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0 < scale <= LARGEST_SCALE:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0 and up to {LARGEST_SCALE}")
    return scale


def serve_reference(chosen: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; return the exit code. Raises SettingsError for a taken port."""
    from conformance.reference import ReferenceSettings, ScaledClock, SystemClock, serve

    def announce(server: ReferenceServer) -> None:
        known = server.prerequisites()
        say(
            f"serving revision {chosen.revision} at {server.base_url}; judge it with\n\n"
            f"  export CONFORMANCE_TOKEN={known.token} SECOND_TOKEN={server.tokens[1]}\n"
            f"  conformance run --base-url {server.base_url} --second-token-env SECOND_TOKEN\n\n"
            "Ctrl-C stops it."
        )

    try:
        clock = SystemClock() if chosen.time_scale == 1 else ScaledClock(chosen.time_scale)
        serve(ReferenceSettings(revision=chosen.revision, clock=clock), port=chosen.port, announce=announce)
    except OSError as error:
        raise SettingsError(
            f"port {chosen.port} cannot be used: {error}. Hint: --port 0 takes a free one."
        ) from error
    return 0
