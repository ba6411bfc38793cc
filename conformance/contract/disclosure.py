"""What an error tells of the inside of a server: shapes that no message for a client has (N186).

Each shape is what a runtime or a driver writes and people do not. A text that merely looks like one, such as
the name of an error class, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "a stack trace": re.compile(
        r"Traceback \(most recent call last\)"
        r"|File \"[^\"\n]{1,200}\", line \d+"
        r"|\bat [^()\n]{1,120}\([^()\n]{0,200}\.(?:[cm]?[jt]sx?|java|kt|scala|groovy|clj):\d+(?::\d+)?\)"
        r"|\((?:Native Method|Unknown Source)\)"
        r"|\bgoroutine \d+ \[\w+"
        r"|\bpanicked at [^\n]{0,200}\.rs:\d+"
        r"|\bpanic: runtime error"
        r"|\b(?:[a-z]\w{0,40}\.){2,8}[A-Z]\w{0,60}(?:Exception|Error)\b"
        r"|\bSystem\.(?:\w{1,40}\.){0,6}\w{1,60}Exception\b"
        r"|\bin /[\w./-]+\.php(?: on line |:)\d+"
    ),
    "a file path": re.compile(
        r"(?<![\w/.:-])/(?:home|usr|var|opt|srv|etc|root|tmp|mnt|proc|private|Users)(?:/[\w.@+-]+)+"
        r"|(?<![\w/.:-])(?:/[\w.@+-]+){2,}\.(?:py|js|mjs|ts|go|rb|php|rs|java|kt|cs|ex|jar|so|dll|sqlite3?|db|ya?ml)\b"
        r"|\b[A-Z]:\\(?:[\w.@ +-]+\\)+[\w.@+-]+"
        r"|\b\w[\w/-]{0,100}\.(?:py|js|mjs|ts|go|rb|php|rs|java|kt|cs):\d+(?::\d+)?\b"
    ),
    "SQL, or the words of a database": re.compile(
        r"\bSELECT\s.{1,300}?\sFROM\s|\bINSERT INTO\s+[\w.\"`]+|\bUPDATE\s+[\w.\"`]+\s+SET\s"
        r"|\bDELETE FROM\s+[\w.\"`]+"
        r"|\bSQLSTATE\b|\bORA-\d{5}\b|\bER_[A-Z]+_[A-Z_]+\b"
        r"|syntax error at or near \"|duplicate key value violates unique constraint|UNIQUE constraint failed"
        r"|invalid byte sequence for encoding|invalid input syntax for (?:type )?\w+"
        r"|relation \"[\w.]+\" does not exist"
        r"|\bno such (?:column|table): |\b(?:sqlite3|psycopg2?|asyncpg|pymysql|sqlalchemy|mongo(?:db)?)\.\w+"
        r"|\bpq: |\bE11000 duplicate key|\bYou have an error in your SQL syntax",
        re.DOTALL,
    ),
    "the name of an internal host": re.compile(
        r"\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}\.(?:svc\.cluster\.local\b|(?:svc|internal|local):\d+)"
        r"|\bdial tcp\b|\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN)\b"
        r"|\b(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}"
        r"|127(?:\.\d{1,3}){3}|localhost):(?:[1-9]\d{1,3}|[12]\d{4})\b"
    ),
}
"""By name. Ports from 30,000 are those of clients: the sender's own address may be told."""


def disclosed(text: str, sent: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each shape in a text, and what shows it; what was `sent` may be repeated."""
    for name, shape in SHAPES.items():
        found = next((match[0] for match in shape.finditer(text) if match[0].strip() not in sent), "")
        if found:
            yield name, found
