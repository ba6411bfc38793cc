"""Stories about updates: each field changed alone, bodies that change nothing, new schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as field_of

from conformance.client.answers import created_id
from conformance.client.api import Api, Created
from conformance.client.exchange import Exchange
from conformance.client.prerequisites import pick
from conformance.contract.comparing import MISSING, field
from conformance.suite.engine.registry import story
from conformance.suite.shared.looking import look_for
from conformance.suite.shared.values import LOOKALIKES, escaped, renamed_to, yearly
from conformance.suite.update.changes import Change, change_to
from conformance.suite.update.refusals import FULL_METADATA

LINES = "line breaks"
ODD = {
    "a NUL": "{}\0end",
    "control characters": "{}\a\x1b[1m\x7f\x85end",
    LINES: "{}\r\nin\tthe\u2028middle",
    "blanks around": " \t{} \u00a0",
    "marks of direction": "{}\u202e\u2066end\u2069\u202c\ufeff",
    "combining marks": "{}e\u0301 q\u0323\u0307 \u1112\u1161\u11ab",
}
"""Texts that nobody promises to keep as they are, nor to refuse."""
ROUND_TRIPS = ("blanks around", "combining marks")
"""Those that a value of metadata keeps all the same: no page says that such a value is tidied."""
ODD_KEY = "key-2"
BLANKS = b" " * 130_000
"""Blanks that JSON allows before a document: more than many servers take unasked, far from any limit told."""
LONG = 1_500
"""How often a sentence is repeated in a text that is longer than the columns and buffers of many servers."""
MARKS = "100% \"a\" 'b' c\\d <i>&lt;</i> %41 ${e} {{f}} [g]#;--:@=+|^~`!?*"
"""What some servers read as syntax: of URLs, texts in quotes, HTML, templates, queries."""
DESCRIPTIONS_LIKE_VALUES = ("0", "null", "true", '"in quotes"')
TEXT = "Zwölf Ελλάς 数据 日本語 한국어 עברית العربية हिन्दी 🚀𠮷👩🏽"


@dataclass(frozen=True)
class Updates:
    """Updates of one deployment, one after the other: each changes one field alone or nothing.

    `kept_key` is a metadata key that none of them names; `old_event` and `new_event` are texts of the events
    before and after `events`. Of a lent deployment some fields are left alone. `metadata` and `deleted` are
    sent more than a second after the change before; that one does nothing but delete keys. `cleared` empties
    all that may be empty and `restored` sets it again, with a deleted key, and the name in capitals. `types`
    are updates to events of all types and to a long one, and back to the first; but for the first and the
    last they may be refused. `odd` are
    texts of which nothing is said, with the answer to an update of name and description to each, by what is
    odd of it. `rescheduled`, `replaced`, `exchanged` and `moved` are of another deployment, with as many
    metadata keys as it may have: the first two are sent more than a second after what came before, with the
    third a key goes and a key comes, and the last one changes agent and environment, as far as the account
    has two. `renamed` are the answers to updates to names that are free again: one back to that of its
    creation, and one of another deployment. `gone` is the answer to an update that deletes once more the key
    that `exchanged` deleted.
    """

    name: Change
    description: Change
    events: Change | None
    metadata: Change | None
    expression: Change | None
    timezone: Change | None
    empty_metadata: Change
    nothing: Change
    kept_key: str = "d"
    old_event: str = ""
    new_event: str = ""
    deleted: Change | None = None
    cleared: Change | None = None
    restored: Change | None = None
    types: tuple[Change, ...] = ()
    odd: Mapping[str, tuple[str, Exchange]] = field_of(default_factory=dict)
    rescheduled: Change | None = None
    replaced: Change | None = None
    exchanged: Change | None = None
    moved: Change | None = None
    gone: Exchange | None = None
    renamed: tuple[Exchange, ...] = ()

    @property
    def dated(self) -> tuple[Change, ...]:
        """Those sent more than a second after the last change before."""
        return self.name, *_made(self.rescheduled, self.metadata, self.deleted, self.replaced)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Those that change a field."""
        others = _made(self.events, self.metadata, self.deleted, self.cleared, self.restored)
        return self.name, self.description, *others, *self.of_schedule

    @property
    def of_schedule(self) -> tuple[Change, ...]:
        """Those that change the schedule."""
        return _made(self.expression, self.timezone)


