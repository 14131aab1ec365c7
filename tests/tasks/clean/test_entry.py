"""Items of feeds: their own text as a document, and what they say under a page."""

import pickle
from datetime import UTC, datetime

import pytest

from schemas.article import Article
from schemas.document import RawDocument
from schemas.feed import Entry, Feed, feed_id
from schemas.rejection import Rejection
from tasks.clean.document import clean_document
from tasks.clean.entry import entry_document, page_document
from tasks.clean.feed_text import feed_text, feed_title, names_site
from tasks.clean.identity import article_id

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://www.quai.example/feed.xml"
FEED = Feed(feed_id=feed_id(URL), url=URL)
OTHER = Feed(feed_id=feed_id("https://other.example/rss"), url="https://other.example/rss")
PAGE_URL = "https://quai.example/local/pool-to-close-in-winter"
BODY = "The council voted on Tuesday to close the swimming pool, whose roof has been propped up since the winter storms of last year."
MORE = "The pool had been due to reopen in the spring, and nobody in the hall was able to say when the work would begin."
LONG = f"<p>{BODY}</p><p>{MORE}</p><p>{BODY} Again.</p>"


def entry(**fields):
    usual = {"key": "k", "digest": "d", "url": PAGE_URL, "title": "Pool to close", "published": "Thu, 19 Nov 2026 10:00:00 GMT"}
    return Entry.model_validate({**usual, **fields})


def cleaned(document: RawDocument) -> Article:
    found = clean_document(document, zone="UTC", now=NOW)
    assert isinstance(found, Article)
    return found


def item(**fields) -> Article:
    return cleaned(entry_document(entry(**fields), FEED, NOW))


def page(head="", body=f"<article>{LONG}</article>", **fields) -> Article:
    html = f"<html><head>{head}</head><body>{body}</body></html>".encode()
    return cleaned(page_document(entry(**fields), FEED, f"{PAGE_URL}?from=rss", html, NOW))


def roles(article):
    return [(block.role, block.reason, block.text) for block in article.removed]


def test_equal_items_are_equal_documents_at_the_place_of_their_page():
    one, again = (entry_document(entry(html=LONG, authors=("Ann Lee",)), FEED, NOW) for _ in range(2))
    there = page_document(entry(), FEED, "https://quai.example/a", b"<p>x</p>", NOW)
    assert one.body == again.body
    assert one.document_id == entry_document(entry(html=LONG, authors=("Ann Lee",)), OTHER, NOW).document_id
    assert one.document_id != entry_document(entry(html=LONG), FEED, NOW).document_id
    assert (one.origin, one.place, one.channel, one.source) == (URL, f"feed:{FEED.feed_id}#k", "feed", "quai.example")
    assert (there.origin, there.place, there.media_type, there.url) == (URL, one.place, "text/html", "https://quai.example/a")
    assert pickle.loads(pickle.dumps(there)) == there


@pytest.mark.parametrize(
    ("url", "feed", "source"),
    [
        (PAGE_URL, OTHER, "quai.example"),
        (None, OTHER, "other.example"),
        (None, Feed(feed_id=feed_id("x"), url="http://127.0.0.1:8000/f"), "127.0.0.1"),
    ],
)
def test_the_source_of_an_item_is_its_own_domain_else_that_of_the_feed(url, feed, source):
    assert entry_document(entry(url=url), feed, NOW).source == source


def test_an_item_with_its_whole_text_is_a_whole_article():
    article = item(
        html=f"<h2>Pool to close</h2>{LONG}",
        title="Pool to close &amp; to be sold",
        authors=("By Ann Lee", "AFP", "Le Quai"),
        section="Life &amp; town",
        language="en-GB",
        image_url="https://quai.example/pool.jpg",
        updated="2026-11-19T12:00:00Z",
    )
    assert article.text == f"Pool to close\n\n{BODY}\n\n{MORE}\n\n{BODY} Again."
    assert (article.title, article.byline, article.agency) == ("Pool to close & to be sold", ("Ann Lee",), ("AFP",))
    assert (article.section, article.declared_language, article.image_url) == ("Life & town", "en", "https://quai.example/pool.jpg")
    assert (article.published.at, article.published.found_in) == (datetime(2026, 11, 19, 10, tzinfo=UTC), "feed")
    assert (article.updated.at.hour, article.updated.found_in) == (12, "feed")
    assert (article.access, article.access_note, article.url, article.source) == ("full", None, PAGE_URL, "quai.example")


