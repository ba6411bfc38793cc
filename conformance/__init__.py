"""Judges any Deployments API endpoint against every promise its documentation makes."""

__version__ = "0.1.0"
