from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.feed import Entry
from tasks.clean.dates import Clock
from tasks.fetch.entries import MOST_URL, Draft, digest, entry_dates, keyed, link, names, plain, title_text

CLOCK = Clock(zone="UTC", now=datetime(2026, 11, 20, 13, tzinfo=UTC))
BODY = "<p>The ferry ran aground. Nobody was hurt.</p>"


def test_a_guid_of_its_own_is_the_key() -> None:
    one, two = keyed([Draft(guid="1", url="https://e.example/", title="a"), Draft(guid="2", url="https://e.example/", title="b")])
    assert (one.key, two.key) == ("1", "2")


def test_one_guid_on_all_items_keeps_all_items() -> None:
    entries = keyed(Draft(guid="x", url=f"https://e.example/{i}", title="t") for i in range(3))
    assert [entry.key for entry in entries] == [f"https://e.example/{i}" for i in range(3)]
    assert {entry.guid for entry in entries} == {"x"}


def test_one_guid_and_one_link_on_all_items_keeps_all_items() -> None:
    entries = keyed(Draft(guid="x", url="https://e.example/", title=f"t{i}") for i in range(3))
    assert len({entry.key for entry in entries}) == 3


def test_equal_items_of_a_document_are_one() -> None:
    again = Draft(guid="x", url="https://e.example/1", title="t", html=BODY)
    entries = keyed([again, again._replace(published="2024-06-20"), Draft(guid="y", title="u")])
    assert [entry.key for entry in entries] == ["x", "y"]


def test_an_item_without_guid_and_link_is_known_by_what_it_says() -> None:
    (entry,) = keyed([Draft(title="t", html=BODY)])
    assert entry.key == f"text:{entry.digest}"
    assert keyed([Draft(title="t", html="<div>" + BODY)])[0].key == entry.key


def test_no_field_is_longer_than_it_can_honestly_be() -> None:
    (entry,) = keyed([Draft(guid="g" * 10**6, html="h" * 2 * 10**6, published="p" * 10**6, language="l" * 10**6, section="s" * 10**6)])
    assert len(entry.model_dump_json()) < 1_020_000


def test_an_item_that_says_nothing_at_all_is_none() -> None:
    assert keyed([Draft(published="2024-06-20")]) == ()


def test_keys_are_of_bounded_length() -> None:
    first, second = keyed([Draft(guid="a" * 9000), Draft(guid="a" * 8999)])
    assert len(first.key) < 100
    assert first.key != second.key


@pytest.mark.parametrize(
    "body",
    [
        "<div class='x'><p>The ferry <b>ran</b> aground.</p>\n\n<p>Nobody was hurt.</p></div>",
        BODY + '<img src="https://stats.example/p.gif?5" width=1>',
        "The ferry ran aground. Nobody was hurt.",
        "<p>The&#32;ferry ran ag<i>rou</i>nd<!-- 5 -->. Nobody was hurt!</p><script>var a = 'b';</script>",
        '<p id="9"><a href="https://e.example/?utm_source=rss">The ferry</a> ran aground. Nobody was hurt.',
    ],
)
def test_markup_does_not_make_another_text(body: str) -> None:
    assert digest("Title", body) == digest("Title", BODY)


@pytest.mark.parametrize(
    ("title", "body"),
    [("Title 2", BODY), ("Title", BODY.replace("Nobody", "Somebody")), ("Title", None), (None, BODY), ("", "Title " + BODY)],
)
def test_other_words_make_another_text(title: str | None, body: str | None) -> None:
    assert digest(title, body) != digest("Title", BODY)


@given(st.text(max_size=200))
def test_any_text_can_be_told(text: str) -> None:
    assert len(digest(text, text)) == 32
    assert isinstance(plain(text), str)
    found = link(text, "https://e.example/feed")
    assert found is None or (found.startswith("http") and len(found) <= MOST_URL)


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("AT&amp;T", "AT&T"),
        ("&amp;amp;", "&amp;"),
        ("A <b>bold</b> claim", "A bold claim"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("  two\n lines\t", "two lines"),
        ("<img src=x>", None),
        ("", None),
        (None, None),
    ],
)
def test_titles_are_plain_text(printed: str | None, title: str | None) -> None:
    assert title_text(printed) == title


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        (["desk@e.example (Ines Hallow)"], ("Ines Hallow",)),
        (["Ines Hallow <desk@e.example>"], ("Ines Hallow",)),
        (["Ines Hallow (desk@e.example)"], ("Ines Hallow",)),
        (["desk@e.example"], ()),
        (["By Ines Hallow and Jon Vale"], ("Ines Hallow", "Jon Vale")),
        (["Par Inès Hallow, Jean Val et Zoé Pré"], ("Inès Hallow", "Jean Val", "Zoé Pré")),
        (["Vale, Jon"], ("Vale, Jon",)),
        (["Ines Hallow; Jon Vale | Bo Reed"], ("Ines Hallow", "Jon Vale", "Bo Reed")),
        (["Ines Hallow (Reuters)"], ("Ines Hallow (Reuters)",)),
        (["Ines Hallow", "Ines Hallow", " "], ("Ines Hallow",)),
        (["O&#39;Hara &amp; Sons"], ("O'Hara", "Sons")),
        (["https://e.example/author"], ()),
    ],
)
def test_authors_are_names(printed: list[str], found: tuple[str, ...]) -> None:
    assert names(printed) == found


