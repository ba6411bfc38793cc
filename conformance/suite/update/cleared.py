"""The story of updates that clear what may be cleared."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import story
from conformance.suite.shared.values import yearly

DESCRIPTION, LISTS, SCHEDULE = (
    "update.description-can-be-cleared",
    "update.lists-can-be-cleared",
    "update.schedule-can-be-cleared",
)
SECRETS = "update.secrets-are-not-shown"
TOKEN = "conformance-token-of-nobody"  # noqa: S105 (it opens nothing)
REPOSITORY = {
    "type": "github_repository",
    "url": "https://github.com/octocat/Hello-World",
    "authorization_token": TOKEN,
}


@dataclass(frozen=True)
class ClearedField:
    """An update that clears a field by a value, told in `words`, and the read after it."""

    field: str
    words: str
    answer: Exchange
    read: Exchange


@dataclass(frozen=True)
class Clearing:
    """Updates that clear a field each, one after another.

    `entrusted` are the answer to an update with a secret, where one was sent, and the read after it.
    """

    updates: tuple[ClearedField, ...]
    entrusted: tuple[Exchange, ...] = ()


@story(promises=(DESCRIPTION, LISTS, SCHEDULE, SECRETS))
def clearing(api: Api) -> Clearing:
    """A scheduled deployment loses its description twice, its resources and vaults, and its schedule."""
    made = api.obtain(schedule=yearly())

    def clear(field: str, value: object, words: str) -> ClearedField:
        answer = api.update(made.id, {field: value}, label=f"update with {words} as {field}")
        return ClearedField(field, words, answer, api.get(made.id, label=f"read after {words} as {field}"))

    first = clear("description", "", "an empty text")
    api.update(made.id, {"description": "described again"}, label="describe it again")
    entrusted: tuple[Exchange, ...] = ()
    if api.promised(SECRETS):
        given = api.update(
            made.id, {"resources": [REPOSITORY]}, label="update with a repository and its token"
        )
        entrusted = (given, api.get(made.id, label="read after the repository was given"))
    fields = ("description", "resources", "vault_ids", "schedule")
    updates = (first, *(clear(field, None, "null") for field in fields))
    api.update(made.id, {"schedule": yearly()}, label="schedule it again")
    return Clearing(updates, entrusted)