def test_a_text_that_begins_with_its_title_does_not_repeat_it():
    assert item(html=f"<h1>Pool to close</h1>{LONG}").text.startswith(BODY)


@pytest.mark.parametrize(
    ("html", "note"),
    [
        (f"<p>{BODY}</p>", "23 words"),
        (f"<p>{BODY} {MORE} {BODY} {MORE} [&#8230;]</p>", "ends with […]"),
        (f"<p>{BODY} {MORE} {BODY} and then the roof...</p>", "ends with …"),
        (f"{LONG} <a href='/x'>Continue reading <span>Pool to close</span> &rarr;</a>", "Continue reading Pool to close →"),
        (f"{LONG}<p><a href='/x'>Lire la suite</a></p>", "Lire la suite"),
        (None, "title only"),
    ],
)
def test_an_item_with_a_beginning_only_is_a_teaser_with_its_evidence(html, note):
    article = item(html=html)
    assert (article.access, article.access_note) == ("teaser", note)


def test_a_text_that_does_not_part_its_words_is_measured_by_its_characters():
    sentence = "市议会周二投票决定关闭游泳池，该池屋顶自去年冬季风暴以来一直由支柱支撑。"
    assert item(html=f"<p>{sentence * 30}</p>").access == "full"
    assert item(html=f"<p>{sentence}</p>").access == "teaser"


def test_a_short_text_without_a_page_is_the_whole_text():
    assert item(url=None, html=f"<p>{BODY}</p>").access == "full"


T = "Pool to close"
CREDIT = ("furniture", "feed_credit")
LINK = ("related", "feed_more")
MACHINE = ("furniture", "feed_machine")


@pytest.mark.parametrize(
    ("html", "kept", "cut"),
    [
        (f"<p>{BODY}</p><p>The post <a>Pool to close</a> appeared first on <a>Melby Post</a>.</p>", BODY, [CREDIT]),
        (f"<p>{BODY}</p><p>L’article <a>Piscine : la fin</a> est apparu en premier sur <a>Le Quai</a>.</p>", BODY, [CREDIT]),
        (f"<p>{BODY}</p><p>Der Beitrag Bad schließt erschien zuerst auf Hafenblatt.</p>", BODY, [CREDIT]),
        (f"<p>{BODY}</p><p>La entrada Cierra la piscina se publicó primero en El Muelle.</p>", BODY, [CREDIT]),
        (f"<p>{BODY}</p><p>L'articolo Chiude la piscina proviene da Il Molo.</p>", BODY, [CREDIT]),
        (f"<p>{BODY}</p><p>O post Piscina fecha apareceu primeiro em O Cais.</p>", BODY, [CREDIT]),
        (f"{BODY} [Read more...]", BODY, [LINK]),
        (f"<p>{BODY} <a>Lire la suite »</a></p>", BODY, [LINK]),
        (f"<p>{BODY}</p>Read more at Melby Post", BODY, [LINK]),
        (f"{BODY}<br/><a href='/c'>Comments</a>", BODY, [MACHINE]),
        (
            f"<div>{BODY}</div> &#32; submitted by &#32; <a>/u/ann</a> <br/> <span>[link]</span> <span>[comments]</span>",
            BODY,
            [MACHINE] * 2,
        ),
        ("<p>Comments URL: <a>https://b.example/1</a></p><p>Points: 12</p><p># Comments: 4</p>", "", [MACHINE] * 3),
        (f"<figure><img><figcaption>Photo: Ann Lee</figcaption></figure><p>{BODY}</p>", BODY, [("caption", "figcaption")]),
    ],
)
def test_what_programs_print_around_an_item_is_cut_with_its_reason(html, kept, cut):
    found = feed_text(html, T)
    assert (found.text, [(block.role, block.reason) for block in found.removed]) == (kept, cut)


@pytest.mark.parametrize(
    "last",
    [
        "He told the children to continue reading.",
        "The post office in Melby appeared first on the list of closures.",
        "The article on page four first appeared in spring, and nobody noticed.",
        "“Read more,” said the teacher. “Comments are welcome.”",
        "She read the book. Read more books than ever this year, the library says.",
        "Submitted by the council, the plan was refused.",
        "Le public attend toujours de lire la suite",
        "Nobody wanted to pay for more",
        "Der Rat verlangt mehr",
        "Comments by the mayor were not available.",
    ],
)
def test_texts_that_only_sound_like_it_are_left_alone(last):
    found = feed_text(f"<p>{BODY}</p><p>{last}</p>", T)
    assert (found.lines, found.removed, found.evidence) == ((BODY, last), (), None)


