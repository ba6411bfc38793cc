"""Verdicts in, reports out: pure functions of one frozen result."""

from conformance.report.files import ReportError
from conformance.report.junit import junit
from conformance.report.markdown import markdown
from conformance.report.result import SCHEMA_VERSION, Judged, RunResult, Traffic
from conformance.report.result_json import result_json
from conformance.report.terminal import terminal
from conformance.report.write import append_summary, check_reports, clear_reports, write_reports

__all__ = [
    "SCHEMA_VERSION",
    "Judged",
    "ReportError",
    "RunResult",
    "Traffic",
    "append_summary",
    "check_reports",
    "clear_reports",
    "junit",
    "markdown",
    "result_json",
    "terminal",
    "write_reports",
]
