"""Imported once by the fork server: everything the workers need is loaded here and shared by all of them."""

import gc
from datetime import UTC, datetime

from schemas.article import Article
from schemas.document import RawDocument
from tasks.costs import Watch
from tasks.prepare import ToClean, ToLabel, clean, label

_SAMPLE = b"""A bridge is opened
By Ann Lee
The bridge over the river was opened on Monday by the mayor of the town, who thanked the builders for their work."""


def warm() -> None:
    """Put one document through cleaning and labelling, so that every table is loaded."""
    document = RawDocument(body=_SAMPLE, media_type="text/plain", origin="sample", place="sample", source="sample")
    article = clean(ToClean(document, "UTC", datetime(2024, 1, 1, tzinfo=UTC)), Watch())
    if isinstance(article, Article):
        label(ToLabel(article, None), Watch())


warm()
gc.collect()
gc.freeze()  # a collection in a worker would write to what it shares with the others, and so copy it
