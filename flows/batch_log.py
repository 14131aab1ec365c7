"""The log of a run on stderr, a line a batch: as JSON for programs, else as words for whoever looks for a fault."""

import json
import logging
import sys

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


def say(sentence: str, *, error: bool = False) -> None:
    """Write a sentence for people on stderr; where the log is JSON, as a line of it."""
    if any(isinstance(handler.formatter, Lines) for handler in LOG.handlers):
        LOG.log(logging.ERROR if error else logging.INFO, sentence)
    else:
        sys.stderr.write(f"{'Error: ' if error else ''}{sentence}\n")


def _listen(formatter: logging.Formatter) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    LOG.handlers = [handler]
    LOG.setLevel(logging.DEBUG)
    LOG.propagate = False