def test_markup_escaped_once_too_often_and_text_without_any_are_read():
    assert feed_text("&lt;p&gt;One &amp;amp; two.&lt;/p&gt;&lt;p&gt;Three.&lt;/p&gt;", None).lines == ("One & two.", "Three.")
    assert feed_text("One &amp; two.\n\nThree.", None).lines == ("One & two.", "Three.")
    assert feed_text("<p>Wrapped\nby a program,<br>then not.</p><script>x()</script>", None).lines == ("Wrapped by a program,", "then not.")
    assert feed_title("Pool <b>to</b> close &amp; &quot;more&quot;") == 'Pool to close & "more"'
    assert feed_title("  ") is None


@pytest.mark.parametrize(
    ("title", "domain", "same"),
    [
        ("Le Quai", "quai.example", True),
        ("le-quai.example", "le-quai.example", True),
        ("Melby Post", "melbypost.example", True),
        ("Quai ouvert au public", "quai.example", False),
        ("Le Quai", None, False),
        ("", "quai.example", False),
    ],
)
def test_a_title_that_only_repeats_the_name_of_the_site(title, domain, same):
    assert names_site(title, domain) is same


def test_such_a_title_is_none():
    assert item(title="Le Quai", html=LONG).title is None
    assert page("<title>Le Quai</title>").title == "Pool to close"
    assert page('<title>Quays</title><meta property="og:site_name" content="Quays">', "<h1>Quays</h1>" + LONG).title == "Pool to close"


def test_under_a_page_lies_what_its_feed_says():
    told = page(authors=("Ann Lee", "AFP"), section="Town", image_url="https://quai.example/p.jpg", language="fr_CH")
    assert (told.title, told.byline, told.agency) == ("Pool to close", ("Ann Lee",), ("AFP",))
    assert (told.section, told.image_url, told.declared_language) == ("Town", "https://quai.example/p.jpg", "fr")
    assert (told.published.raw, told.published.found_in) == ("Thu, 19 Nov 2026 10:00:00 GMT", "feed")
    assert (told.channel, told.canonical_url) == ("feed", f"{PAGE_URL}?from=rss")


def test_what_the_page_says_itself_stays():
    head = (
        '<title>The pool closes</title><meta property="og:title" content="The pool closes"><meta name="author" content="Tom Roe">'
        '<meta property="article:section" content="Sport"><meta property="article:published_time" content="2026-11-18T08:00:00Z">'
        '<meta property="article:modified_time" content="2026-11-18T09:00:00Z">'
    )
    told = page(head, authors=("Ann Lee",), section="Town", updated="2026-11-19T12:00:00Z")
    assert (told.title, told.byline, told.section) == ("The pool closes", ("Tom Roe",), "Sport")
    assert (told.published.found_in, told.published.at.day, told.updated.at.hour) == ("meta", 18, 9)


def test_the_feed_is_believed_before_a_date_printed_in_the_text():
    told = page(body=f"<article><p>By Tom Roe</p><p>12 November 2026</p>{LONG}</article>")
    assert (told.published.found_in, told.published.at.day) == ("feed", 19)


def test_an_update_counts_when_it_is_later():
    assert page(updated="Thu, 19 Nov 2026 10:00:00 GMT").updated is None
    assert page(updated="Thu, 19 Nov 2026 11:00:00 GMT").updated.at.hour == 11


def test_atom_leaves_out_the_date_of_publication_that_is_that_of_the_update():
    told = item(published=None, updated="2026-11-19T12:00:00Z", html=LONG)
    assert (told.published.at.hour, told.updated) == (12, None)
    assert page(title=None, published=None, updated="2026-11-19T12:00:00Z").published is None


@pytest.mark.parametrize("printed", ["Mon, 01 Jan 2041 00:00:00 GMT", "2026-11-23T00:00:00Z", "soon", "1980-01-01T00:00:00Z"])
@pytest.mark.parametrize("kind", [item, page])
def test_a_date_that_cannot_be_is_kept_as_printed_and_is_no_date(kind, printed):
    fields = {"html": LONG} if kind is item else {}
    told = kind(published=printed, updated="2041-01-01T00:00:00Z", **fields)
    assert (told.published, told.published_untrusted, told.updated) == (None, printed, None)


