"""Makes requests of the OpenAPI file of a revision and prints them as JSON; a process of its own runs this.

schemathesis reads the file and goes through it value by value; which of its requests are sent, and what
each must be answered, is said by `promises`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from conformance.contract.catalogue import load_catalogue
from conformance.contract.schemas import openapi_file
from conformance.suite.exploration.openapi.promises import (
    BODY_LIMITS,
    METHODS,
    OPEN_METHODS,
    PARAMETER_LIMITS,
    PARAMETERS,
    PROBED_METHODS,
    ROUTES,
    UNDOCUMENTED,
    UPDATE,
)
from conformance.suite.exploration.openapi.requests import (
    FORGED,
    NO_CRASH,
    NO_SUCCESS,
    NONE,
    REFUSAL,
    SUCCESS,
    UNAUTHENTICATED,
    UNKNOWN,
    Asked,
)

OUR_BODY: Final[Mapping[str, Any]] = {
    "name": "$name",
    "description": "$description",
    "agent": "$agent",
    "environment_id": "$environment",
    "schedule": {"type": "cron", "expression": "$expression", "timezone": "Asia/Shanghai"},
    "initial_events": ["$event"],
    "resources": [],
    "vault_ids": [],
    "metadata": {"conformance": "openapi"},
}
"""What stands in a body where schemathesis changes nothing; `$` marks what each run has of its own."""
OUR_QUERY: Final = {"agent_id": "$agent", "deployment_id": "$id"}


def generated(revision: str) -> tuple[Asked, ...]:
    """Return all requests that can be judged, each once and always in the same order.

    Importing schemathesis replaces parts of Hypothesis: only for a process that does nothing else.
    """
    import schemathesis

    schema: Any = schemathesis.openapi.from_path(openapi_file(revision), config=schemathesis.Config())
    catalogue = load_catalogue()
    found: dict[str, Asked] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.label in ROUTES:
            for asked in _requests_of(schema, operation, [*schemathesis.GenerationMode]):
                if revision in catalogue[asked.promise].revisions:
                    found.setdefault(asked.key, asked)
    return tuple(found.values())


def _requests_of(schema: Any, operation: Any, modes: list[Any]) -> Iterator[Asked]:  # noqa: ANN401 (schemathesis names few types in public)
    config = schema.config.generation_for(operation=operation, phase="coverage")
    cases = list(schema.iter_coverage_cases(operation, generation_modes=modes, generation_config=config))
    usual = next((case.body for case in cases if isinstance(case.body, dict)), {})
    for case in cases:
        yield from _asked(operation.label, case, usual)


def _asked(route: str, case: Any, usual: Mapping[str, Any]) -> Iterator[Asked]:  # noqa: ANN401 (the same)
    data = case.meta.phase.data
    scenario, place = str(data.scenario.value), str(getattr(data.parameter_location, "name", ""))
    valid = case.meta.generation.mode.is_positive
    promise = ROUTES[route].promise
    if scenario == "unspecified_http_method":
        yield from _other_method(route, case.method)
    elif scenario == "default_positive_test":
        yield Asked(route, "as documented", promise, SUCCESS if ROUTES[route].schema else UNKNOWN)
    elif place == "HEADER" and data.parameter == "Authorization" and scenario == "missing_parameter":
        yield from _without_credentials(route, usual)
    elif place == "QUERY" and route in PARAMETERS:
        yield from _parameter(route, scenario, data.parameter, case.query, valid=valid)
    elif place == "BODY" and isinstance(case.body, dict):
        yield from _body(route, data, case.body, usual, valid=valid)


def _other_method(route: str, method: str) -> Iterator[Asked]:
    path = route.split(" ")[1]
    if method in PROBED_METHODS and path.startswith("/deployments/{id}") and "runs" not in path:
        promise = METHODS.get((method, path), OPEN_METHODS)
        body = {"description": "$description"} if method in ("PUT", "PATCH") else None
        yield Asked(route, "not documented", promise, NO_SUCCESS, method=method, body=body)


def _without_credentials(route: str, usual: Mapping[str, Any]) -> Iterator[Asked]:
    if ROUTES[route].schema:
        body = grafted(usual, usual, OUR_BODY) if usual else None
        for credentials, promise in ((NONE, "auth.missing-is-401"), (FORGED, "auth.unknown-token-is-401")):
            what = f"with {credentials} credentials"
            yield Asked(route, what, promise, UNAUTHENTICATED, credentials=credentials, body=body)


def _parameter(
    route: str, scenario: str, name: str | None, query: Mapping[str, Any], *, valid: bool
) -> Iterator[Asked]:
    """Yield a request with the one parameter that schemathesis thought of, and no other."""
    if scenario == "object_unexpected_properties":
        yield Asked(
            route,
            "with an undocumented parameter",
            ROUTES[route].promise,
            NO_CRASH,
            query={UNDOCUMENTED: "42"},
        )
        return
    name = name or (next(iter(query)) if len(query) == 1 else None)
    table = PARAMETERS[route].get(name or "")
    promise = table if valid else PARAMETER_LIMITS.get((route, name or "", scenario))
    if name and promise and isinstance(query[name], str):
        value = OUR_QUERY.get(name, query[name])
        expects = SUCCESS if valid else REFUSAL
        yield Asked(route, f"{name}={value}", promise, expects, query={name: value})


def _body(
    route: str,
    data: Any,  # noqa: ANN401 (the same)
    body: Mapping[str, Any],
    usual: Mapping[str, Any],
    *,
    valid: bool,
) -> Iterator[Asked]:
    sent = grafted(usual, body, OUR_BODY)
    sent.pop("environment_variables", None)  # their grammar is open
    if valid and not differs(usual, body):
        promise = ROUTES[route].promise if sent or route != UPDATE else "update.empty-body-changes-nothing"
        yield Asked(route, f"with {', '.join(sent) or 'no field'}", promise, SUCCESS, body=sent)
        return
    keyword = _keyword(data.location or "")
    unlike = str(data.scenario.value) == "incorrect_type" and keyword.endswith(
        "/enum"
    )  # null may mean absent
    promise = "" if valid or unlike else BODY_LIMITS.get((route, keyword), "")
    if promise:
        yield Asked(route, data.description, promise, REFUSAL, body=sent)


def _keyword(pointer: str) -> str:
    """Return which keyword of which field a pointer into the schema names, such as `name/maxLength`."""
    between = ("", "allOf", "anyOf", "properties")
    return "/".join(part for part in pointer.split("/") if part not in between and not part.isdecimal())


def grafted(usual: Any, made: Any, ours: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return what schemathesis `made`, with our own value wherever that is as `usual`."""
    if made == usual:
        return ours
    if isinstance(made, dict) and isinstance(usual, dict) and isinstance(ours, dict):
        return {
            name: grafted(usual[name], value, ours[name]) if name in usual and name in ours else value
            for name, value in made.items()
        }
    if isinstance(made, list) and isinstance(usual, list) and usual and ours:
        return [grafted(usual[0], value, ours[0]) for value in made]
    return made


def differs(usual: Any, made: Any) -> bool:  # noqa: ANN401 (JSON)
    """Tell whether anything in `made` is not as `usual`; what is left out is."""
    if isinstance(made, dict) and isinstance(usual, dict):
        return any(name not in usual or differs(usual[name], value) for name, value in made.items())
    if isinstance(made, list) and isinstance(usual, list) and usual:
        return any(differs(usual[0], value) for value in made)
    return bool(made != usual)


if __name__ == "__main__":
    json.dump([asdict(asked) for asked in generated(sys.argv[1])], sys.stdout)
