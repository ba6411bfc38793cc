"""Creations, answered otherwise."""

from __future__ import annotations

from typing import Final

from conformance.contract.verdict import Blame, NotJudgedError
from tests.suite.judging import Accusing, Rows
from tests.suite.written import (
    CRASH,
    CREATED_AT,
    DEPLOYMENT,
    REFUSED,
    SILENT,
    answer,
    becoming,
    deployment,
    error,
    lacking,
    put,
    repeated,
    showing,
    with_facts,
)

EARLIER = "2026-07-01T01:00:00Z"
NO_AGENT = NotJudgedError(Blame.PRECONDITION, "the account has no agent")
NO_LEAVE = NotJudgedError(Blame.CREDENTIALS, "the token may not create")
OK = becoming(deployment(schedule=None))


BROKEN: Final[Accusing] = [
    ("create.minimal-is-accepted", "preflight.created", REFUSED, "400"),
    ("create.minimal-is-accepted", "preflight", with_facts("refused", created=error(400), no_creation=NO_AGENT), "400"),
    ("create.minimal-is-accepted", "bare_creation.answer", CRASH, "500"),
    ("create.minimal-is-accepted", "bare_creation.read", becoming(error(404, "not_found_error")), "404"),
    ("create.minimal-is-accepted", "bare_creation.answer", becoming(answer(DEPLOYMENT, 202)), "202"),
    ("create.returns-deployment", "creatable", showing("type", "job"), "job"),
    ("create.returns-deployment", "creatable", showing("id", "dpl_1"), "dpl_1"),
    ("create.returns-deployment", "creatable", showing("id", "dep_"), "dep_"),
    ("create.returns-deployment", "creatable", showing("id", 17), "17"),
    ("create.starts-active", "creatable", showing("status", "paused"), "paused"),
    ("create.starts-active", "whole_creation.read", showing("status", None), "null"),
    ("create.starts-unpaused-and-unarchived", "bare_creation.read", showing("paused_reason", {}), "{}"),
    ("create.starts-unpaused-and-unarchived", "creatable", showing("archived_at", CREATED_AT), CREATED_AT),
    ("create.manual-only-has-null-schedule", "creatable", showing("schedule", {}), "{}"),
    ("create.manual-only-has-null-schedule", "creatable", lacking("schedule"), "nothing"),
    ("create.manual-only-has-null-schedule", "bare_creation.read", showing("schedule", {}), "{}"),
    ("create.timestamps-agree", "creatable", showing("updated_at", "2026-07-01T02:00:03Z"), "02:00:03"),
    ("create.timestamps-agree", "creatable", showing("created_at", "yesterday"), "yesterday"),
    ("create.timestamps-agree", "creatable", becoming(deployment(created_at=EARLIER, updated_at=EARLIER)), "01:00"),
    ("create.absent-lists-are-empty", "creatable", showing("resources", None), "null"),
    ("create.absent-lists-are-empty", "bare_creation.read", showing("vault_ids", None), "null"),
    ("create.absent-metadata-is-empty", "creatable", showing("metadata", None), "null"),
    ("create.absent-metadata-is-empty", "bare_creation.answer", showing("metadata", {"a": "b"}), '"a"'),
    (
        "create.absent-metadata-is-empty",
        "archive_twice_if_any.same_name",
        showing("metadata", {"of": "another"}),
        "another",
    ),
    ("create.absent-environment-variables-are-empty", "creatable", showing("environment_variables", {}), "{}"),
    ("create.stores-what-was-sent", "whole_creation.read", showing("name", "other"), "other"),
    ("create.stores-what-was-sent", "whole_creation.read", showing("description", ""), ""),
    ("create.stores-what-was-sent", "whole_creation.read", showing("environment_id", "env_2"), "env_2"),
    ("create.stores-what-was-sent", "whole_creation.answer", REFUSED, "400"),
    ("create.stores-what-was-sent", "whole_creation", with_facts("not read", read=None), "dep_0196f3a1"),
    (
        "create.environment-variables-are-stored",
        "creation_with_variables.stored.read",
        showing("environment_variables", ""),
        "",
    ),
    (
        "create.environment-variables-are-stored",
        "whole_creation_if_any.read",
        showing("environment_variables", "ALL="),
        "ALL=",
    ),
    (
        "create.environment-variables-are-stored",
        "creation_with_variables.later.1",
        showing("environment_variables", "A=2"),
        "A=2",
    ),
    ("create.agent-as-text", "bare_creation.answer", showing("agent", "agent_1"), "nothing"),
    ("create.agent-as-text", "bare_creation.read", showing("agent.id", "agent_2"), "agent_2"),
    ("create.agent-as-text", "bare_creation.read", showing("agent.version", 0), "0"),
    ("create.agent-as-text", "bare_creation.read", showing("agent.version", True), "true"),
    ("create.agent-as-text", "bare_creation.read", showing("agent.version", "1"), "1"),
    ("create.agent-version-is-pinned", "pinned_agent.pinned.read", showing("agent.version", 2), "2"),
    ("create.name-of-256-is-stored", "at_the_limits.names.beyond ASCII.read", showing("name", "n"), "1 characters"),
    ("create.name-of-256-is-stored", "at_the_limits.names.beyond ASCII.answer", REFUSED, "400"),
    ("create.metadata-at-its-limits-is-stored", "at_the_limits.metadata.ASCII.read", showing("metadata", {}), "full"),
    (
        "create.metadata-at-its-limits-is-stored",
        "at_the_limits.metadata.ASCII.read",
        showing("metadata.other", "x"),
        "other",
    ),
    ("create.50-events-are-stored", "at_the_limits.events.ASCII.read", showing("initial_events", []), "0 events"),
    (
        "create.50-events-are-stored",
        "at_the_limits.events.ASCII.read",
        showing("initial_events", [{"type": "user.message", "content": "2"}, {"type": "user.message", "content": "1"}]),
        "2",
    ),
    (
        "create.50-events-are-stored",
        "at_the_limits.events.ASCII.read",
        showing("initial_events", [{"type": "system", "content": "1"}, {"type": "user.message", "content": "2"}]),
        "system",
    ),
    ("create.duplicate-name", "same_name_twice.second.answers.the same name", CRASH, "500"),
    ("create.duplicate-name", "same_name_twice.second.answers.the same name", REFUSED, "400"),
    ("get.has-the-shape-of-create", "bare_creation.read", showing("name", "other"), "name"),
    ("get.has-the-shape-of-create", "whole_creation.read", becoming(answer({"id": "dep_1"})), "fields"),
]  # fmt: skip

