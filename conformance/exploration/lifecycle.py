"""The lifecycle search: walks over several deployments, beside a model that predicts every answer."""

from __future__ import annotations

from conformance.exploration._plans import read_walk
from conformance.exploration.registry import Searched, search
from conformance.target.api import Api


@search("model.lifecycle", reads=read_walk)
def lifecycle(api: Api) -> Searched:
    """Deployments are made, changed, paused, listed and archived in generated orders, some of it refused."""
    from conformance.exploration._walks import walk_all

    return walk_all(api)
