"""Values against schemas: what breaks the contract, and what the documents do not know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from conformance.contract import clock
from conformance.contract.schemas.messages import SchemaViolation, explain, printable
from conformance.contract.schemas.store import BASE, path_of, registry
from conformance.contract.schemas.timestamp import parse_timestamp

if TYPE_CHECKING:
    from jsonschema import FormatChecker
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

MOST = 100
_CLOSED = "unevaluatedProperties"
# The library prints each offending value; Python refuses to print deep nesting and integers of 4,301 digits.
_UNPRINTABLE = (RecursionError, ValueError)
_HOSTILE = SchemaViolation(
    "$", "expected readable JSON; found too deep nesting or too long a number", "unreadable"
)


def violations(kind: str, revision: str, instance: object) -> list[SchemaViolation]:
    """Return how a value breaks the schema of its kind; the first 100 at most, none if it conforms.

    `kind` is one of `schema_kinds(revision)`, otherwise ValueError. Unknown extra fields are legal. A value
    that cannot be examined is a violation at the root.
    """
    errors = _errors(path_of(kind, revision), instance)
    found: dict[SchemaViolation, None] = {}
    try:
        for error in islice(errors, MOST):
            found |= dict.fromkeys(explain(error))
    except _UNPRINTABLE:
        found[_HOSTILE] = None
    return list(found)[:MOST]


def drift(kind: str, revision: str, instance: object) -> list[str]:
    """Return the JSONPaths of fields that the revision's documents do not know; the first 100 at most.

    `kind` is one of `closed_kinds(revision)`, otherwise ValueError. What breaks the contract is no drift:
    `violations` says that.
    """
    errors = _errors(path_of(kind, revision, closed=True), instance)
    found: list[str] = []
    with suppress(*_UNPRINTABLE):
        for error in islice((error for error in errors if error.validator == _CLOSED), MOST):
            found.append(printable(error.json_path))  # noqa: PERF401 (what was found before the fault is kept)
    return found


def _errors(path: str, instance: Any) -> Iterator[ValidationError]:  # noqa: ANN401 (anything a JSON reader returns)
    return _validator(path).iter_errors(instance)


@cache
def _validator(path: str) -> Validator:
    return _validator_class()({"$ref": BASE + path}, registry=registry(), format_checker=_format_checker())


@cache
def _validator_class() -> type[Validator]:
    """Return the 2020-12 validator, saying one error with its own path for each unevaluated property.

    It heeds the clock of the run wherever a schema says of what type a value is, which is nearly everywhere.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    whole, of_type = (Draft202012Validator.VALIDATORS[keyword] for keyword in (_CLOSED, "type"))

    def in_time(validator: Any, rule: Any, instance: Any, schema: Any) -> Any:  # noqa: ANN401 (the library's protocol)
        clock.check()
        return of_type(validator, rule, instance, schema)

    def one_by_one(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401 (the library's protocol)
        if validator.is_type(instance, "object"):
            for name, value in instance.items():
                for error in whole(validator, rule, {name: value}, schema):
                    error.path.append(name)
                    yield error

    extended: type[Validator] = extend(Draft202012Validator, {_CLOSED: one_by_one, "type": in_time})  # type: ignore[no-untyped-call]
    return extended


@cache
def _format_checker() -> FormatChecker:
    """Return a checker of exactly the formats the schemas use: the library's default passes any date-time."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    checker.checks("date-time")(
        lambda value: not isinstance(value, str) or parse_timestamp(value) is not None
    )
    return checker
