"""What an arriving article means for the store: pure decisions, without SQL and without a clock."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, Self
from uuid import UUID

from schemas.article import TRUST, Stamp
from schemas.labels import LabelledArticle
from schemas.record import Record

Change = Literal["first", "title", "text", "title+text"]
ELSEWHERE = {"title", "text", "published", "published_untrusted", "updated", "url", "identity", "source", "channel", "found_by"}
"""Fields that make no variant: they are the version itself, decided apart, or tell where it was met."""
NEVER = datetime.min.replace(tzinfo=UTC)


class VersionKey(Record):
    """What identifies a version of an article (hash of title and text) and puts the versions in order.

    The same version may come in several variants: other bylines, other sections. One of them stands for it.
    """

    key: UUID
    updated_at: datetime | None
    """The latest update stated with it."""
    met_at: datetime | None
    """The latest fetch or publication of it."""
    titled: bool
    word_count: int
    filled: int
    """Fields that its fullest variant fills."""
    variant: UUID
    """Hash of what that variant says beside title and text."""

    @property
    def order(self) -> tuple[datetime, bool, int, str]:
        """The place among the versions: by revision, then with a title, then the longer one; the hash breaks ties.

        A page fetched later is the later version whatever update it states: it was there, and the other one no longer.
        """
        return latest((self.updated_at, self.met_at)) or NEVER, self.titled, self.word_count, self.key.hex

    def merged(self, other: Self) -> Self:
        """Return the same version met twice, whichever came first.

        Meeting it again never moves it back, so the current version changes only by one that is at hand.
        """
        fuller = max((self, other), key=lambda version: (version.filled, version.variant.hex))
        moments = {
            "updated_at": latest((self.updated_at, other.updated_at)),
            "met_at": latest((self.met_at, other.met_at)),
        }
        return fuller.model_copy(update=moments)


class KnownArticle(Record):
    """What the store knows of an article that arrives again."""

    article_id: UUID
    published: Stamp | None
    published_untrusted: str | None
    """What was printed instead, when no date of publication is known."""
    updated_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    versions: tuple[VersionKey, ...]


def version_key(labelled: LabelledArticle) -> VersionKey:
    """Return the version that an arriving article is."""
    article = labelled.article
    about = article.model_dump(mode="json", exclude=ELSEWHERE)
    return VersionKey(
        key=_hashed(f"{article.title or ''}\0{article.text}"),
        updated_at=article.updated.at if article.updated else None,
        met_at=labelled.fetched_at or (article.published.at if article.published else None),
        titled=article.title is not None,
        word_count=word_count(article.text),
        filled=sum(value not in (None, [], "unknown") for value in about.values()),
        variant=_hashed(json.dumps(about, sort_keys=True)),
    )


def _hashed(text: str) -> UUID:
    return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])


def word_count(text: str) -> int:
    """Return the number of words of a text, parted by white space."""
    return len(text.split())


def best_stamp(stamps: Iterable[Stamp | None]) -> Stamp | None:
    """Return the most trusted date, the earliest among equals; the order in which they came does not matter."""
    known = [stamp for stamp in stamps if stamp is not None]
    return min(known, key=lambda stamp: (TRUST[stamp.found_in], stamp.at, stamp.raw), default=None)


def untrusted(stamp: Stamp | None, printed: Iterable[str | None]) -> str | None:
    """Return the printed date that stands where no trusted one is known, the first in the alphabet; None beside a trusted one."""
    return None if stamp else min((text for text in printed if text), default=None)


def latest(moments: Iterable[datetime | None]) -> datetime | None:
    """Return the latest of the known moments, None when there is none."""
    return max((moment for moment in moments if moment is not None), default=None)


def change(title: str | None, text: str, before: tuple[str | None, str] | None) -> tuple[Change, float]:
    """Return what differs from the version before and the share of words that differ, 0 to 1.

    The share is one less the Dice coefficient of the two bags of words: linear in the length, blind to their order.
    """
    if before is None:
        return "first", 0.0
    kind: Change = "title+text" if title != before[0] and text != before[1] else "title" if text == before[1] else "text"
    return kind, round(1 - _dice(f"{title or ''} {text}".split(), f"{before[0] or ''} {before[1]}".split()), 4)


def _dice(one: Sequence[str], other: Sequence[str]) -> float:
    shared = (Counter(one) & Counter(other)).total()
    return 2 * shared / max(1, len(one) + len(other))
