"""What a run collected, as a file: judged again later, joined with other files, shown as HAR."""

from conformance.evidence._har import write_har
from conformance.evidence._joining import joined
from conformance.evidence._model import FILE, Evidence, EvidenceError, Part
from conformance.evidence._reading import read_evidence
from conformance.evidence._writing import write_evidence

__all__ = [
    "FILE",
    "Evidence",
    "EvidenceError",
    "Part",
    "joined",
    "read_evidence",
    "write_evidence",
    "write_har",
]
