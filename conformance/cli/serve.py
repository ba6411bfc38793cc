"""`conformance serve`: the reference server on loopback."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

from conformance.cli.parsers import Commands
from conformance.cli.printing import say
from conformance.config.options import SettingsError
from conformance.contract.catalogue import DEFAULT_PROFILE, REVISIONS
from conformance.vendors import ProfileError, shipped
from conformance.vendors.loading import profile_document

if TYPE_CHECKING:
    from conformance.reference import Clock, ReferenceServer, ReferenceSettings, Service

LARGEST_PORT = 65535
LARGEST_SCALE = 3600


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("serve", help="serve the reference server on loopback", allow_abbrev=False)
    parser.set_defaults(command=serve_reference)
    parser.add_argument("--port", type=_port, default=8095, help="port (default: 8095; 0 takes a free one)")
    named = parser.add_argument(
        "--profile", default=DEFAULT_PROFILE, metavar="NAME",
        help=f"speak as this vendor: a shipped name, or the path of a profile (default: {DEFAULT_PROFILE})",
    )  # fmt: skip
    named.completer = lambda **_: shipped()  # type: ignore[attr-defined]  # argcomplete looks for it
    parser.add_argument(
        "--revision", choices=REVISIONS, help=f"edition of {DEFAULT_PROFILE} (default: {REVISIONS[-1]})"
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
    """Serve until SIGINT or SIGTERM; return the exit code.

    Raises SettingsError for a taken port, and for a profile that is wrong or has no such edition.
    """
    from conformance.reference import ScaledClock, SystemClock, serve

    clock = SystemClock() if chosen.time_scale == 1 else ScaledClock(chosen.time_scale)
    service, settings = _behaviour(chosen, clock)

    def announce(server: ReferenceServer) -> None:
        profile = "" if chosen.profile == DEFAULT_PROFILE else f" --profile {shlex.quote(chosen.profile)}"
        what = f"the profile {chosen.profile}" if profile else f"revision {settings.revision}"
        say(
            f"serving {what} at {server.base_url}; judge it with\n\n"
            f"  export CONFORMANCE_TOKEN={server.tokens[0]} SECOND_TOKEN={server.tokens[1]}\n"
            f"  conformance run --base-url {server.base_url}{profile} --second-token-env SECOND_TOKEN\n\n"
            "Ctrl-C stops it."
        )

    try:
        serve(settings, service, port=chosen.port, announce=announce)
    except OSError as error:
        raise SettingsError(
            f"port {chosen.port} cannot be used: {error}. Hint: --port 0 takes a free one."
        ) from error
    return 0


def _behaviour(chosen: argparse.Namespace, clock: Clock) -> tuple[type[Service], ReferenceSettings]:
    """Return the service that speaks as the chosen vendor, and its settings; raises SettingsError."""
    from conformance.reference import ProfileData, ReferenceSettings, Service, shaped_as

    if chosen.profile == DEFAULT_PROFILE:
        return Service, ReferenceSettings(revision=chosen.revision or REVISIONS[-1], clock=clock)
    if chosen.revision:
        raise SettingsError(
            f"--revision chooses an edition of {DEFAULT_PROFILE}; leave it out with --profile."
        )
    try:
        return shaped_as(ProfileData.of(profile_document(chosen.profile)), clock)
    except ProfileError as error:
        raise SettingsError(str(error)) from None
