"""How requests travel."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.client.exchange import Exchange
from conformance.contract.judgement import broken, expect_success
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.transport.stories import Lists, Transport


@requirement("transport.routes-under-base")
def test_lists_answer_below_the_base_url(plain_lists: Lists) -> None:
    for page in filter(None, (plain_lists.deployments, plain_lists.runs, plain_lists.of_deployment)):
        expect_success(page)


@requirement("transport.no-version-header")
def test_no_version_header_is_needed(plain_lists: Lists) -> None:
    sent = plain_lists.deployments.request_headers
    extra = [name for name in sent if "beta" in name or "version" in name]
    if extra:
        raise broken("the suite to send no version header", extra, plain_lists.deployments)
    expect_success(plain_lists.deployments)


def other_methods(story: Transport) -> str:
    """Return what HEAD and OPTIONS got, and what the answer to DELETE allows, for an observation."""
    allowed = story.delete.headers.get("allow", "nothing")
    asked = f"HEAD: {story.head.summary()}; OPTIONS: {story.options.summary()}"
    return f"{asked}; the {story.delete.summary()} to DELETE allows {allowed}"


def throttled(exchanges: Sequence[Exchange]) -> str:
    """Return how often the gateway refused a request for now, for an observation."""
    refused = [retry for exchange in exchanges for retry in exchange.retries]
    return ", ".join(f"{status}: {refused.count(status)}" for status in ("429", "503"))


globals().update(
    observations(
        observed("transport.content-type-may-be-missing", "{}", "odd_transport.no_content_type"),
        observed("transport.text-plain-body", "{}", "odd_transport.text_plain"),
        observed("transport.oversize-body", "{}", "oversize_body.answer"),
        observed(
            "transport.unsupported-methods",
            "{}, then a read {}",
            "odd_transport.delete",
            "odd_transport.read_after_delete",
        ),
        observed("transport.head-and-options", other_methods, "odd_transport"),
        observed("transport.throttling", throttled, "every_exchange"),
    )
)