def _made(*changes: Change | None) -> tuple[Change, ...]:
    return tuple(change for change in changes if change)


@story()
def updates(api: Api) -> Updates:
    """A scheduled deployment is updated field by field and read after each update."""
    old, new = "An event to be replaced", "The only event that stays"
    made = api.create_deployment(
        schedule=yearly(),
        metadata={"a": "old", "b": "old", "d": "kept"},
        initial_events=[api.known.event(old), api.known.event(old)],
    )
    other = None if api.asks_musts_alone else _create_full(api)
    before = api.first_read(made, "read before the updates")
    api.wait_for_next_second()
    full = created_id(other) if other else None
    rescheduled = change_to(api, full, other, {"schedule": yearly(minute=45)}) if full and other else None
    name = change_to(api, made.id, before, {"name": renamed_to(made.name, "umbenannt 已改名")})
    text = f"Geändert, 更新, 🚀\n{TEXT}\n{MARKS}"
    kept = {"description": text, **name.sent, **_own_schedule(name.after), **_one_vault(api)}
    what = "description beside the name and the schedule it has"
    description = change_to(api, made.id, name.after, kept, what, content=escaped(kept))
    only = {"initial_events": [api.known.event(new)]}
    events = change_to(api, made.id, description.after, only, content=BLANKS + escaped(only))
    metadata, deleted = _patch_metadata(api, made.id)
    cleared, restored, expression = _empty_and_restore(api, made, deleted.after)
    timezone = change_to(
        api, made.id, expression.after, {"schedule": yearly(minute=30, hour=9, timezone="Asia/Kolkata")}
    )
    empty_metadata = change_to(api, made.id, timezone.after, {"metadata": {}})
    nothing = change_to(api, made.id, empty_metadata.after, {})
    evidence = Updates(
        name,
        description,
        events,
        metadata,
        expression,
        timezone,
        empty_metadata,
        nothing,
        old_event=old,
        new_event=new,
        deleted=deleted,
        cleared=cleared,
        restored=restored,
        rescheduled=rescheduled,
    )
    if api.asks_musts_alone:
        return replace(evidence, types=_change_types(api, made.id, nothing.after))
    label = "update to the name of its creation"
    evidence = replace(evidence, renamed=(api.update(made.id, {"name": made.name}, label=label),))
    if not (full and rescheduled):
        return evidence
    return _update_further(api, evidence, full, rescheduled.after, str(name.sent["name"]))


def _patch_metadata(api: Api, deployment_id: str) -> tuple[Change, Change]:
    """Set keys of metadata and delete one, then delete some alone, over a second after what came before."""
    api.wait_for_next_second()
    before = api.get(deployment_id, label="read before the update of metadata")
    # What one key loses another gets: the value of "b" moves to "c".
    patch = {"a": f"新 {MARKS}", "b": None, "c": "old", MARKS: TEXT, **LOOKALIKES}
    metadata = change_to(api, deployment_id, before, {"metadata": patch})
    api.wait_for_next_second()
    fewer = {"metadata": dict.fromkeys(("a", "c", "dotted.key"))}  # keys like "a" stay: "A", "a.switch"
    return metadata, change_to(api, deployment_id, metadata.after, fewer, "metadata to lose three keys")


