"""`conformance profile`: shows what a profile promises, checks one of your own, begins a new one."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from conformance.cli.parsers import INTERNAL, Commands, Parser, show_examples
from conformance.cli.printing import say
from conformance.config.options import SettingsError
from conformance.contract.catalogue import Catalogue, CatalogueError, Requirement, load_catalogue
from conformance.vendors import Profile, ProfileError, load_profile, shipped
from conformance.vendors.loading import is_path
from conformance.vendors.starter import situations, starter

NAMED = "a shipped name, or the path of a folder or .toml file"
OPEN = "open: observed, never accused"


def register(commands: Commands) -> None:
    """Add the commands."""
    parser = commands.add_parser("profile", help="show, check or begin a profile", allow_abbrev=False)
    show_examples(
        parser,
        "conformance profile show anthropic",
        "conformance profile check ./clone.toml",
        "conformance profile new clone.toml --extends anthropic",
    )
    actions: Commands = parser.add_subparsers(required=True, metavar="ACTION", parser_class=Parser)
    show_parser = _action(actions, "show", "what binds, how strongly and why; answers and routes", show)
    named = show_parser.add_argument("profile", metavar="PROFILE", help=NAMED)
    named.completer = lambda **_: shipped()  # type: ignore[attr-defined]  # argcomplete looks for it
    show_parser.add_argument("--unbound", action="store_true", help="also what does not bind, and why")
    check_some = _action(actions, "check", "whether profiles of your own can be used", check)
    check_some.add_argument("profiles", metavar="PATH", nargs="+", help="a folder or .toml file")
    begin = _action(actions, "new", "write one that extends a shipped one, with comments", new)
    begin.add_argument("file", type=_toml_file, metavar="FILE", help="the file to write; it must not exist")
    begin.add_argument("--extends", choices=shipped(), required=True, help="the profile that it builds on")
    begin.add_argument("--title", help="what reports call it (default: the name of the file)")


def _action(actions: Commands, name: str, text: str, command: Callable[[argparse.Namespace], int]) -> Parser:
    parser = actions.add_parser(name, help=text, allow_abbrev=False)
    parser.set_defaults(command=command)
    return parser


def _toml_file(text: str) -> Path:
    path = Path(text)
    if path.suffix != ".toml":
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .toml")
    return path


# --- show ------------------------------------------------------------------------------------------------


def show(chosen: argparse.Namespace) -> int:
    """Print a profile; return 0, or 4 when the text is lost. Raises SettingsError for one that is wrong."""
    profile, catalogue = _loaded(chosen.profile)
    lines = [*_head(profile), *_routes(profile), *_answers(profile), *_promises(catalogue)]
    if chosen.unbound:
        lines += _unbound(catalogue)
    return 0 if say("\n".join(lines)) else INTERNAL


def _loaded(name: str) -> tuple[Profile, Catalogue]:
    try:
        return load_profile(name), load_catalogue(name)
    except (ProfileError, CatalogueError) as error:
        raise SettingsError(str(error)) from None


def _head(profile: Profile) -> Iterator[str]:
    credentials = profile.credentials
    ids = (f"{ids.prefix}… ({ids.form})" for ids in (profile.deployment_ids, profile.run_ids))
    yield f"{profile.name}: {profile.title} (digest {profile.digest})"
    yield f"  base URL     {profile.base_url}"
    yield f"  credentials  {credentials.header}: {credentials.value('TOKEN')}"
    yield from (f"  header       {name}: {value}" for name, value in credentials.headers.items())
    yield from (f"  query        {name}={value}" for name, value in credentials.query.items())
    yield f"  ids          {', '.join(ids)}"
    yield f"  editions     {', '.join(profile.editions.names)}"
    yield f"  lists        {', '.join(('data', *profile.lists.envelope))}"
    yield f"  next page    {' or '.join(profile.lists.cursors)}"


def _routes(profile: Profile) -> Iterator[str]:
    yield from ("", "Routes of runs")
    yield from (f"  {name:<20} {path}" for name, path in profile.routes.items())


def _answers(profile: Profile) -> Iterator[str]:
    yield from ("", "Answers")
    for situation in situations():
        yield f"  {situation:<24} {' or '.join(profile.answers.get(situation, (OPEN,)))}"


def _promises(catalogue: Catalogue) -> Iterator[str]:
    bound = [row for row in catalogue if not row.unbound]
    width = max((len(row.id) for row in bound), default=0)
    yield from ("", f"Binds: {_counted(bound)}")
    for row in bound:
        yield f"  {row.id:<{width}}  {row.level:<7}  {', '.join(row.statements)}  {row.source}"


def _unbound(catalogue: Catalogue) -> Iterator[str]:
    rows = [row for row in (*catalogue, *catalogue.searches.values()) if row.unbound]
    yield from ("", f"Does not bind: {len(rows)}")
    yield from (f"  {row.id}: {row.unbound}" for row in rows)


def _counted(rows: list[Requirement]) -> str:
    levels = Counter(row.level for row in rows)
    return f"{len(rows)} ({', '.join(f'{count} {level}' for level, count in sorted(levels.items()))})"


# --- check and new ---------------------------------------------------------------------------------------


def check(chosen: argparse.Namespace) -> int:
    """Print a line for each usable profile; return 0. Raises SettingsError for the first that is not."""
    for given in chosen.profiles:
        name = given if is_path(given) or given in shipped() else f"./{given}"  # a folder beside us
        _, catalogue = _loaded(name)
        if not say(f"{given}: can be used; binds {_counted([row for row in catalogue if not row.unbound])}"):
            return INTERNAL
    return 0


def new(chosen: argparse.Namespace) -> int:
    """Write a profile to begin with; return 0. Raises SettingsError when the file cannot be written."""
    text = starter(chosen.extends, chosen.title or chosen.file.stem)
    try:
        with chosen.file.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SettingsError(f"{chosen.file} exists. Hint: name another file, or remove it.") from None
    except OSError as error:
        raise SettingsError(f"{chosen.file} cannot be written: {error.strerror or error}.") from None
    say(f"wrote {chosen.file}; edit it, then: conformance profile check {chosen.file}")
    return 0
