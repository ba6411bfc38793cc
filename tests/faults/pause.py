"""Faults of pausing."""

from __future__ import annotations
