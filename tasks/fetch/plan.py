"""What is to be done with each item of a feed: pure decisions from what it says and what the store remembers."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from schemas.feed import Entry, Feed, FeedState, KnownEntry, Met, PageDue, Reason, Via
from tasks.clean.feed_text import few_words
from tasks.clean.url import registered_domain

TEXT_SHARE = 0.8  # of the page's words: what a feed leaves out of a full text is captions and notices
TEXT_SAMPLES = 3  # pages after which a feed is believed to give full texts
SAMPLE_EVERY = 20  # of a feed so believed, every so many-th item is compared with its page again

FRESH = timedelta(days=3)
RECHECKS = (timedelta(hours=24), timedelta(days=7))
"""When the page of a fresh article is asked for again: of all edits in a week GDELT saw 81 % in the first day."""
RETRIES = (timedelta(minutes=10), timedelta(hours=2), timedelta(hours=24))
"""When a page that could not be had is asked for again."""
TEMPORARY: frozenset[Reason] = frozenset({"timeout", "dns", "refused", "tls", "server_error", "protocol", "empty", "rate_limited"})

PATIENCE = timedelta(hours=24)
"""How long a host may put us off before its page counts as one that cannot be had."""
FREE_EDITS = 3
EDIT_WAIT, LONGEST_EDIT_WAIT = timedelta(hours=1), timedelta(hours=24)
"""After so many edits under the same title the page is asked for after an hour, then two, four...: such items hold a counter."""

Step = Literal["pass", "sighting", "text", "page", "removed"]


class Planned(NamedTuple):
    """An item and what is to be done.

    Nothing, note a known article at a new place, take the feed's own text, fetch the page, or note that its article was removed.
    """

    entry: Entry
    step: Step
    link: str | None
    known: bool = False
    """Whether this feed has shown it before, perhaps in other words or under another guid: then nothing was missed between."""
    article_id: UUID | None = None
    """The article that another feed's item led to."""
    stands: bool = False
    """Whether the article stands with the text of its page."""
    due_at: datetime | None = None
    """When its page is to be fetched; None is now."""
    edits: int = 0
    asked_at: datetime | None = None

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
    told: Set[tuple[UUID, str]]
    """Items without address that became an article, by their feed and what they said."""
    removed: Set[str] = frozenset()
    """Addresses in their normal form that led to an article which was removed since."""


class Told(NamedTuple):
    """The feed that tells the items, what is known of it, and when it tells them."""

    feed: Feed
    state: FeedState
    now: datetime


def plan(entries: Iterable[Entry], told: Told, memory: Memory) -> list[Planned]:
    """Return every item with what is to be done."""
    return [_step(entry, told, memory) for entry in entries]


def _step(entry: Entry, told: Told, memory: Memory) -> Planned:
    link = memory.links.get(entry.url or "")
    before = memory.known.get((told.feed.feed_id, entry.key))
    if link in memory.removed:
        return Planned(entry, "pass" if before else "removed", link, known=before is not None)  # in whatever words: it is not fetched again
    if before:
        return Planned(entry, "pass", link, known=True) if before.entry.digest == entry.digest else _edited(entry, before, told, link)
    met = memory.met.get(link, ()) if link else ()
    here = [one for one in met if one.feed_id == told.feed.feed_id]
    again = any(one.digest == entry.digest for one in here) or (entry.url is None and (told.feed.feed_id, entry.digest) in memory.told)
    if again:
        return Planned(entry, "pass", link, known=True)  # the same words under another guid
    # read from its page for another feed; one without a date is asked for again with the date that this feed gives
    read = next((one for one in met if one.via == "page" and (one.dated or not entry.published)), None)
    if read and not here:
        return Planned(entry, "sighting", link, article_id=read.article_id)
    if entry.url is None or (not met and gives_full_text(entry, told)):
        return Planned(entry, "text", link, known=bool(here))
    article_id = met[0].article_id if met and not here else None
    return Planned(entry, "page", link, bool(here), article_id, stands=any(one.via == "page" for one in met), asked_at=told.now)


def _edited(entry: Entry, before: KnownEntry, told: Told, link: str | None) -> Planned:
    if entry.url is None or (before.via == "feed" and gives_full_text(entry, told)):
        return Planned(entry, "text", link, known=True, edits=before.edits + 1)
    one = Planned(entry, "page", link, known=True, stands=before.via == "page", edits=before.edits + 1, asked_at=told.now)
    if before.edits < FREE_EDITS or before.asked_at is None or before.entry.title != entry.title:
        return one
    due = before.asked_at + min(EDIT_WAIT * 2 ** min(before.edits - FREE_EDITS, 10), LONGEST_EDIT_WAIT)
    return one._replace(due_at=due, edits=before.edits, asked_at=before.asked_at) if due > told.now else one


def gives_full_text(entry: Entry, told: Told) -> bool:
    """Return whether an item's own text is to be believed the full one: by what its feed gave so far, and only for its own site.

    Nobody else's feed decides what stands at an address.
    """
    state = told.state
    sampled = int.from_bytes(entry.key.encode()[-4:]) % SAMPLE_EVERY == 0
    usual = state.full_text_samples >= TEXT_SAMPLES and (state.full_text or 0.0) >= TEXT_SHARE
    return bool(usual and not sampled and entry.html and site_of(entry.url) == site_of(told.feed.url) and not few_words(entry.html))


def site_of(url: str | None) -> str | None:
    """Return the registered domain of an address, or its host where that is none's."""
    return registered_domain(url) or urlsplit(url or "").hostname


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
    if put_off(page, reason, now):
        return page.model_copy(update={"due_at": max(now + RETRIES[0], not_before or now)})
    if reason not in TEMPORARY or page.attempts >= len(RETRIES):
        return None
    return page.model_copy(update={"due_at": now + RETRIES[page.attempts], "attempts": page.attempts + 1})


def put_off(page: PageDue, reason: Reason, now: datetime) -> bool:
    """Return whether the page is simply to be asked for later: its host wants time, or the answer was meant for another item."""
    return reason in {"rate_limited", "not_modified"} and now - (page.wanted_at or now) < PATIENCE
