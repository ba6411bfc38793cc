"""The shapes that answers and bodies must have, judged against the JSON Schemas shipped with the suite.

`violations` is the contract: what a conforming server cannot break. `drift` lists what the documents do not
know, which breaks nothing. Both take any value that a JSON reader may return and never raise because of it.
jsonschema is imported by the first validation, not by this package.
"""

from conformance.contract.schemas.messages import SchemaViolation
from conformance.contract.schemas.store import (
    closed_kinds,
    openapi_file,
    report_schema,
    schema_document,
    schema_kinds,
)
from conformance.contract.schemas.timestamp import parse_timestamp, timestamp_text
from conformance.contract.schemas.validation import drift, violations

__all__ = [
    "SchemaViolation",
    "closed_kinds",
    "drift",
    "openapi_file",
    "parse_timestamp",
    "report_schema",
    "schema_document",
    "schema_kinds",
    "timestamp_text",
    "violations",
]
