"""The limits that the documents set for what a client sends (fact sheet, 1.8), each written once.

Texts are counted in Unicode code points, collections in members. What is exactly at a limit has to be taken,
what is one beyond it to be refused.
"""

from __future__ import annotations

from typing import Final

NAME: Final = 256
RENAMED: Final = NAME - len("_archived_") - 16
"""The longest name with room for the suffix of an archive; for longer ones the documents say nothing."""
METADATA_KEYS: Final = 16
METADATA_KEY: Final = 64
METADATA_VALUE: Final = 512
"""The largest limit of any text: descriptions have none."""
EVENTS: Final = 50
"""The most initial events; one is the least."""
VAULTS: Final = 50
