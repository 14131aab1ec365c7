"""Feeds that change the way feeds do: three runs over the whole test site, the last two in its second round."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.flows.command import counts
from tests.flows.feeding import feed_list, ingest, news_rows, reasons, rows, run_ids
from tests.site.content import ADDED, EDITED
from tests.site.evolution import FLAVOURS, FUTURE, GONE, LATE, MOVED, Flavour
from tests.site.news import NewsSite, Served


class Evolved(NamedTuple):
    """The site, a store that has met it, and what each run asked, counted and left."""

    site: NewsSite
    folder: Path
    served: list[list[Served]]
    counts: list[dict[str, int]]
    news: list[dict[str, list[str]]]

    def articles(self, part: str, columns: str) -> list[tuple[Any, ...]]:
        return rows(self.folder, f"SELECT {columns} FROM articles WHERE contains(url, ?) ORDER BY url", part)

    def reasons(self, number: int) -> dict[str, str]:
        found = reasons(self.folder, run_ids(self.folder)[number])
        return {url.removeprefix(self.site.url): reason for url, reason in found.items()}


@pytest.fixture(scope="module")
def evolved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evolved]:
    folder = tmp_path_factory.mktemp("evolution")
    with NewsSite() as site:
        found = Evolved(site, folder, [], [], [])
        listed = feed_list(folder, (site.url + path for path in feed_paths(site)))
        for round_number in (1, 2, 2):
            site.round = round_number
            site.served.clear()
            found.counts.append(counts(ingest(folder, "--feeds", listed)))
            found.served.append(list(site.served))
            found.news.append(news_rows(folder))
        yield found


def feed_paths(site: NewsSite) -> list[str]:
    return [path for path, content in site.holds(1).items() if content.feed and path not in MOVED.values()]


def slugs(names: str) -> list[str]:
    return [f"story-{name}.html" for name in names]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_six_articles_and_only_one_of_them_has_two_versions(evolved: Evolved, flavour: Flavour) -> None:
    found = evolved.articles(f"/evolution/{flavour}/", "parse_filename(split_part(url, '?', 1)), version, duplicate_of")
    assert found == [(slug, 2 if slug == "story-a.html" else 1, None) for slug in slugs("abcdeh")]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_both_versions_of_an_edited_article_are_kept(evolved: Evolved, flavour: Flavour) -> None:
    versions = rows(
        evolved.folder,
        "SELECT v.version, v.title, v.change, v.change_ratio, v.text FROM article_versions v JOIN articles a USING (article_id) "
        "WHERE contains(a.url, ?) ORDER BY v.version",
        f"/evolution/{flavour}/story-a.html",
    )
    assert [row[0] for row in versions] == [1, 2]
    assert versions[0][1] != versions[1][1]
    assert versions[1][2] == "title+text"
    assert 0 < versions[1][3] < 0.9
    assert len(versions[1][4]) > len(versions[0][4])


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_article_in_two_feeds_is_sighted_in_both(evolved: Evolved, flavour: Flavour) -> None:
    feeds = rows(
        evolved.folder,
        "SELECT DISTINCT f.url FROM sightings s JOIN articles a USING (article_id) JOIN feeds f USING (feed_id) "
        "WHERE contains(a.url, ?) ORDER BY 1",
        f"/evolution/{flavour}/story-d.html",
    )
    assert [url.rpartition("/")[2] for (url,) in feeds] == ["one.xml", "two.xml"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_late_undated_and_future_items_are_kept_and_no_date_is_made_up(evolved: Evolved, flavour: Flavour) -> None:
    base = evolved.site.base
    dates: dict[str, tuple[datetime | None, str | None]] = {
        slug: (at, raw) for slug, at, raw in evolved.articles(f"/evolution/{flavour}/", "parse_filename(url), published_at, published_raw")
    }
    assert dates["story-b.html"] == (None, None)
    assert dates["story-e.html"][0] == base - LATE
    assert dates["story-h.html"][0] is None
    assert str((base + FUTURE).year) in (dates["story-h.html"][1] or "")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_whole_text_is_stored_whether_the_feed_or_the_page_has_it(evolved: Evolved, flavour: Flavour) -> None:
    texts = evolved.articles(f"/evolution/{flavour}/", "text, title")
    assert all(len(text.split("\n\n")) == 3 for text, _ in texts)
    assert all(title for _, title in texts)


def test_trackers_do_not_make_a_second_article(evolved: Evolved) -> None:
    assert not rows(evolved.folder, "SELECT url FROM articles WHERE contains(canonical_url, 'utm_') OR contains(canonical_url, 'xtor')")


@pytest.mark.parametrize(
    ("case", "articles"),
    [("gone", 2), ("moved", 2), ("malformed", 2), ("twins", 2), ("reused", 2), ("guids", 2), ("dates", 2)],
)
def test_each_trap_gives_its_articles_once_and_in_one_version(evolved: Evolved, case: str, articles: int) -> None:
    assert evolved.articles(f"/cases/story-{case}", "version, duplicate_of") == [(1, None)] * articles


def test_a_guid_belongs_to_its_feed(evolved: Evolved) -> None:
    guids = rows(evolved.folder, "SELECT guid, count(DISTINCT article_id) FROM sightings WHERE contains(url, '/story-twins') GROUP BY guid")
    assert guids == [("1", 2)]


def test_a_feed_that_is_gone_is_parked_and_keeps_its_articles(evolved: Evolved) -> None:
    (path,) = GONE
    assert [path in {one.path for one in served} for served in evolved.served] == [True, True, False]
    assert evolved.reasons(1)[path] == "gone"
    health = rows(evolved.folder, "SELECT state, parked_until IS NOT NULL FROM feed_health WHERE contains(url, ?)", path)
    assert health == [("gone", True)]


def test_a_redirect_for_good_is_followed_and_not_yet_believed(evolved: Evolved) -> None:
    ((old, new),) = MOVED.items()
    assert {one.path for one in evolved.served[1]} >= {old, new}
    assert rows(evolved.folder, "SELECT url FROM feeds WHERE contains(url, ?)", old) == [(evolved.site.url + old,)]
    assert not rows(evolved.folder, "SELECT url FROM feeds WHERE contains(url, ?)", new)


def test_the_site_evolves_too(evolved: Evolved) -> None:
    assert len(evolved.articles("", "url")) == len(set(evolved.articles("", "canonical_url")))
    ((title, version, text),) = evolved.articles(EDITED, "title, version, text")
    assert (title.endswith("army offers pontoon"), version, ADDED in text) == (True, 2, True)
    titles = {page.rpartition("/")[2] for page in evolved.site.holds(2) if page.endswith(".html") and "/evolution/" not in page}
    stored = {url.rpartition("/")[2] for (url,) in evolved.articles("", "split_part(url, '?', 1)")}
    assert titles <= stored


def test_validators_come_back_byte_for_byte(evolved: Evolved) -> None:
    site = evolved.site
    for number, round_number in ((1, 1), (2, 2)):
        asked = {one.path: one.asked for one in evolved.served[number] if one.path in feed_paths(site)}
        moved_or_gone = {*GONE, *MOVED}
        assert len(asked) > 15
        for path in asked.keys() - moved_or_gone:
            assert asked[path] == site.validators(path, round_number), path


def test_no_validator_is_made_up(evolved: Evolved) -> None:
    assert {one.asked for one in evolved.served[0]} == {(None, None)}


def test_a_run_in_which_nothing_changed_is_all_304_and_writes_nothing_new(evolved: Evolved) -> None:
    feeds = {*feed_paths(evolved.site)} - {*MOVED}
    assert {one.status for one in evolved.served[2] if one.path in feeds} == {304}
    assert not [one.path for one in evolved.served[2] if one.path.endswith(".html") and one.status == 200]
    assert "new" not in evolved.counts[2]
    assert "new_versions" not in evolved.counts[2]
    assert evolved.news[2] == evolved.news[1]


def test_every_run_balances(evolved: Evolved) -> None:
    unbalanced = "SELECT run_id FROM runs WHERE seen <> new + new_versions + sightings + unchanged + rejected OR state <> 'completed'"
    assert not rows(evolved.folder, unbalanced)


def test_robots_txt_is_obeyed(evolved: Evolved) -> None:
    assert not [one.path for served in evolved.served for one in served if one.path.startswith(("/drafts", "/share"))]
