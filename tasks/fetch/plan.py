"""What is to be done with each item of a feed: pure decisions from what it says and what the store remembers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from schemas.feed import Entry, FeedState, KnownEntry, Met, PageDue, Reason, Via

TEXT_SHARE = 0.8  # of the page's words: what a feed leaves out of a full text is captions and notices
TEXT_SAMPLES = 3  # pages after which a feed is believed to give full texts
SAMPLE_EVERY = 20  # of a feed so believed, every so many-th item is compared with its page again

FRESH = timedelta(days=3)
RECHECKS = (timedelta(hours=24), timedelta(days=7))
"""When the page of a fresh article is asked for again: of all edits in a week GDELT saw 81 % in the first day."""
RETRIES = (timedelta(minutes=10), timedelta(hours=2), timedelta(hours=24))
"""When a page that could not be had is asked for again."""
TEMPORARY: frozenset[Reason] = frozenset({"timeout", "dns", "refused", "tls", "server_error", "protocol", "empty", "rate_limited"})

Step = Literal["pass", "sighting", "text", "page"]


class Planned(NamedTuple):
    """An item and what is to be done: nothing, note a known article at a new place, take the feed's own text, or fetch the page."""

    entry: Entry
    step: Step
    link: str | None
    known: bool = False
    """Whether this feed has shown it before, perhaps in other words or under another guid: then nothing was missed between."""
    article_id: UUID | None = None

    @property
    def via(self) -> Via:
        """Where the text is to come from."""
        return "feed" if self.step == "text" or self.entry.url is None else "page"


class Memory(NamedTuple):
    """What the store remembers that concerns the items of some polls."""

    known: Mapping[tuple[UUID, str], KnownEntry]
    """Items by their feed and key."""
    met: Mapping[str, Sequence[Met]]
    """Items of any feed, by address in its normal form."""
    links: Mapping[str, str]
    """Addresses of these items in their normal form, by address."""
    told: Mapping[tuple[UUID, str], UUID]
    """Articles of items without address, by feed and what the item said."""


def plan(entries: Iterable[Entry], state: FeedState, memory: Memory) -> list[Planned]:
    """Return every item with what is to be done."""
    return [_step(entry, state, memory) for entry in entries]


def _step(entry: Entry, state: FeedState, memory: Memory) -> Planned:
    link = memory.links.get(entry.url or "")
    before = memory.known.get((state.feed_id, entry.key))
    if before and before.entry.digest == entry.digest:
        return Planned(entry, "pass", link, known=True)
    met = memory.met.get(link, ()) if link and not before else ()
    # of a known address: the same words under a new guid, or an item of another feed; an edit in this very feed goes on
    same = next((one for one in met if one.digest == entry.digest or one.feed_id != state.feed_id), None)
    if same:
        return Planned(entry, "sighting", link, same.feed_id == state.feed_id, same.article_id)
    told = memory.told.get((state.feed_id, entry.digest)) if entry.url is None and not before else None
    if told:  # the same words under a new guid
        return Planned(entry, "sighting", link, known=True, article_id=told)
    if entry.url is None or (entry.html and _gives_full_text(state, entry) and not (before and before.via == "page")):
        return Planned(entry, "text", link, known=before is not None)
    return Planned(entry, "page", link, known=before is not None)


def _gives_full_text(state: FeedState, entry: Entry) -> bool:
    sampled = int.from_bytes(entry.key.encode()[-4:]) % SAMPLE_EVERY == 0
    return state.full_text_samples >= TEXT_SAMPLES and (state.full_text or 0.0) >= TEXT_SHARE and not sampled


def after_page(page: PageDue, published: datetime | None, now: datetime) -> PageDue | None:
    """Return when a page that was had is asked for again; None when it has been often enough, or was old when it came."""
    if page.checks == 0 and published and now - published > FRESH:
        return None
    if page.checks >= len(RECHECKS):
        return None
    gone = RECHECKS[page.checks - 1] if page.checks else timedelta()
    return page.model_copy(update={"due_at": now + RECHECKS[page.checks] - gone, "checks": page.checks + 1, "attempts": 0})


def after_failure(page: PageDue, reason: Reason, now: datetime, not_before: datetime | None) -> PageDue | None:
    """Return when a page that could not be had is asked for again; None when that would be in vain.

    A host that asked for time gets it, and that counts as no attempt; nor does an answer that was meant for another item.
    """
    if reason in {"rate_limited", "not_modified"}:
        return page.model_copy(update={"due_at": max(now + RETRIES[0], not_before or now)})
    if reason not in TEMPORARY or page.attempts >= len(RETRIES):
        return None
    return page.model_copy(update={"due_at": now + RETRIES[page.attempts], "attempts": page.attempts + 1})
