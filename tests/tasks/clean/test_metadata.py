"""Dates, authors and the lead that a page shows beside its title, through the door of the room."""

from datetime import UTC, datetime

import pytest

from schemas.article import Article
from schemas.document import RawDocument
from tasks.clean.document import clean_document
from tasks.clean.page import HIDDEN

URL = "https://www.harbour-post.example/news/pool"
HEADLINE = "Swimming pool closes for the winter"
TEXT = "".join(
    f"<p>{sentence}</p>"
    for sentence in (
        "The swimming pool beside the station closes on Friday and stays shut until May, the town council decided on Monday.",
        "Heating the hall would have cost four hundred thousand pounds, said the treasurer, who had warned of it before.",
        "Schools will drive their pupils to the pool of the neighbouring town, where the club has found two hours on Wednesday evenings.",
    )
)


def page(head: str = "", top: str = "", body: str = TEXT, heading: str = f"<h1>{HEADLINE}</h1>", url: str = URL) -> Article:
    html = (
        f'<!doctype html><html lang="en"><head><title>{HEADLINE}</title>{head}</head><body><div id="page">{heading}{top}'
        f'<div class="entry-content">{body}</div></div></body></html>'
    )
    raw = RawDocument(body=html.encode(), media_type="text/html", origin="a", place="/a", source="s", url=url)
    found = clean_document(raw, zone="UTC", now=datetime(2026, 11, 20, tzinfo=UTC))
    assert isinstance(found, Article)
    return found


@pytest.mark.parametrize(
    ("top", "wanted"),
    [
        ("<div><span>3 October 2025</span></div>", "2025-10-03"),
        ("<p>Published On October 3, 2025 01:52 PM</p>", "2025-10-03"),
        ("<p>Press release of 3 October 2025 | Harbour</p>", "2025-10-03"),
        ('<p class="share">Share</p><time datetime="2025-10-03T09:00:00+02:00">Friday</time>', "2025-10-03"),
        ("<p>Deadline: 3 October 2025</p>", None),
        ("<p>1-3 October 2025</p>", None),
        ("<p>3 October 2025, 13:00 - 19:00</p>", None),
        ("<p>Updated on 3 October 2025</p>", None),
        (TEXT + "<p>3 October 2025</p>", None),
    ],
)
def test_the_date_beside_the_title(top, wanted):
    stamp = page(top=top).published
    assert (f"{stamp.at:%Y-%m-%d}" if stamp else None) == wanted


def test_the_date_before_the_title_and_which_is_nearer():
    assert page(heading=f"<p>3 October 2025</p><h1>{HEADLINE}</h1>").published.at.day == 3
    assert page(top="<p>4 October 2025</p>", heading=f"<p>3 October 2025</p><h1>{HEADLINE}</h1>").published.at.day == 4


def test_a_meta_date_that_may_mean_anything_yields_to_the_printed_one():
    weak = '<meta name="date" content="2025-10-09">'
    assert page(weak, "<p>3 October 2025</p>").published.found_in == "text"
    assert page(weak).published.found_in == "meta"
    assert page('<meta property="article:published_time" content="2025-10-09">', "<p>3 October 2025</p>").published.at.day == 9


def test_the_only_time_of_a_page_without_a_heading():
    one = '<span><time datetime="2025-10-03">x</time></span>'
    assert page(heading="", top=one).published.at.day == 3
    assert page(heading="", top=one + '<span><time datetime="2025-10-04">x</time></span>').published is None


def test_a_day_in_the_address():
    assert page(url="https://www.harbour-post.example/2025/10/03/pool").published.found_in == "htmldate"
    assert page().published is None


@pytest.mark.parametrize(
    ("head", "top", "wanted"),
    [
        ("", '<a rel="author" href="/u/7">tidewatcher</a>', ("tidewatcher",)),  # a pseudonym, where only an author can stand
        ("", '<span class="author vcard">Posted by <a class="url fn n" href="/u/7">Ann Lee</a></span>', ("Ann Lee",)),
        ("", "<p>By</p><p>Ann Lee</p>", ("Ann Lee",)),
        ("", "<p>By Ann Lee and Tom Roe</p>", ("Ann Lee", "Tom Roe")),
        ("", '<a href="/author/ann-lee">Ann Lee</a>', ("Ann Lee",)),
        ("", '<div class="comment-list"><a rel="author" href="/u/7">Tom Roe</a></div>', ()),
        ('<meta name="author" content="Harbour Webmasters">', '<a rel="author" href="/u/7">Ann Lee</a>', ("Ann Lee",)),
        ('<meta name="author" content="Ann Lee">', "", ("Ann Lee",)),
        ('<meta name="author" content="Harbour Post">', "", ()),
        ('<meta name="parsely-author" content="Veröffentlicht von Jutta Kern">', "", ("Jutta Kern",)),
        ('<meta name="parsely-author" content="HP-Redaktion">', "", ()),
        ('<meta name="parsely-author" content="Harbour Media GmbH">', "", ()),
        ("", "<h2>Contact Information</h2>", ()),
    ],
)
def test_the_authors_of_a_page(head, top, wanted):
    assert page(head, top).byline == wanted


LEAD = "For three decades nobody had dared to close the hall, and nobody wants to have decided it now."


@pytest.mark.parametrize(
    ("head", "top"),
    [
        ("", f'<div class="article__lead"><p>{LEAD}</p></div>'),
        ("", f'<p class="teaser-text">{LEAD}</p><figure><img src="/a.jpg"><figcaption>The hall in summer.</figcaption></figure>'),
        (f'<meta name="description" content="{LEAD}">', f"<div>{LEAD}</div>"),
        (f'<meta name="description" content="{LEAD[:60]}">', f"<p>Town</p><h2>{LEAD}</h2><p>Share</p>"),
    ],
)
def test_the_lead_over_the_body_belongs_to_the_text(head, top):
    text = page(head, top).text
    assert text.count(LEAD) == 1
    assert text.startswith(LEAD)


@pytest.mark.parametrize(
    "top",
    [
        f'<p class="teaser-text"><a href="/other">{LEAD}</a></p>',  # a link to another article
        f'<nav class="intro"><p>{LEAD}</p></nav>',
        f'<figure class="lead"><figcaption>{LEAD}</figcaption></figure>',
        '<p class="lead">Town</p>',
    ],
)
def test_what_is_no_lead(top):
    assert page(top=top).text.startswith("The swimming pool beside the station")


def test_a_lead_is_the_dek_too():
    assert page(top='<p class="standfirst">The council saves four hundred thousand pounds, the schools pay for the coach</p>').dek == (
        "The council saves four hundred thousand pounds, the schools pay for the coach"
    )


def test_a_text_that_only_the_structured_data_hold():
    stated = " ".join(f"The council met {n} times about the pool before it decided." for n in range(20))
    ld = f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{HEADLINE}", "articleBody": "{stated}"}}</script>'
    assert page(ld, body="<p>Please switch on scripts to read this article on our page, thank you very much.</p>").text == stated
    assert len(stated) > HIDDEN
    longer = "".join(
        f"<p>{n}: the hall had {n}00 visitors, and every one of them paid less than the water had cost that day.</p>" for n in range(9)
    )
    assert page(ld, body=TEXT + longer).text.startswith("The swimming pool beside the station")


def test_a_text_nested_deeper_than_the_parser_goes():
    found = page(body=f"{'<div>' * 400}x{'</div>' * 400}{TEXT}")
    assert "neighbouring town" in found.text
