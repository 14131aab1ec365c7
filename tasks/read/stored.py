"""The intake of a reclean: the documents that stored articles were made of, so that today's rules read them again."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from schemas.arrival import Delivery
from tasks.store.contexts import Stored, stored_documents
from tasks.store.writer import Writer
from tasks.workers import Workers

AT_ONCE = 100
"""Articles of a batch: each has one document or two, and a batch of the line takes 250."""
AT_ONCE_BYTES = 24 * 2**20
"""Bytes of the documents of a batch: below those at which the line parts one, and with it an article."""


class StoredIntake:
    """Every document of some articles, no article in two batches; those whose bytes are not kept are left as they are."""

    flow = "reclean"
    sources: Sequence[str] = ()

    def __init__(self, ids: Sequence[UUID]) -> None:
        self._ids = ids

    @property
    def total(self) -> int:
        """Number of the articles."""
        return len(self._ids)

    def deliver(self, store: Writer, workers: Workers) -> Iterator[Delivery]:
        """Yield the documents of the articles, one article after the other."""
        del workers  # nothing to read in them
        for start in range(0, len(self._ids), AT_ONCE):
            ids = self._ids[start : start + AT_ONCE]
            yield from _in_batches(stored_documents(store.con, ids), start + len(ids))


def _in_batches(documents: Sequence[Stored], done: int) -> Iterator[Delivery]:
    """Give the documents, with a pause behind the last one of an article where the batch has grown large."""
    size = 0
    for one, following in zip(documents, [*documents[1:], None], strict=True):
        size += len(one.document.body)
        ends = following is None or following.article_id != one.article_id
        full = ends and (following is None or size + len(following.document.body) > AT_ONCE_BYTES)
        size = 0 if full else size
        yield Delivery(item=one.document, anew=True, of=one.article_id, seen_at=one.seen_at, pause=full, done=done)
