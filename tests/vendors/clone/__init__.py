"""A clone of the Anthropic-shaped API, written from the vendor's facts alone, to be judged by the suite.

It shares nothing with the embedded reference server nor with the independent one. Where the documents leave a
decision open, `Oddities` takes it; a fault is a subclass of `Clone`.
"""

from tests.vendors.clone.oddities import Oddities
from tests.vendors.clone.server import CloneServer
from tests.vendors.clone.service import Clone

__all__ = ["Clone", "CloneServer", "Oddities"]
