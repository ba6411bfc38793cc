"""Puts into the wheel what `conformance explain` tells of the faults, which are tests and are not shipped."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Mistakes(BuildHookInterface[Any]):
    """Asks the faults of the project that is built; an editable install asks them itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add `_mistakes.json` to the files of the wheel."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from tests.faults.catalogue import mistakes

        folder = Path(tempfile.mkdtemp())
        self._file = folder / "_mistakes.json"
        self._file.write_text(json.dumps(mistakes(), indent=1))
        build_data["force_include"][str(self._file)] = "conformance/_mistakes.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 (given)
        """Remove what `initialize` wrote."""
        if version != "editable":
            self._file.unlink()
            self._file.parent.rmdir()