def _empty_and_restore(api: Api, made: Created, before: Exchange) -> tuple[Change, Change, Change]:
    """Empty all that may be empty and set it again; the description last, beside another schedule.

    By then an update without it has shown whether it stays empty.
    """
    cleared = change_to(api, made.id, before, _empty(before), "all that may be empty")
    again = {
        **_full(api, cleared.after),
        "name": renamed_to(made.name, "UMBENANNT 已改名"),
        "metadata": {"b": "again", "c": "again", "digits": "7"},
    }
    restored = change_to(api, made.id, cleared.after, again, "what was emptied and deleted")
    schedule = {"schedule": yearly(minute=30, hour=9), **_first_text(made)}
    return cleared, restored, change_to(api, made.id, restored.after, schedule)


def _create_full(api: Api) -> Exchange:
    body = api.body(schedule=yearly(), metadata=FULL_METADATA)
    return api.create(body, label=f"create with {len(FULL_METADATA)} metadata keys", valid=True)


def _empty(shown: Exchange) -> dict[str, object]:
    return {"description": "", "resources": [], "vault_ids": [], **_variables(shown, "")}


def _full(api: Api, shown: Exchange) -> dict[str, object]:
    return {**_one_vault(api), **_variables(shown, "AGAIN=1")}


def _variables(shown: Exchange, value: str) -> dict[str, object]:
    """Return environment variables where deployments show some: that they do is a promise of its own."""
    there = field(shown.json, "environment_variables") is not MISSING
    return {"environment_variables": value} if there else {}


def _one_vault(api: Api) -> dict[str, object]:
    """Return a list of one vault, of which a rich deployment has several, if there is any."""
    return {"vault_ids": [*api.known.vaults[:1]]} if api.known.vaults else {}


def _first_text(made: Created) -> dict[str, object]:
    """Return the description of the creation: what was there first must come back when it is sent again."""
    first = field(made.exchange.json, "description")
    return {"description": first if isinstance(first, str) and first else "described again"}


def _own_schedule(shown: Exchange) -> dict[str, object]:
    """Return the schedule that a deployment has, as it is sent, if it shows one."""
    parts = {part: field(shown.json, f"schedule.{part}") for part in ("type", "expression", "timezone")}
    return {"schedule": parts} if all(isinstance(value, str) for value in parts.values()) else {}


def _update_further(api: Api, evidence: Updates, full: str, before: Exchange, free: str) -> Updates:
    """Change the events of the other deployment, one of its metadata keys for another, its environment.

    It takes the name that is `free` again. Its description becomes texts that hasty servers take for values:
    the search of stories holds the answers against what was sent.
    """
    replaced = change_to(api, full, before, {"initial_events": [api.known.event(evidence.new_event)]})
    first, *others = DESCRIPTIONS_LIKE_VALUES  # before what is open is sent, after which nothing is known
    renamed = api.update(full, {"description": first, "name": free}, label=f"update description to {first}")
    for text in others:
        api.update(full, {"description": text}, label=f"update description to {text}")
    exchanged = moved = gone = None
    # Whether keys of the server's own count is not said.
    if field(replaced.after.json, "metadata") == FULL_METADATA:
        patch = {"metadata": {"key-0": None, "another-key": "set"}}
        exchanged = change_to(api, full, replaced.after, patch, "one metadata key for another")
        label = "update metadata to lose a key that it has lost"
        gone = api.update(full, {"metadata": {"key-0": None}}, label=label, probe=True)
    last = exchanged or replaced
    if elsewhere := _elsewhere(api):
        moved = change_to(api, full, last.after, elsewhere, "what it runs, and where")
    types = _change_types(api, full, last.after)
    odd = _write_oddly(api, full)
    return replace(
        evidence, replaced=replaced, exchanged=exchanged, moved=moved, types=types, odd=odd, gone=gone,
        renamed=(*evidence.renamed, renamed),
    )  # fmt: skip


