"""How requests travel."""

from __future__ import annotations

from conformance.contract.judgement import broken, expect_success
from conformance.stories.transport import Lists, Oversize, Transport
from conformance.suite.requirement import Observe, requirement
from conformance.target.exchange import Exchange


@requirement("transport.routes-under-base")
def test_both_lists_answer_below_the_base_url(plain_lists: Lists) -> None:
    expect_success(plain_lists.deployments)
    expect_success(plain_lists.runs)


@requirement("transport.no-version-header")
def test_no_version_header_is_needed(plain_lists: Lists) -> None:
    sent = plain_lists.deployments.request_headers
    extra = [name for name in sent if "beta" in name or "version" in name]
    if extra:
        raise broken("the suite to send no version header", extra, plain_lists.deployments)
    expect_success(plain_lists.deployments)


@requirement("transport.content-type-may-be-missing")
def test_a_body_without_content_type(odd_transport: Transport, observe: Observe) -> None:
    observe(odd_transport.no_content_type.summary())


@requirement("transport.text-plain-body")
def test_a_body_as_text_plain(odd_transport: Transport, observe: Observe) -> None:
    observe(odd_transport.text_plain.summary())


@requirement("transport.oversize-body")
def test_a_body_above_the_limit(oversize_body: Oversize, observe: Observe) -> None:
    observe(oversize_body.answer.summary())


@requirement("transport.unsupported-methods")
def test_delete(odd_transport: Transport, observe: Observe) -> None:
    observe(f"{odd_transport.delete.summary()}, then a read {odd_transport.read_after_delete.summary()}")


@requirement("transport.throttling")
def test_throttling(every_exchange: tuple[Exchange, ...], observe: Observe) -> None:
    refused = [retry for exchange in every_exchange for retry in exchange.retries if retry in {"429", "503"}]
    observe(", ".join(f"{status}: {refused.count(status)}" for status in ("429", "503")))