LEGAL: Final[Rows] = [
    ("create.minimal-is-accepted", "preflight.created", becoming(answer(DEPLOYMENT, 201))),
    ("create.environment-variables-are-stored", "creation_with_variables.later.1", becoming(error(409))),
    ("create.environment-variables-are-stored", "whole_creation_if_any", put(None, "it is not told")),
    ("create.absent-metadata-is-empty", "archive_twice_if_any", put(None, "it is not told")),
    ("create.starts-unpaused-and-unarchived", "creatable", becoming(answer({"status": "active"}))),
    ("create.timestamps-agree", "creatable", showing("updated_at", "2026-07-01T02:00:01.9Z")),
    ("create.timestamps-agree", "creatable", with_facts("no Date, and a clock of its own", headers={})),
    ("create.absent-metadata-is-empty", "creatable", showing("metadata", {"cas_config": {"mode": "x"}})),
    ("create.agent-as-text", "bare_creation.read", showing("agent.name", "An agent")),
    ("create.duplicate-name", "same_name_twice.second.answers.the same name", OK),
    ("create.metadata-at-its-limits-is-stored", "at_the_limits.metadata.ASCII.read", showing("metadata.cas_config", {})),
    (
        "create.50-events-are-stored",
        "at_the_limits.events.ASCII.read",
        showing(
            "initial_events",
            [{"type": "user.message", "content": [{"type": "text", "text": number}]} for number in "12"],
        ),
    ),
    ("get.has-the-shape-of-create", "bare_creation.read", showing("updated_at", "2026-07-01T02:00:08Z")),
    ("get.has-the-shape-of-create", "bare_creation.read", showing("undocumented", 1)),
]  # fmt: skip

UNJUDGED: Final[Rows] = [
    ("create.minimal-is-accepted", "bare_creation.answer", SILENT),
    ("create.minimal-is-accepted", "preflight.no_creation", put(NO_LEAVE, "no leave")),
    ("create.minimal-is-accepted", "preflight", with_facts("no agent", created=None, no_creation=NO_AGENT)),
    ("create.agent-as-text", "bare_creation.answer", becoming(answer(None, 503))),
    ("create.stores-what-was-sent", "whole_creation.read", SILENT),
    ("create.duplicate-name", "same_name_twice.second.answers.the same name", becoming(answer(None, 429))),
    ("get.has-the-shape-of-create", "bare_creation.read", becoming(answer(None, 503))),
    ("create.name-of-257-is-400", "beyond_the_limits.answers.a name of 257, ASCII", repeated(error())),
]  # fmt: skip

INAPPLICABLE: Final[Rows] = [
    ("create.agent-version-is-pinned", "pinned_agent.pinned", put(None, "one version"))
]