@pytest.mark.parametrize(
    ("printed", "moment", "zone"),
    [
        ("Thu, 20 Jun 2024 10:00:00 GMT", "2024-06-20T10:00", "stated"),
        ("Thu, 20 Jun 2024 10:00:00 CEST", "2024-06-20T08:00", "stated"),
        ("Thu, 20 Jun 2024 10:00:00 EDT", "2024-06-20T14:00", "stated"),
        ("Thu, 20 Jun 24 10:00 Z", "2024-06-20T10:00", "stated"),
        ("20 Jun 99 10:00:00 EST", "1999-06-20T15:00", "stated"),
        ("Thu, 20 Jun 2024 10:00:00 -0000", "2024-06-20T10:00", "stated"),
        ("Thu, 20 Jun 2024 10:00:00 +02:00", "2024-06-20T08:00", "stated"),
        ("Thu, 20 Jun 2024 10:00:00 GMT+2", "2024-06-20T08:00", "stated"),
        ("Thu, 20 Jun 2024 10:00:00 UTC-0330", "2024-06-20T13:30", "stated"),
        ("Thu Jun 20 10:00:00 CEST 2024", "2024-06-20T08:00", "stated"),
        ("Thu Jun  6 10:00:00 2024", "2024-06-06T10:00", "assumed"),
        ("Thursday, 20-Jun-24 10:00:00 GMT", "2024-06-20T10:00", "stated"),
        ("2024-06-20T10:00:00Z", "2024-06-20T10:00", "stated"),
        ("2024-06-20T10:00:00.123456789+0200", "2024-06-20T08:00", "stated"),
        ("2024-06-20 10:00:00", "2024-06-20T10:00", "assumed"),
        ("2024-6-2T9:30:00Z", "2024-06-02T09:30", "stated"),
        ("2024-06-20", "2024-06-20T00:00", "assumed"),
        ("jeu., 20 juin 2024 10:00:00 +0200", "2024-06-20T08:00", "stated"),
        ("mar., 12 déc. 2023 08:00:00 GMT", "2023-12-12T08:00", "stated"),
        ("Di, 12 Mär 2024 10:00:00 +0100", "2024-03-12T09:00", "stated"),
        ("Do., 20 Juni 2024 10:00:00 +0200", "2024-06-20T08:00", "stated"),
        ("20/06/2024", "2024-06-20T00:00", "assumed"),
        ("20/06/2024 10:00", "2024-06-20T10:00", "assumed"),
        ("1718870400", "2024-06-20T08:00", "stated"),
        ("1718870400000", "2024-06-20T08:00", "stated"),
        ("Sat, 21 Nov 2026 10:00:00 GMT", "2026-11-21T10:00", "stated"),
    ],
)
def test_dates_of_feeds_are_read_as_they_are_written(printed: str, moment: str, zone: str) -> None:
    published, updated = entry_dates(Entry(key="k", digest="d", published=printed), CLOCK)
    assert published is not None
    assert (published.at.strftime("%Y-%m-%dT%H:%M"), published.zone, published.found_in) == (moment, zone, "feed")
    assert (published.raw, updated) == (" ".join(printed.split()), None)


@pytest.mark.parametrize(
    "printed",
    [
        "2099-01-01",
        "Sat, 01 Jan 2041 00:00:00 GMT",
        "1980-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 +0000",
        "0000-00-00 00:00:00",
        "0",
        "yesterday",
        "Wed, 30 Feb 2024 10:00:00 GMT",
        "Mon, 23 Nov 2026 10:00:00 GMT",
        "2024",
        "",
        "x" * 100_000,
        "9" * 5000,
    ],
)
def test_what_is_no_date_or_cannot_be_one_is_unknown(printed: str) -> None:
    assert entry_dates(Entry(key="k", digest="d", title="t", published=printed, updated=printed), CLOCK) == (None, None)


def test_the_only_date_of_an_atom_entry_is_that_of_its_publication() -> None:
    published, updated = entry_dates(Entry(key="k", digest="d", title="t", updated="2024-06-20T10:00:00Z"), CLOCK)
    assert published == updated
    assert published is not None


def test_the_change_of_an_address_in_a_sitemap_is_no_publication() -> None:
    published, updated = entry_dates(Entry(key="k", digest="d", url="https://e.example/", updated="2024-06-20T10:00:00Z"), CLOCK)
    assert published is None
    assert updated is not None
