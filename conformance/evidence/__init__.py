"""What a run collected, as a file: judged again later, joined with other files, shown as HAR."""

from conformance.evidence.har import HAR_HINT, write_har
from conformance.evidence.joining import joined
from conformance.evidence.model import FILE, Evidence, EvidenceError, Part
from conformance.evidence.reading import read_evidence
from conformance.evidence.writing import write_evidence

__all__ = [
    "FILE",
    "HAR_HINT",
    "Evidence",
    "EvidenceError",
    "Part",
    "joined",
    "read_evidence",
    "write_evidence",
    "write_har",
]
