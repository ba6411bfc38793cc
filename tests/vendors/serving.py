"""The reference server in the shape of a profile."""

from __future__ import annotations

from conformance.reference import ProfileData, ReferenceServer, ReferenceSettings, shaped_as
from conformance.vendors.loading import profile_document


def server_of(profile: str) -> ReferenceServer:
    data = ProfileData.of(profile_document(profile))
    settings = ReferenceSettings(base_path=data.base_path, body_limit=data.body_limit)
    return ReferenceServer(shaped_as(data), settings)
