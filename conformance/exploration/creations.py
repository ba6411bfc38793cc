"""Property searches over creations."""

from __future__ import annotations

from conformance.contract.judgement import expect_field, expect_success
from conformance.exploration.registry import Searched, search
from conformance.target.api import Api
from conformance.target.creations import created_id


@search("property.valid-creations")
def valid_creations(api: Api) -> Searched:
    """Names over all of Unicode, up to 256 code points, are stored whole."""
    from hypothesis import strategies as st

    from conformance.exploration._explore import explore, upholding

    def attempt(name: str) -> None:
        exchange = api.create(
            api.body(name=f"{api.target.run_id} {name}"), label="create with a generated name"
        )
        made = created_id(exchange)
        with upholding("create.name-of-256-is-stored"):
            expect_success(exchange, 200, 201)
            if made:
                expect_field(api.get(made), "name", f"{api.target.run_id} {name}")

    return explore(
        api, st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=240), attempt
    )
