"""The log of a run on stderr, a line a batch: as JSON for programs, else as words for whoever looks for a fault."""

import json
import logging

LOG = logging.getLogger("wirehouse")


class Lines(logging.Formatter):
    """Writes a record as one JSON document: what it holds of a batch or a step, else what it says."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said = getattr(record, "batch", None) or {"level": record.levelname.lower(), "message": record.getMessage()}
        return json.dumps(said, ensure_ascii=False, default=str)


def log_as_json() -> None:
    """Have each batch write a JSON line on stderr from now on: run, flow, seconds since its start, its counts, first and last origin."""
    _listen(Lines())


def log_in_words() -> None:
    """Have each batch write a line of words on stderr from now on."""
    _listen(logging.Formatter("%(asctime)s %(name)s %(message)s"))


def _listen(formatter: logging.Formatter) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    LOG.handlers = [handler]
    LOG.setLevel(logging.DEBUG)
    LOG.propagate = False
