"""What vendors promise, as data: one folder of TOML files for each, and what loads and checks it."""

from conformance.vendors.folders import editions, shipped
from conformance.vendors.loading import load_profile
from conformance.vendors.profile import (
    CredentialForm,
    DeploymentForm,
    EditionRule,
    Editions,
    ListForm,
    Mark,
    Profile,
    ProfileError,
    Promise,
    Statement,
)

__all__ = [
    "CredentialForm",
    "DeploymentForm",
    "EditionRule",
    "Editions",
    "ListForm",
    "Mark",
    "Profile",
    "ProfileError",
    "Promise",
    "Statement",
    "editions",
    "load_profile",
    "shipped",
]
