"""The search over the OpenAPI file of an edition."""
