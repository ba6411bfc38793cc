"""The paths of a vendor's routes: which there are, and what every request's query carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from conformance.contract.path_ids import spelled
from conformance.contract.verdict import NotApplicableError
from conformance.vendors import Profile

_ONE_DEPLOYMENT = re.compile(r"/deployments/([^/?#]+)(/archive)?")


class Routes:
    """Makes the paths of requests; one that a vendor does not have is asked of nobody."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    @property
    def nested(self) -> bool:
        """Whether runs lie below their deployment, so that an unknown one has none to list."""
        return "{deployment}" in self._profile.routes.get("runs-of-deployment", "").partition("?")[0]

    def named(self, name: str) -> str:
        """Return what a message calls a route of reads beside deployments, such as `run-of-deployment`."""
        path = self._profile.routes.get(name, name).partition("?")[0]
        return f"GET {path.replace('{deployment}', '{id}')}"

    def deployments(self, params: Mapping[str, object] | None = None) -> str:
        """Return the path of the list of deployments, and of creations."""
        return _with_query("/deployments", params)

    def deployment(self, deployment_id: str, action: str = "") -> str:
        """Return the path of one deployment, or of an action on it."""
        return f"/deployments/{segment(deployment_id)}{f'/{action}' * bool(action)}"

    def runs_of(self, deployment_id: str, params: Mapping[str, object] | None = None) -> str:
        """Return the path of the runs of one deployment: nested, or a filter on those of all."""
        return _with_query(self._path("runs-of-deployment", deployment_id=deployment_id), params)

    def run_of(self, deployment_id: str, run_id: str) -> str:
        """Return the path of one run of a deployment; where runs are not nested, its id alone leads to it."""
        return self._path("run-of-deployment", deployment_id=deployment_id, run_id=run_id)

    def runs(self, params: Mapping[str, object] | None = None) -> str:
        """Return the path of the runs of all deployments."""
        return _with_query(self._path("runs"), params)

    def run(self, run_id: str) -> str:
        """Return the path of one run."""
        return self._path("run", run_id=run_id)

    def sent(self, path: str) -> str:
        """Return a path with the query parameters that every request of this vendor carries."""
        return _with_query(path, self._profile.credentials.query)

    def _path(self, name: str, *, deployment_id: str = "", run_id: str = "") -> str:
        """Return the path of a route; raises NotApplicableError for one that there is not."""
        template = self._profile.routes.get(name)
        if template is None:
            raise NotApplicableError(f"the profile {self._profile.name} has no route for {name}")
        path = template.replace("{deployment}", segment(deployment_id))
        return path.replace("{run}", segment(run_id))


def segment(text: str) -> str:
    """Return one segment of a path; a hostile id may hold anything, even lone surrogates."""
    return quote(text, safe="", errors="surrogatepass")


def _with_query(path: str, params: Mapping[str, object] | None) -> str:
    """Return a path with query parameters behind those that it has."""
    if not params:
        return path
    return f"{path}{'&' if '?' in path else '?'}{urlencode(params, doseq=True, errors='surrogatepass')}"


def subject_of(method: str, path: str) -> tuple[str, str]:
    """Return the id of the deployment that a request archives, and that of one it reads, or empty texts."""
    found = _ONE_DEPLOYMENT.fullmatch(path)
    named = spelled(found[1]) if found else ""
    archives = bool(found and found[2]) and method == "POST"
    reads = bool(found and not found[2]) and method == "GET"
    return named * archives, named * reads
