"""The kinds of report that commands can be asked for."""

from enum import StrEnum


class ReportKind(StrEnum):
    """Which report."""

    full = "full"
    safety = "safety"
