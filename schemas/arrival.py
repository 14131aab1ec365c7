"""What the loader is given: a document met by a run, and what became of it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from schemas.document import Cursor, RawDocument
from schemas.labels import LabelledArticle
from schemas.record import Record
from schemas.rejection import Rejection
from schemas.run import StageCost


class Known(Record):
    """Something the store has met before: at this very place (`unchanged`) or elsewhere (`sighting`).

    `article_id` is None for what was rejected then; that is only known at its own place.
    """

    outcome: Literal["unchanged", "sighting"]
    article_id: UUID | None


class Arrival(Record):
    """What was met, and what became of it; reading itself may have met a rejection."""

    item: RawDocument | Rejection
    result: LabelledArticle | Rejection | Known

    @property
    def document(self) -> RawDocument | None:
        """The document, None when reading it failed."""
        return self.item if isinstance(self.item, RawDocument) else None


class Batch(Record):
    """Everything that is loaded in one transaction."""

    run_id: UUID
    arrivals: tuple[Arrival, ...]
    cursors: tuple[Cursor, ...] = ()
    costs: tuple[StageCost, ...] = ()
    now: datetime
