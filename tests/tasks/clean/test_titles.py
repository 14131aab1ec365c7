"""The title of a page among its headings, its head and the site's name."""

import pytest
from trafilatura.utils import load_html

from tasks.clean.titles import choose_title, site_of, without_site

URL = "https://www.harbour-post.example/news/pool"
SITE = site_of(("The Harbour Post",), URL)
HEADLINE = "Swimming pool closes for the winter"


def title(body: str, *said: str | None, page: str | None = None) -> str | None:
    tree = load_html(f"<html><head><meta charset='utf-8'></head><body>{body}<p>Text.</p></body></html>")
    return choose_title(tree, said, page, SITE).text


@pytest.mark.parametrize(
    ("body", "said", "page", "wanted"),
    [
        (f"<h1>{HEADLINE}</h1>", ("Swimming Pool Closes For The Winter",), None, HEADLINE),  # as the heading spells it
        (f"<h1>{HEADLINE}</h1>", ("Pool closes",), None, HEADLINE),  # the only heading, though the head differs
        (f"<h1>{HEADLINE}</h1>", (f"{HEADLINE} - The Harbour Post",), None, HEADLINE),
        (f"<h2>{HEADLINE}</h2><h1>The Harbour Post</h1>", (HEADLINE,), None, HEADLINE),
        (f'<h1><a href="/">Tides</a></h1><h2>{HEADLINE}</h2>', (), f"{HEADLINE} | Tides", HEADLINE),  # a link home is the site's name
        (f"<h1><span>Town</span> {HEADLINE}</h1>", (HEADLINE,), None, HEADLINE),  # a kicker in an element of its own
        (f"<h1><span>Town</span> {HEADLINE}</h1>", (), None, HEADLINE),
        ("<h1><span>Winter:</span> the pool closes</h1>", (), None, "Winter: the pool closes"),  # a colon goes on
        ("<h1><span>The</span> pool closes</h1>", ("The pool closes",), None, "The pool closes"),  # first words, not a kicker
        (f"<h1><span>Town</span> – <span>{HEADLINE}</span></h1>", (f"Town – {HEADLINE}",), None, HEADLINE),
        (f"<h1>Town / {HEADLINE}</h1>", (HEADLINE,), None, HEADLINE),
        (f"<h1>{HEADLINE}: all dates</h1>", (HEADLINE,), None, f"{HEADLINE}: all dates"),
        (f"<h1>Winter: {HEADLINE}</h1>", (HEADLINE, f"Winter: {HEADLINE}"), None, f"Winter: {HEADLINE}"),
        (f"<h1>News</h1><h1>{HEADLINE}</h1>", (), f"News - {HEADLINE} - The Harbour Post", HEADLINE),
        ("", ("Pool &amp; sauna close",), None, "Pool &amp; sauna close"),
        ("", (), f"Home » News » {HEADLINE} | harbour-post.example", HEADLINE),
        ("<h1>The Harbour Post</h1>", ("The Harbour Post",), "The Harbour Post", None),
        ("", (), None, None),
    ],
)
def test_the_title_of_a_page(body, said, page, wanted):
    assert title(body, *said, page=page) == wanted


def test_a_heading_around_the_whole_page_is_no_title():
    assert title(f"<h1>{'<b>word </b>' * 100}</h1>", HEADLINE) == HEADLINE


def test_the_heading_that_shows_the_title_is_given():
    tree = load_html(f"<html><body><div><h1>{HEADLINE}</h1></div><p>Text.</p></body></html>")
    assert choose_title(tree, (), None, SITE).heading is tree.find(".//h1")


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        (f"{HEADLINE} | The Harbour Post", HEADLINE),
        (f"{HEADLINE} – Harbour-Post.example", HEADLINE),
        (f"The Harbour Post: {HEADLINE}", f"The Harbour Post: {HEADLINE}"),
        (f"The Harbour Post | {HEADLINE}", HEADLINE),
        ("Pool closes - two children hurt", "Pool closes - two children hurt"),
    ],
)
def test_the_site_behind_a_title(printed, wanted):
    assert without_site(printed, SITE) == wanted


def test_an_address_in_an_archive_names_the_archived_site():
    site = site_of((), "https://archive.example/web/2008/http://www.harbourpost.example/a")
    assert site.is_named("Harbour Post")
