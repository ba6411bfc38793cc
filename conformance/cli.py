"""The command line door: `conformance run`, `conformance list`, `conformance serve`."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from conformance import __version__
from conformance.contract.catalogue import REVISIONS, load_catalogue
from conformance.target.options import OPTIONS, SettingsError, did_you_mean
from conformance.target.settings import Settings, resolve

if TYPE_CHECKING:
    from conformance.report.result import RunResult

USAGE, INTERNAL = 2, 4
PYTEST_USAGE = 4
"""What pytest exits with after wrong usage, -k and -m expressions included."""
LARGEST_PORT = 65535
LARGEST_SCALE = 3600


class _Parser(argparse.ArgumentParser):
    """An argument parser that answers an unknown option with the nearest known one."""

    def error(self, message: str) -> NoReturn:
        kind, _, given = message.partition(": ")
        hint = ""
        if kind == "unrecognized arguments":
            hint = did_you_mean(
                given.split()[0].partition("=")[0], [f"--{option.name}" for option in OPTIONS]
            )
        self.exit(USAGE, f"{self.prog}: {message}{hint}\nHint: --help after a command lists its options.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 0 kept, 1 broken, 2 usage, 3 incomplete, 4 suite failed."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.command(chosen))
    except SettingsError as error:
        print(f"conformance: {error}", file=sys.stderr)  # noqa: T201 (a command line prints)
        return USAGE
    except Exception:  # noqa: BLE001 (a crash must not look like a broken promise: Python would exit with 1)
        traceback.print_exc()
        return INTERNAL


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="conformance", description=__doc__, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"conformance {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    run = commands.add_parser(
        "run", help="judge a target, or the embedded reference server", allow_abbrev=False
    )
    run.set_defaults(command=_run)
    _add_options(run)
    run.add_argument("-k", dest="keyword", metavar="EXPRESSION", help="only requirements whose name matches")
    run.add_argument(
        "-m", dest="marks", metavar="EXPRESSION", help="only these marks, such as 'must and pause'"
    )
    run.add_argument("-n", dest="workers", metavar="N", help="judge in N processes (pytest-xdist)")
    listing = commands.add_parser("list", help="list the requirements", allow_abbrev=False)
    listing.set_defaults(command=_list)
    _add_options(listing)
    serve = commands.add_parser("serve", help="serve the reference server on loopback", allow_abbrev=False)
    serve.set_defaults(command=_serve)
    serve.add_argument("--port", type=_port, default=8095, help="port (default: 8095; 0 takes a free one)")
    serve.add_argument(
        "--revision", choices=REVISIONS, default=REVISIONS[-1], help="edition of the documents"
    )
    serve.add_argument(
        "--time-scale",
        type=_scale,
        default=1.0,
        metavar="N",
        help="its clock runs N times as fast (default: 1)",
    )
    return parser


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


def _add_options(parser: argparse.ArgumentParser) -> None:
    for option in OPTIONS:
        text = f"{option.help} [{option.variable}]"
        if option.kind == "flag":
            parser.add_argument(f"--{option.name}", action="store_true", default=None, help=text)
        else:
            action = "append" if option.kind == "list" else "store"
            parser.add_argument(f"--{option.name}", action=action, metavar=option.metavar, help=text)


def _settings(chosen: argparse.Namespace) -> Settings:
    return resolve(vars(chosen), os.environ, load_catalogue(), Path.cwd())


def _run(chosen: argparse.Namespace) -> int:
    settings = _settings(chosen)
    code, result = _judge(chosen, settings)
    if result is None:
        return USAGE if code == PYTEST_USAGE else INTERNAL
    from conformance.report import terminal

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # a target's text may not fit the terminal's encoding
    print(terminal(result, colour=colour))  # noqa: T201 (a command line prints)
    return result.exit_code


def _judge(chosen: argparse.Namespace, settings: Settings) -> tuple[int, RunResult | None]:
    """Run pytest over the suite, without plugins that nobody asked for; return its code and the result."""
    import pytest

    from conformance.quiet import Quiet

    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    quiet = Quiet()
    with _progress_on_stderr():
        code = pytest.main(_pytest_arguments(chosen, settings), plugins=[quiet])
    return int(code), quiet.result


@contextmanager
def _progress_on_stderr() -> Iterator[None]:
    """Show the lines that tell of long waits; pytest captures the process's own stderr meanwhile."""
    progress = logging.getLogger("conformance.progress")
    with os.fdopen(os.dup(sys.__stderr__.fileno() if sys.__stderr__ else 2), "w") as stderr:
        handler = logging.StreamHandler(stderr)
        progress.addHandler(handler)
        progress.setLevel(logging.INFO)
        try:
            yield
        finally:
            progress.removeHandler(handler)


def _pytest_arguments(chosen: argparse.Namespace, settings: Settings) -> list[str]:
    here = Path(__file__).parent
    words = ["--pyargs", "conformance.suite", "-c", str(here / "suite" / "pytest.toml"), f"--rootdir={here}"]
    words += ["-p", "conformance.plugin", "-p", "no:cacheprovider", "-q"]
    words += [f"--conformance-seed={settings.seed}"]
    for option in OPTIONS:
        value = getattr(chosen, option.attribute)
        if option.kind == "flag":
            words += [f"--conformance-{option.name}"] if value else []
        elif option.name != "seed" and value is not None:
            words += [f"--conformance-{option.name}={part}" for part in _as_list(value)]
    for flag, value in (("-k", chosen.keyword), ("-m", chosen.marks)):
        words += [flag, value] if value else []
    if chosen.workers:
        words += ["-p", "xdist", "-n", chosen.workers, "--dist", "loadgroup"]
    return words


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _list(chosen: argparse.Namespace) -> int:
    settings = _settings(chosen)
    catalogue = load_catalogue()
    width = max(map(len, (*catalogue.requirements, *catalogue.searches)))
    for requirement in (*catalogue, *catalogue.searches.values()):
        if settings.only and requirement.id not in settings.only:
            continue
        missing = [f"--{need}" for need in requirement.needs if not settings.provides(need)]
        if requirement.tier not in settings.tier:
            missing.insert(0, f"--tier {requirement.tier}")
        state = "judged" if not missing else f"judged with {' and '.join(missing)}"
        columns = (
            f"{requirement.id:<{width}}",
            f"{requirement.level:<7}",
            f"{requirement.tier:<8}",
            f"{state:<34}",
        )
        print(*columns, requirement.title, sep="  ")  # noqa: T201 (same)
    return 0


def _serve(chosen: argparse.Namespace) -> int:
    from conformance.reference import ReferenceServer, ScaledClock, SystemClock, serve
    from conformance.reference import Settings as ReferenceSettings

    def announce(server: ReferenceServer) -> None:
        known = server.prerequisites()
        print(  # noqa: T201 (same)
            f"serving revision {chosen.revision} at {server.base_url}; judge it with\n\n"
            f"  export CONFORMANCE_TOKEN={known.token} SECOND_TOKEN={server.tokens[1]}\n"
            f"  conformance run --base-url {server.base_url} --second-token-env SECOND_TOKEN\n\n"
            "Ctrl-C stops it.",
            flush=True,
        )

    try:
        clock = SystemClock() if chosen.time_scale == 1 else ScaledClock(chosen.time_scale)
        serve(ReferenceSettings(revision=chosen.revision, clock=clock), port=chosen.port, announce=announce)
    except OSError as error:
        raise SettingsError(
            f"port {chosen.port} cannot be used: {error}. Hint: --port 0 takes a free one."
        ) from error
    return 0
