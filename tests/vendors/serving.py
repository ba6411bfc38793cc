"""The reference server in the shape of a profile."""

from __future__ import annotations

from conformance.reference import ProfileData, ReferenceServer, shaped_as
from conformance.vendors.loading import profile_document


def server_of(profile: str) -> ReferenceServer:
    return ReferenceServer(*shaped_as(ProfileData.of(profile_document(profile))))
