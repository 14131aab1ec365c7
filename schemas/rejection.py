"""What could not go on: a value that is stored and counted, never only a log line."""

from typing import Literal

from schemas.record import Record

Stage = Literal["read", "fetch", "clean", "label", "load"]

REMOVED = "removed"
"""The reason of what belongs to an article that was removed from the store: its bytes are not kept."""


class Rejection(Record):
    """Why a document stopped, and where.

    `reason` is a short constant that can be counted (`empty`, `binary`, `broken_json`...); `detail` is
    for people. Origin, URL and document say which document it was.
    """

    stage: Stage
    reason: str
    detail: str = ""
    origin: str
    place: str
    url: str | None = None
    document_id: str | None = None
