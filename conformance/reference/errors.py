"""Refusals: the status, the documented type and what is said about them."""

from __future__ import annotations

from collections.abc import Mapping


class ApiError(Exception):
    """A request is refused; `param` names the field or query parameter that is to blame, if one is."""

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.param = param
        self.headers = headers or {}


def invalid(message: str, param: str | None = None) -> ApiError:
    """Return the refusal of a malformed request."""
    return ApiError(400, "invalid_request_error", message, param)


def unauthenticated() -> ApiError:
    """Return the refusal of a missing or unknown token."""
    return ApiError(401, "authentication_error", "Invalid API key or token.")


def not_found(what: str) -> ApiError:
    """Return the refusal of a request for something that does not exist for its sender."""
    return ApiError(404, "not_found_error", f"{what} was not found.")


def conflict(message: str) -> ApiError:
    """Return the refusal of a request that the present state forbids."""
    return ApiError(409, "conflict_error", message)


def method_not_allowed(method: str, allowed: tuple[str, ...]) -> ApiError:
    """Return the refusal of a method that the path does not offer; the documents name no type for it."""
    message = f"Method {method} is not supported here; use {' or '.join(allowed)}."
    return ApiError(405, "invalid_request_error", message, headers={"allow": ", ".join(allowed)})


def crashed() -> ApiError:
    """Return the answer to a request on which the server itself failed."""
    return ApiError(500, "api_error", "Internal server error.")
