"""The suite's environment variables: one that is empty or misspelt must not leave a run with its defaults."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from conformance.config.options import OPTIONS, SettingsError, did_you_mean
from conformance.redaction.known_secrets import TOKEN_VARIABLES

PREFIX: Final = "CONFORMANCE_"
KNOWN: Final = (*(option.variable for option in OPTIONS), TOKEN_VARIABLES[0])


def check_variables(environment: Mapping[str, str], named: Collection[str]) -> None:
    """Raise SettingsError for a `CONFORMANCE_…` variable that is empty, or that nothing reads.

    `named` are variables of any name that hold a token because an option names them.
    """
    for name in sorted(name for name in environment if name.startswith(PREFIX)):
        if name not in KNOWN and name not in named:
            raise SettingsError(
                f"the suite has no variable {name}{did_you_mean(name, KNOWN)} Hint: unset it, or, if it "
                "holds a token, name it with --token-env or --second-token-env."
            )
        if not environment[name].strip():
            raise SettingsError(
                f"the variable {name} is set but empty. Hint: give it a value or unset it; in CI, an empty "
                "value often means that no secret or variable of that name is there."
            )
