"""The embedded reference server: every documented route, faithful to either revision, on loopback.

It imports nothing of the suite, so that the two cannot share a mistake.
"""

from conformance.reference.clock import Clock, ScaledClock, SystemClock
from conformance.reference.config import NEW, OLD, REVISIONS, Account, ReferenceSettings
from conformance.reference.errors import ApiError
from conformance.reference.messages import Call, Document, Request, Response
from conformance.reference.profile import ProfileData
from conformance.reference.server import ReferenceServer, TenantAssets, serve
from conformance.reference.service import Service
from conformance.reference.store import Deployment, Run, Tenant
from conformance.reference.vendor_service import VendorService, shaped_as

__all__ = [
    "NEW",
    "OLD",
    "REVISIONS",
    "Account",
    "ApiError",
    "Call",
    "Clock",
    "Deployment",
    "Document",
    "ProfileData",
    "ReferenceServer",
    "ReferenceSettings",
    "Request",
    "Response",
    "Run",
    "ScaledClock",
    "Service",
    "SystemClock",
    "Tenant",
    "TenantAssets",
    "VendorService",
    "serve",
    "shaped_as",
]
