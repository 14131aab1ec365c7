"""What the loader is given: a document met by a run, and what became of it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from schemas.choice import Period
from schemas.document import Cursor, RawDocument
from schemas.feed import Ledger
from schemas.labelling import TopicRule
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


class Delivery(Record):
    """What an intake hands to a run: a document or a rejection, or only what is to be written beside documents.

    `cursor` is where reading goes on once it is committed. `again`: it stood before the cursor of an unfinished run, and
    counts only if it has come or changed since. `known`: the intake knows already what it is. `anew`: it goes through the
    line even when the store has met it. `of`: the stored article that the document was, to be made anew of it and of the others
    of the batch; `seen_at` is then when it was met, and `read_at` the clock by which it was read. `pause`: nothing more is at
    hand just now, so what there is may be loaded. `published`: an article from outside this period is not wanted.
    `passed_over`: it was not wanted; it counts nowhere and only moves the cursor on. `done`: bytes of the sources, as they lie
    there, that are read by now, or articles of a reclean.
    """

    item: RawDocument | Rejection | None = None
    cursor: Cursor | None = None
    again: bool = False
    known: Known | None = None
    anew: bool = False
    of: UUID | None = None
    seen_at: datetime | None = None
    read_at: datetime | None = None
    ledger: Ledger | None = None
    pause: bool = False
    published: Period = Period()
    passed_over: bool = False
    done: int = 0


class Arrival(Record):
    """What was met, and what became of it; reading itself may have met a rejection.

    `of` as in Delivery; `seen_at` is then when it was met.
    """

    item: RawDocument | Rejection
    result: LabelledArticle | Rejection | Known
    of: UUID | None = None
    seen_at: datetime | None = None

    @property
    def document(self) -> RawDocument | None:
        """The document, None when reading it failed."""
        return self.item if isinstance(self.item, RawDocument) else None


class Batch(Record):
    """Everything that is loaded in one transaction.

    `whole_archive`: copies of its articles are looked for in all the store, however long before or after they were published.
    `rules`: the topics of one's own by which its articles were labelled. `labelled_by`: the digests of all rules for topics and entities.
    """

    run_id: UUID
    arrivals: tuple[Arrival, ...]
    cursors: tuple[Cursor, ...] = ()
    ledgers: tuple[Ledger, ...] = ()
    costs: tuple[StageCost, ...] = ()
    whole_archive: bool = False
    rules: tuple[TopicRule, ...] = ()
    labelled_by: tuple[str | None, str | None] = (None, None)
    now: datetime
