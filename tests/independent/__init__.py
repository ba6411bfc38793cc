"""A second server of the Deployments API, written from the vendor's facts alone.

It shares no code and no design with the embedded reference server, takes other decisions wherever the
documents leave one, and so shows whether the suite judges the promises or only the reference.
"""

from tests.independent.ways import Ways
from tests.independent.wire import IndependentServer

__all__ = ["IndependentServer", "Ways"]
