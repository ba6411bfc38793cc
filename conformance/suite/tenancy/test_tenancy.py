"""Two tenants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from conformance.client.answers import items
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field
from conformance.contract.judgement import broken, expect_errors, expect_unchanged
from conformance.suite.judging.list_answers import expect_page
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.shared.list_pages import ids
from conformance.suite.tenancy.stories import OtherTenant, strayed

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
    for one, page in other_tenant.leaked.items():
        raise broken("no deployment of another tenant", f"{one} listed", page)
    _expect_no_traces(other_tenant)


def _expect_no_traces(story: OtherTenant) -> None:
    """Expect the lists of both tenants to show nothing of what was refused, where they can be read."""
    reads = story.active[0], story.paused[0]
    ours, theirs = story.afterwards
    known = {text for read in reads if isinstance(text := field(read.json, "description"), str) and text}
    for page in (ours, theirs):
        made = [item for item in items(page) if item.get("description") in known]
        foreign = [str(item.get("id")) for item in made if page is theirs or item.get("id") not in story.own]
        if foreign:
            raise broken("no copy of another tenant's deployment", f"{', '.join(foreign)} listed", page)
    if changed := strayed(ours.json, story.beforehand, reads):
        raise broken("a list that shows nothing of refused requests", "; ".join(changed), *reads, ours)


def kinds(answers: Mapping[str, Exchange]) -> str:
    """Return how requests for another tenant's deployments were refused, for an observation."""
    found = Counter(answer.summary() for answer in answers.values())
    return ", ".join(f"{kind} on {count} routes" for kind, count in found.most_common())


globals().update(observations(observed("tenancy.refusal-of-other-tenant", kinds, "other_tenant.answers")))
