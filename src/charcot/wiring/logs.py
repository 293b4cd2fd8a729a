"""Logs for whoever keeps a site running: one JSON object a line on the standard error, with nothing of the trial in it."""

import json
import logging
import os
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

LOG = "CHARCOT_LOG"
"""The environment variable that says how to log: `json`, or nothing."""
REQUEST: ContextVar[str | None] = ContextVar("request", default=None)
"""The name of the request at hand."""
FIELDS = ("method", "page", "status", "ms", "person")
"""What a line about a request says beside the usual."""
NAMES = ("charcot", "gunicorn.error")
"""The loggers whose lines are written."""
SILENT = ("django.request", "django.security", "axes")
"""Loggers whose lines would carry addresses, and with them participants' numbers."""


class JsonLines(logging.Formatter):
    """Writes a line of the log as a JSON object; of an exception only its kind and place, as its text may hold values."""

    def format(self, record: logging.LogRecord) -> str:
        """The object as one line."""
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            "request": REQUEST.get(),
        }
        said |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info is not None and record.exc_info[0] is not None:
            trace = record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            said["exception"] = record.exc_info[0].__name__
            if trace is not None:
                said["place"] = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        return json.dumps(
            {key: value for key, value in said.items() if value is not None}, ensure_ascii=False
        )


def logging_settings() -> dict[str, Any]:
    """How Python is to log: as JSON where CHARCOT_LOG says so, and otherwise what breaks, in plain words."""
    as_json = os.environ.get(LOG, "") == "json"
    handler = {"class": "logging.StreamHandler", **({"formatter": "json"} if as_json else {})}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "charcot.wiring.logs.JsonLines"}},
        "handlers": {"nowhere": {"class": "logging.NullHandler"}, "out": handler},
        "loggers": {
            **{name: {"handlers": ["nowhere"], "propagate": False} for name in SILENT},
            **{
                name: {"handlers": ["out"], "level": "INFO" if as_json else "WARNING", "propagate": False}
                for name in NAMES
            },
        },
    }
