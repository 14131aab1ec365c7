"""The intake of a reclean: the documents that stored articles were made of, so that today's rules read them again."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from schemas.arrival import Delivery
from schemas.document import RawDocument
from tasks.store.articles.contexts import MOST_BYTES, Stored, readings_of, stored_documents
from tasks.store.writer import Writer
from tasks.workers import Workers

AT_ONCE = 100
"""Articles whose readings are looked up together."""
MOST_DOCUMENTS = 240
"""Documents of a batch: below the 250 at which the line parts one, and more than one article may have."""


class StoredIntake:
    """Every document of some articles, no article in two batches; those whose documents are not all kept are left as they are."""

    flow = "reclean"
    sources: Sequence[str] = ()

    def __init__(self, ids: Sequence[UUID]) -> None:
        self._ids = ids

    def deliver(self, store: Writer, workers: Workers) -> Iterator[Delivery]:
        """Yield the documents of the articles, one article after the other.

        The line parts a batch where it has grown large; before that there is a pause here, between two articles.
        """
        del workers  # nothing to read in them
        held: list[Delivery] = []
        for done, (article_id, documents) in enumerate(self._documents(store), 1):
            fresh = [_delivery(article_id, document, done) for document in documents]
            if held and _exceeds([*held, *fresh]):
                yield from _closed(held)
                held = []
            held += fresh
        yield from _closed(held)

    def _documents(self, store: Writer) -> Iterator[tuple[UUID, list[Stored]]]:
        for start in range(0, len(self._ids), AT_ONCE):
            ids = self._ids[start : start + AT_ONCE]
            readings = readings_of(store.con, ids)
            for article_id in ids:
                yield article_id, stored_documents(store.con, readings.get(article_id, []))


def _delivery(article_id: UUID, stored: Stored, done: int) -> Delivery:
    return Delivery(item=stored.document, anew=True, of=article_id, seen_at=stored.seen_at, read_at=stored.read_at, done=done)


def _exceeds(deliveries: Sequence[Delivery]) -> bool:
    """Return whether documents are too many for a batch, or near the 32 MB at which the line parts one; those of one article never are."""
    size = sum(len(delivery.item.body) for delivery in deliveries if isinstance(delivery.item, RawDocument))
    return len(deliveries) > MOST_DOCUMENTS or size > MOST_BYTES


def _closed(deliveries: Sequence[Delivery]) -> Iterator[Delivery]:
    """Give the deliveries with a pause behind the last of them."""
    yield from deliveries[:-1]
    yield from (last.model_copy(update={"pause": True}) for last in deliveries[-1:])
