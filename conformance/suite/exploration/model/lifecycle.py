"""The lifecycle search: walks over several deployments, beside a model that predicts every answer."""

from __future__ import annotations

from conformance.client.api import Api
from conformance.suite.exploration.model.plans import read_walk
from conformance.suite.exploration.registry import Searched, search


@search("model.lifecycle", reads=read_walk)
def lifecycle(api: Api) -> Searched:
    """Deployments are made, changed, paused, listed and archived in generated orders, some of it refused."""
    from conformance.suite.exploration.model.walks import walk_all

    return walk_all(api)
