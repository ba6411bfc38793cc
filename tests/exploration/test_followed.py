"""What the lifecycle makes of the history of one deployment: what it accuses, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from conformance.client.exchange import Exchange
from conformance.contract.lifecycle import model_of
from conformance.suite.exploration.model.followed import Followed, denials_in_list
from conformance.suite.exploration.model.stories import MOST_FOLLOWED, fitting
from conformance.vendors import load_profile
from tests.suite.history_stories import ACTIVE, ID, NOW_ARCHIVED, NOW_PAUSED, acted, at, created, read
from tests.suite.written import SUFFIX, deployment, error

pytestmark = pytest.mark.fast
CHANGED, LONG = "changed", "n" * 250
PAUSED: dict[str, Any] = {**NOW_PAUSED}
ENDED: dict[str, Any] = {**NOW_ARCHIVED}
STILL_PAUSED: dict[str, Any] = {**NOW_PAUSED, "description": CHANGED}
RENAMED: dict[str, Any] = {**NOW_ARCHIVED, "name": f"another_archived_{SUFFIX}"}
REVISED: dict[str, Any] = {**ACTIVE, "description": CHANGED}


def updated(seconds: float, sent: object, **shown: object) -> Exchange:
    body = json.dumps(sent)
    return at(seconds, deployment(**shown), "POST", request_body=body, label="update")


def document(**shown: object) -> dict[str, Any]:
    json = deployment(**shown).json
    return json if isinstance(json, dict) else {}


def conflict(seconds: float, action: str) -> Exchange:
    return at(seconds, error(), "POST", f"/{ID}/{action}", label=action)


def invalid(seconds: float) -> Exchange:
    return at(seconds, error(400), "POST", request_body='{"name": ""}', label="update")


def refused(seconds: float, sent: object, status: int = 400) -> Exchange:
    return at(seconds, error(status), "POST", request_body=json.dumps(sent), label="update")


def paused() -> Exchange:
    return acted(2, "pause", **PAUSED)


def seen() -> Exchange:
    return read(3, **PAUSED)


def slow(one: Exchange) -> Exchange:
    return replace(one, seconds=30.0)


UPDATE = {"description": CHANGED}
EVENT = {"type": "user.message", "content": "Go"}
SENT_SCHEDULE = {"type": "cron", "expression": "0 3 1 6 *", "timezone": "Asia/Shanghai"}
BROKEN: dict[str, tuple[str, Callable[[], Sequence[Exchange]]]] = {
    "a pause that is not accepted": ("pause.makes-it-paused", lambda: [conflict(2, "pause")]),
    "a pause that answers otherwise": ("pause.reason-is-manual", lambda: [acted(2, "pause", **PAUSED | {"paused_reason": None})]),
    "a pause that loses a field": ("pause.changes-only-its-own-fields", lambda: [acted(2, "pause", **PAUSED | {"metadata": {"a": "b"}})]),
    "a pause that is not stored": ("pause.is-stored", lambda: [paused(), read(7, **ACTIVE)]),
    "a second pause that is accepted": ("pause.second-is-conflict", lambda: [paused(), acted(4, "pause", **PAUSED)]),
    "a refused pause that is carried out otherwise": ("pause.refused-changes-nothing", lambda: [paused(), seen(), conflict(4, "pause"), read(5, **STILL_PAUSED)]),
    "an update that unpauses": ("update.of-paused-keeps-it-paused", lambda: [paused(), updated(4, UPDATE, **REVISED)]),
    "an update that takes the reason": ("update.of-paused-keeps-it-paused", lambda: [paused(), updated(4, UPDATE, **STILL_PAUSED | {"paused_reason": None})]),
    "an update that changes more": ("update.keeps-what-was-not-sent", lambda: [updated(4, UPDATE, **REVISED, environment_id="env_2")]),
    "an update that is lost": ("update.is-stored", lambda: [updated(4, UPDATE, **REVISED), read(9, **ACTIVE)]),
    "a refused update that unpauses": ("errors.refused-changes-nothing", lambda: [paused(), seen(), invalid(4), read(5, **ACTIVE)]),
    "an unpause that brings back a field": ("pause.cycle-repeats", lambda: [paused(), updated(3, UPDATE, **STILL_PAUSED), acted(4, "unpause", **ACTIVE)]),
    "an archive that keeps the name": ("archive.renames", lambda: [acted(4, "archive", **ENDED | {"name": "another"})]),
    "a second archive that is accepted": ("archive.second-is-conflict", lambda: [acted(4, "archive", **ENDED), acted(5, "archive", **ENDED)]),
    "a refused archive that renames": ("archive.refused-changes-nothing", lambda: [acted(4, "archive", **ENDED), read(4.5, **ENDED), conflict(5, "archive"), read(6, **RENAMED)]),
    "an archived one that is gone": ("archive.can-be-read", lambda: [acted(4, "archive", **ENDED), read(5, **ENDED), at(6, error(404, "not_found_error"))]),
    "one that changes by itself": ("pause.leaves-others-alone", lambda: [paused(), seen(), read(9, **STILL_PAUSED)]),
    "one that is archived unasked": ("pause.leaves-others-alone", lambda: [paused(), read(9, **ENDED)]),
    "a creation that moves": ("object.identity-never-moves", lambda: [paused(), read(9, **PAUSED, created_at="2026-07-02T00:00:00Z")]),
    "an empty update that is refused": ("update.empty-body-changes-nothing", lambda: [refused(4, {})]),
    "an empty update that is refused while paused": ("update.of-paused-keeps-it-paused", lambda: [paused(), refused(4, {}, 409)]),
    "an update to what it has that is refused": ("update.of-paused-keeps-it-paused", lambda: [paused(), refused(4, {"description": ACTIVE["description"]}, 409)]),
    "an update that answers otherwise": ("update.returns-full-object", lambda: [updated(4, UPDATE, **ACTIVE)]),
    "an update that keeps one of two equal events": ("update.events-are-replaced", lambda: [updated(4, {"initial_events": [EVENT, EVENT]}, **ACTIVE, initial_events=[EVENT])]),
    "an update that loses a metadata value": ("update.metadata-is-merged", lambda: [updated(4, {"metadata": {"a": "", "b": None}}, **ACTIVE, metadata={})]),
    "an update that keeps a deleted key": ("update.metadata-is-merged", lambda: [updated(4, {"metadata": {"b": None}}, **ACTIVE, metadata={"b": "1"})]),
    "an update to another zone": ("update.returns-full-object", lambda: [updated(4, {"schedule": SENT_SCHEDULE}, **ACTIVE, schedule={**SENT_SCHEDULE, "timezone": "UTC"})]),
    "an update that loses a vault": ("update.returns-full-object", lambda: [updated(4, {"vault_ids": ["a", "b"]}, **ACTIVE, vault_ids=["a"])]),
}  # fmt: skip
LEGAL: dict[str, Callable[[], Sequence[Exchange]]] = {
    "a whole life": lambda: [paused(), seen(), conflict(4, "pause"), read(5, **PAUSED), acted(6, "unpause", **ACTIVE)],
    "a read that lags": lambda: [paused(), read(2.1, **ACTIVE)],
    "reads that lag and catch up": lambda: [paused(), read(2.1, **ACTIVE), seen()],
    "a read that lags before the next change": lambda: [paused(), read(2.1, **ACTIVE), acted(3, "unpause", **ACTIVE)],
    "texts that are stored otherwise": lambda: [updated(4, {"description": f" {CHANGED} "}, **REVISED), read(9, **REVISED)],
    "fields that are stored in another form": lambda: [updated(4, {"name": "e\u0301 ", "metadata": {"e\u0301": "a "}, "vault_ids": ["b", "a"], "initial_events": [EVENT]}, **ACTIVE, name="\u00e9", metadata={"\u00e9": "a", "cas_config": {}}, vault_ids=["a", "b"], initial_events=[{**EVENT, "id": "evt_1", "content": [{"type": "text", "text": "Go"}]}])],
    "what is no text": lambda: [updated(4, {"description": None, "schedule": None, "metadata": None, "vault_ids": None, "initial_events": None}, **ACTIVE)],
    "a key that was sent before": lambda: [replace(updated(4, UPDATE, **ACTIVE), request_headers={"idempotency-key": "k"})],
    "what an open request made of it": lambda: [replace(updated(4, UPDATE, **REVISED), probe=True), read(5, **ACTIVE)],
    "a read beside a change": lambda: [slow(paused()), read(3, **STILL_PAUSED)],
    "changes at once": lambda: [slow(paused()), acted(3, "unpause", **STILL_PAUSED), read(40, **STILL_PAUSED)],
    "what a gateway refuses": lambda: [at(2, error(503, "api_error"), "POST", f"/{ID}/pause"), read(9, **PAUSED)],
    "an archive of a paused one that is refused": lambda: [paused(), conflict(4, "archive"), read(5, **PAUSED)],
    "an archive of a paused one that stays paused": lambda: [paused(), acted(4, "archive", **PAUSED | ENDED)],
    "a body that is no object": lambda: [at(4, error(400), "POST", request_body="[", label="update"), read(9, **ACTIVE)],
    "an update that is refused": lambda: [invalid(4), read(9, **ACTIVE)],
    "an update to another name that is refused": lambda: [refused(4, {"name": "taken"}, 409), read(5, **ACTIVE)],
    "an empty update of an archived one that is refused": lambda: [acted(3, "archive", **ENDED), refused(4, {}, 409)],
    "a refusal of fields that only the server sets": lambda: [refused(4, {"status": "active"})],
    "a second archive after a 429": lambda: [acted(4, "archive", **ENDED), replace(conflict(5, "archive"), retries=("429 rate_limit_error",))],
    "an archive of a long name that is refused": lambda: [updated(3, {"name": LONG}, **ACTIVE, name=LONG), at(4, error(400), "POST", f"/{ID}/archive")],
    "a pause that shows a reason of nobody, before another": lambda: [replace(paused(), probe=True), read(9, **PAUSED | {"paused_reason": None}), updated(10, UPDATE, **STILL_PAUSED | {"paused_reason": None})],
}  # fmt: skip


def follow(exchanges: Sequence[Exchange]) -> Followed:
    history = [replace(one, number=n) for n, one in enumerate([created(), *exchanges], start=1)]
    followed = Followed(model_of(load_profile("qoder")), history)
    followed.follow()
    return followed


@pytest.mark.parametrize("what", BROKEN)
def test_what_contradicts_the_lifecycle_is_named(what: str) -> None:
    promise, exchanges = BROKEN[what]
    found = follow(exchanges()).broken
    assert found is not None
    assert found[0] == promise


CREATED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a name that is cut": ("create.stores-what-was-sent", {"name": LONG}, {"name": "n"}),
    "a description that is not kept": ("create.stores-what-was-sent", {"description": "a"}, {"description": None}),
    "two events made one": ("create.50-events-are-stored", {"initial_events": [EVENT, EVENT]}, {"initial_events": [EVENT]}),
    "a text of an event": ("create.50-events-are-stored", {"initial_events": [EVENT]}, {"initial_events": [{**EVENT, "content": "Stop"}]}),
    "metadata": ("create.metadata-at-its-limits-is-stored", {"metadata": {"a": "1"}}, {"metadata": []}),
    "variables": ("create.environment-variables-are-stored", {"environment_variables": "A=1"}, {"environment_variables": "A=2"}),
    "no schedule": ("schedule.is-echoed", {"schedule": SENT_SCHEDULE}, {"schedule": None}),
}  # fmt: skip


@pytest.mark.parametrize("what", CREATED)
def test_a_creation_that_shows_something_else_is_named(what: str) -> None:
    promise, sent, shown = CREATED[what]
    made = replace(
        at(0, deployment(**shown), "POST", request_body=json.dumps(sent), label="create"), number=1
    )
    followed = Followed(model_of(load_profile("qoder")), [made])
    followed.follow()
    assert followed.broken is not None
    assert followed.broken[0] == promise
    probe = Followed(model_of(load_profile("qoder")), [replace(made, probe=True)])
    probe.follow()
    assert probe.broken is None


@pytest.mark.parametrize("what", LEGAL)
def test_what_the_documents_allow_is_left_alone(what: str) -> None:
    assert follow(LEGAL[what]()).broken is None


def test_a_list_is_compared_with_what_reads_showed() -> None:
    snapshot = follow([paused(), seen()]).snapshots[-1]
    assert not denials_in_list(snapshot, document(**PAUSED))
    assert not denials_in_list(snapshot, document(**ACTIVE)), "a list may lag"
    assert [one.field for one in denials_in_list(snapshot, document(**STILL_PAUSED))] == ["description"]


def test_large_histories_are_left_alone_and_the_others_keep_their_order() -> None:
    def history(size: int) -> Sequence[Exchange]:
        return [replace(created(), size=size)]

    told = {
        "b": history(10),
        "large": history(MOST_FOLLOWED),
        "a": history(5),
        "huge": history(10 * MOST_FOLLOWED),
    }
    assert [*fitting(told)] == ["b", "a"]
    assert [*fitting({"large": history(MOST_FOLLOWED)})] == ["large"]
