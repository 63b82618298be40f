"""Where the log of a command goes."""

from __future__ import annotations

import logging
import sys

import structlog


def start_logging(level: str) -> None:
    """Write what is of this level, or more urgent, to standard error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
