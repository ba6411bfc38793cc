"""The report to open, attach and send: one self-contained HTML file."""

from conformance.report.html.page import html

__all__ = ["html"]
