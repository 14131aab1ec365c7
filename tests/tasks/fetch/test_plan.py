"""What is done with each item of a feed, and when its page is asked for again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest

from schemas.feed import Entry, Feed, FeedState, KnownEntry, Met, PageDue, Reason, Via
from tasks.fetch.plan import RETRIES, SAMPLE_EVERY, TEMPORARY, Memory, Planned, Told, after_failure, after_page, plan

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
ARTICLE = UUID(int=11)
URL, LINK = "http://port.example/ferry.html?utm_source=feed", "https://port.example/ferry.html"
TEXT = f"<p>{'The ferry to the island sails again from Monday, after four weeks in which nobody crossed. ' * 12}</p>"
FEED = Feed(feed_id=HERE, url="http://feeds.port.example/all")
BELIEVED: dict[str, Any] = {"full_text": 0.8, "full_text_samples": 3}
"""A feed of which three pages have shown that it gives four fifths of their text, the least that counts as all of it."""


def entry(key: str = "guid-1", digest: str = "said", url: str | None = URL, html: str | None = TEXT, **fields: Any) -> Entry:
    return Entry.model_validate({"key": key, "digest": digest, "url": url, "html": html} | fields)


def remembered(known: Entry | None = None, via: Via = "page", met: Sequence[Met] = (), told: Sequence[str] = (), **state: Any) -> Memory:
    """Return a memory of one item of this feed, of items at its address, and of articles of this feed without address."""
    before = {"feed_id": HERE, "entry": known, "link": LINK if known and known.url else None, "via": via} | state
    return Memory(
        {(HERE, known.key): KnownEntry.model_validate(before)} if known else {},
        {LINK: met} if met else {},
        {URL: LINK},
        {(HERE, digest) for digest in told},
    )


def planned(item: Entry, memory: Memory, feed: Feed = FEED, **state: Any) -> Planned:
    [one] = plan([item], Told(feed, FeedState(feed_id=feed.feed_id, **state), NOW), memory)
    assert one.entry is item
    return one


def met(feed: UUID, digest: str, article: UUID = ARTICLE, via: Via = "page", dated: bool = True) -> Met:
    return Met(feed_id=feed, digest=digest, article_id=article, via=via, dated=dated)


def test_a_new_item_is_read_from_its_page() -> None:
    one = planned(entry(), remembered())
    assert (one.step, one.via, one.link, one.known, one.article_id, one.stands, one.due_at) == (
        "page",
        "page",
        LINK,
        False,
        None,
        False,
        None,
    )


def test_an_item_that_says_the_same_is_passed_over() -> None:
    one = planned(entry(), remembered(entry(html=None)), **BELIEVED)
    assert (one.step, one.known) == ("pass", True)


def test_an_item_without_address_that_says_the_same_is_passed_over_too() -> None:
    item = entry(url=None)
    assert planned(item, remembered(item, "feed", told=["said"])).step == "pass"


def test_an_address_that_led_to_a_removed_article_is_noted_once_and_never_fetched() -> None:
    gone = remembered()._replace(removed={LINK})
    assert planned(entry(), gone).step == "removed"
    assert planned(entry(), gone._replace(met={LINK: [met(ELSEWHERE, "said")]})).step == "removed"
    assert planned(entry(digest="edited"), remembered(entry())._replace(removed={LINK})).step == "pass"
    assert planned(entry(url=None), gone).step == "text"


def test_an_edit_is_read_from_its_page_and_is_no_new_item() -> None:
    one = planned(entry(digest="said otherwise"), remembered(entry()))
    assert (one.step, one.known, one.stands, one.edits, one.due_at) == ("page", True, True, 1, None)


def test_the_page_of_what_the_feed_alone_has_told_does_not_stand_yet() -> None:
    assert not planned(entry(digest="said otherwise"), remembered(entry(), "feed")).stands


def test_an_edit_is_an_edit_although_another_feed_shows_the_item_too() -> None:
    edited = entry(digest="said otherwise")
    assert planned(edited, remembered(entry(), met=[met(ELSEWHERE, "said otherwise")])).step == "page"


def test_the_same_words_under_a_new_guid_are_passed_over() -> None:
    one = planned(entry("guid-2"), remembered(met=[met(HERE, "said"), met(ELSEWHERE, "said")]))
    assert (one.step, one.known) == ("pass", True)


def test_the_item_that_says_the_same_is_found_among_others_of_its_feed_at_its_address() -> None:
    assert planned(entry("guid-3"), remembered(met=[met(HERE, "said before"), met(HERE, "said")])).step == "pass"


def test_an_address_that_another_feed_has_shown_is_a_sighting_whatever_it_says() -> None:
    one = planned(entry(), remembered(met=[met(ELSEWHERE, "said in other words")]))
    assert (one.step, one.known, one.link, one.article_id) == ("sighting", False, LINK, ARTICLE)


def test_what_another_feed_alone_has_told_is_read_from_its_page() -> None:
    one = planned(entry(), remembered(met=[met(ELSEWHERE, "said", via="feed")]), **BELIEVED)
    assert (one.step, one.article_id, one.stands) == ("page", ARTICLE, False)


@pytest.mark.parametrize(("dated", "published", "step"), [(False, "today", "page"), (False, None, "sighting"), (True, "today", "sighting")])
def test_an_article_without_date_is_asked_for_again_where_this_feed_has_one(dated: bool, published: str | None, step: str) -> None:
    one = planned(entry(published=published), remembered(met=[met(ELSEWHERE, "said", dated=dated)]))
    assert one.step == step
    assert one.article_id == ARTICLE


def test_an_edit_under_a_new_guid_in_the_same_feed_is_read_from_its_page_and_no_new_item() -> None:
    one = planned(entry("guid-2", "said otherwise"), remembered(met=[met(ELSEWHERE, "said otherwise"), met(HERE, "said")]))
    assert (one.step, one.known, one.stands, one.article_id) == ("page", True, True, None)


def test_an_item_without_address_is_its_own_text() -> None:
    one = planned(entry(url=None), remembered())
    assert (one.step, one.via, one.known, one.link) == ("text", "feed", False, None)


def test_an_item_without_address_and_text_is_never_a_page() -> None:
    assert planned(entry(url=None, html=None), remembered()).step == "text"


def test_an_item_without_address_that_is_issued_again_is_passed_over() -> None:
    one = planned(entry("guid-2", url=None), remembered(told=["said"]))
    assert (one.step, one.known, one.via) == ("pass", True, "feed")


def test_what_other_feeds_said_without_address_counts_for_them_alone() -> None:
    other = FEED.model_copy(update={"feed_id": ELSEWHERE})
    assert planned(entry("guid-2", url=None), remembered(told=["said"]), other).step == "text"


def test_an_edit_of_an_item_without_address_is_an_edit_although_another_one_says_the_same() -> None:
    edited = entry(digest="said otherwise", url=None)
    one = planned(edited, remembered(entry(url=None), "feed", told=["said otherwise"]))
    assert (one.step, one.known) == ("text", True)


def test_what_an_item_with_an_address_says_is_not_looked_for_among_those_without() -> None:
    assert planned(entry(), remembered(told=["said"])).step == "page"


# whole texts


def test_a_feed_that_is_believed_gives_its_own_text() -> None:
    one = planned(entry(), remembered(), **BELIEVED)
    assert (one.step, one.via, one.known) == ("text", "feed", False)


@pytest.mark.parametrize(
    "state", [{"full_text": 0.79, "full_text_samples": 3}, {"full_text": 1.0, "full_text_samples": 2}, {"full_text": None}]
)
def test_a_feed_is_believed_after_three_pages_of_which_it_had_four_fifths(state: dict[str, Any]) -> None:
    one = planned(entry(), remembered(), **state)
    assert (one.step, one.via) == ("page", "page")


def test_a_feed_is_believed_for_its_own_site_alone() -> None:
    aggregator = FEED.model_copy(update={"url": "https://planet.example/all"})
    assert planned(entry(), remembered(), aggregator, **BELIEVED).step == "page"


@pytest.mark.parametrize("html", [None, "<p>The ferry sails.</p>"])
def test_an_item_with_few_words_is_read_from_its_page_whatever_its_feed_is_believed_to_do(html: str | None) -> None:
    assert planned(entry(html=html), remembered(), **BELIEVED).step == "page"


def test_an_edit_is_read_where_the_item_was_read() -> None:
    edited = entry(digest="said otherwise")
    assert [planned(edited, remembered(entry(), via), **BELIEVED).step for via in ("page", "feed")] == ["page", "text"]


def test_of_a_feed_that_is_believed_one_page_in_twenty_is_compared() -> None:
    steps = [planned(entry(f"guid-{number:04}"), remembered(), **BELIEVED).step for number in range(2_000)]
    assert set(steps) == {"text", "page"}
    assert 0.5 < steps.count("page") * SAMPLE_EVERY / len(steps) < 2


def test_whether_an_item_is_a_sample_is_its_own_affair() -> None:
    items = [entry(f"guid-{number:04}") for number in range(100)]
    told = Told(FEED, FeedState(feed_id=HERE, **BELIEVED), NOW)
    forwards = {one.entry.key: one.step for one in plan(items, told, remembered())}
    assert forwards == {one.entry.key: one.step for one in plan(items[::-1], told, remembered())}
    assert "page" in forwards.values()


# items that never keep still


@pytest.mark.parametrize(("edits", "hours"), [(2, 0), (3, 1), (4, 2), (5, 4), (7, 16), (8, 24), (500, 24)])
def test_the_page_of_an_item_that_is_edited_again_and_again_is_asked_for_less_and_less(edits: int, hours: int) -> None:
    asked = NOW - timedelta(minutes=5)
    one = planned(entry(digest="counts 7", title="Ferry"), remembered(entry(title="Ferry"), edits=edits, asked_at=asked))
    assert (one.step, one.due_at) == ("page", asked + timedelta(hours=hours) if hours else None)
    assert (one.edits, one.asked_at) == ((edits, asked) if hours else (edits + 1, NOW))


def test_a_new_title_is_never_kept_waiting_nor_is_an_edit_that_comes_late() -> None:
    asked = NOW - timedelta(minutes=5)
    before = remembered(entry(title="Ferry"), edits=9, asked_at=asked)
    assert planned(entry(digest="other", title="Ferry sinks"), before).due_at is None
    late = remembered(entry(title="Ferry"), edits=9, asked_at=NOW - timedelta(hours=24))
    one = planned(entry(digest="counts 7", title="Ferry"), late)
    assert (one.due_at, one.edits, one.asked_at) == (None, 10, NOW)


# when a page is asked for again


def page(**changes: Any) -> PageDue:
    return PageDue(feed_id=HERE, entry=entry(), due_at=NOW, **changes)


def test_a_fresh_page_is_asked_for_again_after_a_day_and_a_week_and_then_no_more() -> None:
    hour_old = NOW - timedelta(hours=1)
    first = after_page(page(attempts=2, etag='"1"'), hour_old, NOW)
    assert first == page(checks=1, etag='"1"').model_copy(update={"due_at": NOW + timedelta(days=1)})
    later = NOW + timedelta(days=1)
    second = after_page(first, hour_old, later)
    assert second
    assert (second.checks, second.due_at) == (2, NOW + timedelta(days=7))
    assert after_page(second, hour_old, NOW + timedelta(days=7)) is None


@pytest.mark.parametrize(("age", "again"), [(timedelta(days=3), True), (timedelta(days=3, seconds=1), False), (None, True)])
def test_only_pages_that_were_fresh_when_they_came_are_asked_for_again(age: timedelta | None, again: bool) -> None:
    assert (after_page(page(), NOW - age if age is not None else None, NOW) is not None) == again


def test_a_page_that_was_fresh_when_it_came_is_asked_for_again_when_it_is_not_any_more() -> None:
    assert after_page(page(checks=1), NOW - timedelta(days=30), NOW)


def test_a_page_that_could_not_be_had_is_asked_for_three_times_more() -> None:
    waits, due, now = [], page(), NOW
    while again := after_failure(due, "timeout", now, None):
        assert again.due_at
        waits.append(again.due_at - now)
        due, now = again, again.due_at
    assert waits == [timedelta(minutes=10), timedelta(hours=2), timedelta(hours=24)] == [*RETRIES]
    assert due.attempts == 3


@pytest.mark.parametrize("reason", sorted({*get_args(Reason)} - {"ok", "not_modified", "rate_limited"}))
def test_a_page_is_asked_for_again_where_the_fault_may_pass(reason: Reason) -> None:
    passing = {"timeout", "dns", "refused", "tls", "server_error", "protocol", "empty"}
    assert (after_failure(page(), reason, NOW, None) is not None) == (reason in passing) == (reason in TEMPORARY)


@pytest.mark.parametrize("checks", [0, 1])
def test_a_host_that_wants_time_gets_it_and_no_attempt_is_counted(checks: int) -> None:
    tried = page(attempts=3, checks=checks)
    until = NOW + timedelta(hours=5)
    assert after_failure(tried, "rate_limited", NOW, until) == tried.model_copy(update={"due_at": until})
    for moment in (None, NOW + timedelta(seconds=5), NOW - timedelta(days=1)):
        assert after_failure(tried, "rate_limited", NOW, moment) == tried.model_copy(update={"due_at": NOW + timedelta(minutes=10)})


def test_not_modified_for_an_item_that_was_not_asked_so_is_asked_for_again_and_no_attempt() -> None:
    assert after_failure(page(attempts=3), "not_modified", NOW, None) == page(attempts=3).model_copy(
        update={"due_at": NOW + timedelta(minutes=10)}
    )


def test_a_host_that_puts_us_off_for_a_day_counts_as_one_that_cannot_be_had() -> None:
    wanted = NOW - timedelta(hours=24)
    assert after_failure(page(wanted_at=wanted), "rate_limited", NOW, NOW + timedelta(hours=5)) == page(wanted_at=wanted).model_copy(
        update={"due_at": NOW + timedelta(minutes=10), "attempts": 1}
    )
    assert after_failure(page(wanted_at=wanted + timedelta(seconds=1)), "rate_limited", NOW, None) == page(
        wanted_at=wanted + timedelta(seconds=1)
    ).model_copy(update={"due_at": NOW + timedelta(minutes=10)})
