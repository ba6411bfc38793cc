"""What a target refuses to archive as it is, is made fit for it and archived all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.client.ownership.archiving import put_away
from conformance.reference import Deployment, ReferenceServer, Service
from conformance.reference.errors import conflict
from tests.client.factory import api_of, target_at
from tests.twins.endings import LongNamesCannotBeArchived, PausedMustBeUnpausedFirst


class Both(PausedMustBeUnpausedFirst, LongNamesCannotBeArchived):
    """Neither what is paused nor what has a long name can be archived."""


class NothingCanBeArchived(Service):
    """No archive is granted."""

    def check_not_already_archived(self, record: Deployment) -> None:
        raise conflict("Not now.")


@pytest.mark.parametrize(
    ("service", "sent", "archived"),
    [
        (Service, ["archive"], True),
        (PausedMustBeUnpausedFirst, ["archive", "unpause", "archive"], True),
        (LongNamesCannotBeArchived, ["archive", "unpause", "update", "archive"], True),
        (Both, ["archive", "unpause", "update", "archive"], True),
        (NothingCanBeArchived, ["archive", "unpause", "update", "archive"], False),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_it_is_made_fit(service: type[Service], sent: list[str], archived: bool, tmp_path: Path) -> None:
    long = sent.count("update") > 0
    answered, told = _put_away(service, tmp_path, name="n" * 250 if long else "short")
    assert told == sent
    assert answered is archived


def _put_away(service: type[Service], folder: Path, *, name: str) -> tuple[bool, list[str]]:
    with (
        ReferenceServer(service) as server,
        target_at(server.base_url, folder, token=server.tokens[0]) as target,
    ):
        api = api_of(target, agent_id=server.agent_id, environment_id=server.environment_id)
        made = api.create_deployment(name=name)
        api.pause(made.id)
        since = target.next_number()
        answer = put_away(api, made.id, label="clean up")
        verb: Callable[[str], str] = lambda url: url.rpartition("/")[2].replace(made.id, "update")  # noqa: E731
        told = [verb(one.url) for one in target.exchanges() if one.method == "POST" and one.number > since]
        return answer.succeeded, told