def _elsewhere(api: Api) -> dict[str, object]:
    """Return another agent at its first version and another environment, as far as the account has them."""
    found: dict[str, object] = {}
    if environment := _another(api, "environment", api.known.environment):
        found["environment_id"] = environment
    if agent := _another(api, "agent", api.known.agent):
        found["agent"] = {"id": agent, "type": "agent", "version": 1}
    return found


def _another(api: Api, kind: str, known: str) -> str | None:
    others = (one for one in look_for(api, kind) if one.get("id") != known)
    return pick(others, archived=False)


def _change_types(api: Api, deployment_id: str, before: Exchange) -> tuple[Change, ...]:
    """Send events of all types, mixed and alone, and a long one; read after the last that is taken.

    Then what was sent first is sent again, and read.
    """
    message, *others = (
        {**api.known.event(f"An event of type {kind}"), "type": kind}
        for kind in ("user.message", "system.message", "user.define_outcome")
    )
    system, outcome = others
    long = api.known.event("A long text. " * LONG)
    answers = []
    for events in ([message, system], [outcome], [message, outcome, message, system], [long]):
        what = " and ".join(dict.fromkeys(str(event["type"]) for event in events))
        if events == [long]:
            what = f"{what}, a long one"
        sent = {"initial_events": events}
        answers.append((sent, api.update(deployment_id, sent, label=f"update to events of type {what}")))
    read = api.get(deployment_id, label="read after events of all types")
    first, _ = answers[0]
    back = change_to(api, deployment_id, read, first, "to the first of these events again")
    return (*(Change(sent, before, answer, read) for sent, answer in answers), back)


def _write_oddly(api: Api, deployment_id: str) -> dict[str, tuple[str, Exchange]]:
    name = str(api.body()["name"])
    texts = {what: text.format(name) for what, text in ODD.items()}
    return {what: (text, _write(api, deployment_id, what, text)) for what, text in texts.items()}


def _write(api: Api, deployment_id: str, what: str, text: str) -> Exchange:
    change = {"name": text, "description": text, "metadata": {ODD_KEY: text}}
    return api.update(deployment_id, change, label=f"update to texts with {what}", probe=True)


@dataclass(frozen=True)
class Rescheduling:
    """Changes of a schedule that no example shows; None where none was made.

    `added` gives a manual-only deployment a schedule. Then it is paused, and `while_paused` gives it another
    and empties what may be empty, its metadata included; `pause` is the answer before, with no read between.
    `resumed` is the unpause after that, `runs` the list of its runs, `later` an update over a second later.
    """

    added: Change | None = None
    resumed: Change | None = None
    runs: Exchange | None = None
    pause: Exchange | None = None
    while_paused: Change | None = None
    later: Change | None = None


@story()
def rescheduling(api: Api) -> Rescheduling:
    """A manual-only deployment is given a schedule, and another while it is paused; then it is unpaused."""
    made = api.create_deployment(metadata={"until": "it is paused"})
    schedule = {"schedule": yearly(minute=15)}
    added = change_to(api, made.id, made.exchange, schedule, "a manual-only deployment with a schedule")
    pause = api.pause(made.id)
    if not api.asks_musts_alone:
        api.wait_for_next_second()  # so that an update of what is paused has to move updated_at
    other = {"schedule": yearly(minute=20, hour=7), "metadata": {"until": None}, **_empty(added.after)}
    while_paused = change_to(api, made.id, pause, other, "the schedule of a paused deployment")
    unpause = api.unpause(made.id)
    after = api.get_until(made.id, lambda state: state.get("status") == "active")
    runs = api.runs(made.id, label="list the runs of what was rescheduled")
    resumed = Change(other, while_paused.after, unpause, after)
    evidence = Rescheduling(added, resumed, runs, pause, while_paused)
    if api.asks_musts_alone:
        return evidence
    api.wait_for_next_second()
    change = {"description": "changed after an unpause", "metadata": {"never there": None}}
    return replace(evidence, later=change_to(api, made.id, after, change, "what was unpaused"))