def test_a_date_that_cannot_be_does_not_stand_beside_one_that_is_known():
    head = '<meta property="article:published_time" content="2026-11-18T08:00:00Z">'
    told = page(head, published="Mon, 01 Jan 2041 00:00:00 GMT")
    assert (told.published.at.day, told.published_untrusted) == (18, None)


def test_zones_by_name_are_understood():
    assert item(html=LONG, published="Thu, 20 Jun 2024 10:00:00 CEST").published.at == datetime(2024, 6, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize("body", [b"", b"\x00\x01\x02\x03" * 99, b"<html><body></body></html>", b" " * 20_000_001])
def test_a_page_without_text_falls_back_to_the_text_of_its_feed(body):
    told = cleaned(page_document(entry(html=LONG), FEED, f"{PAGE_URL}-2", body, NOW))
    assert (told.text, told.title, told.access_note) == (f"{BODY}\n\n{MORE}\n\n{BODY} Again.", "Pool to close", "text from the feed")
    assert (told.url, told.access, told.published.found_in) == (f"{PAGE_URL}-2", "full", "feed")
    short = cleaned(page_document(entry(html=f"<p>{BODY}</p>"), FEED, PAGE_URL, body, NOW))
    assert (short.access, short.access_note) == ("teaser", "text from the feed; 23 words")


@pytest.mark.parametrize("html", [None, "", "<img src='x'>", "<a>Comments</a>"])
def test_a_page_without_text_whose_feed_has_none_is_rejected(html):
    found = clean_document(page_document(entry(html=html), FEED, PAGE_URL, b"", NOW), zone="UTC", now=NOW)
    assert isinstance(found, Rejection)
    assert found.reason == "empty"


def test_an_item_without_address_is_its_guid():
    one = item(url=None, guid="k", html=LONG)
    edited = item(url=None, guid="k", html=LONG.replace("Again", "Once more"))
    assert one.identity == f"guid:{FEED.feed_id}:k"
    assert article_id(one) == article_id(edited)
    assert article_id(one) != article_id(item(url=None, guid="l", key="l", html=LONG))
    assert article_id(one) != article_id(cleaned(entry_document(entry(url=None, guid="k", html=LONG), OTHER, NOW)))


def test_an_item_with_an_address_is_its_address_and_one_with_neither_its_text():
    assert item(guid="k", html=LONG).identity is None
    assert article_id(item(guid="k", html=LONG)) == article_id(item(guid="l", key="l", html=f"<p>{BODY}</p>"))
    shared = item(url=None, guid="1", key="text:abc", html=LONG)
    assert shared.identity is None
    assert article_id(shared) == article_id(item(url=None, guid="2", key="text:abd", html=LONG, title="Other"))


def test_a_feed_cannot_claim_the_address_of_another_article():
    html = f'<link rel="canonical" href="https://victim.example/story"><meta property="og:url" content="https://victim.example/s">{LONG}'
    told = item(html=html)
    assert (told.canonical_url, told.source) == (PAGE_URL, "quai.example")


@pytest.mark.parametrize("declared", ["https://quai.example/", "http://localhost/x", "https://quai.example/local"])
def test_a_page_that_names_the_front_page_as_itself_keeps_its_own_address(declared):
    assert page(f'<link rel="canonical" href="{declared}">').canonical_url == f"{PAGE_URL}?from=rss"
    assert page(f'<meta property="og:url" content="{declared}">').canonical_url == f"{PAGE_URL}?from=rss"


@pytest.mark.parametrize(
    "html",
    [
        "<figcaption>" * 50_000,
        "<p>" * 200_000,
        "&lt;" * 200_000,
        "Read more " * 50_000,
        "The post " * 20_000,
        "[" * 300_000,
        "<!--" * 50_000,
        "submitted by /u/" + "x" * 300_000,
        "comments " * 40_000,
        "\ud800\x00\x1b",
    ],
)
def test_hostile_items_are_read_or_refused_and_nothing_else(html):
    found = clean_document(entry_document(entry(html=html, title=html[:5000]), FEED, NOW), zone="UTC", now=NOW)
    assert isinstance(found, Article | Rejection)
