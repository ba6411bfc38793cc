"""Two tenants."""

from __future__ import annotations

from collections import Counter

from conformance.contract.judgement import broken, expect_errors, expect_unchanged
from conformance.stories.pages import ids
from conformance.stories.tenancy import OtherTenant
from conformance.suite.pages import expect_page
from conformance.suite.requirement import Observe, requirement

REFUSED = (403, 404)


@requirement("tenancy.other-tenant-is-refused")
def test_another_tenant_is_refused_everywhere(other_tenant: OtherTenant) -> None:
    expect_errors(other_tenant.answers, *REFUSED)
    expect_unchanged(*other_tenant.active)
    expect_unchanged(*other_tenant.paused)
    expect_page(other_tenant.lists[0])
    for page in other_tenant.lists:
        shown = set(other_tenant.own) & set(ids(page))
        if shown:
            raise broken("no deployments of another tenant", f"{', '.join(sorted(shown))} listed", page)


@requirement("tenancy.refusal-of-other-tenant")
def test_how_another_tenant_is_refused(other_tenant: OtherTenant, observe: Observe) -> None:
    kinds = Counter(answer.summary() for answer in other_tenant.answers.values())
    observe(", ".join(f"{kind} on {count} routes" for kind, count in kinds.most_common()))
