import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.feed import Entry, NotParsed, ParsedFeed
from tasks.costs import Watch
from tasks.fetch.feeds import ToParse, parse_feed
from tasks.fetch.frame import MOST_VALUE
from tasks.fetch.prefilter import (
    DEEPEST,
    MOST_ATTRIBUTES,
    MOST_BRACKETS,
    MOST_ITEMS,
    MOST_PREFIXES,
    MOST_REFERENCES,
    MOST_TAGS,
    MOST_TAGS_AT_ALL,
    bounded,
)

DATA = Path(__file__).parents[2] / "data" / "fetch"
URL = "https://fetched.example/feeds/"


def parse(body: bytes, content_type: str | None = None) -> ParsedFeed | NotParsed:
    return parse_feed(ToParse(body, f"{URL}feed.xml", content_type), Watch())


def good(body: bytes, content_type: str | None = None) -> ParsedFeed:
    feed = parse(body, content_type)
    assert isinstance(feed, ParsedFeed), feed
    return feed


def rss(items: str) -> bytes:
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>https://e.example/</link>{items}</channel></rss>'.encode()
    )


def only(items: str) -> Entry:
    (entry,) = good(rss(items)).entries
    return entry


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.iterdir() if not path.name.endswith(".expected.json")))
def test_feed_beside_what_is_found_in_it(name: str) -> None:
    feed = parse_feed(ToParse((DATA / name).read_bytes(), f"{URL}{name}", None), Watch())
    found = feed.model_dump(mode="json", exclude_defaults=True)
    for entry in found.get("entries", []):
        assert len(entry.pop("digest")) == 32
        entry["key"] = "text:" if entry["key"].startswith("text:") else entry["key"]
    for field in {"skip_hours", "skip_days"} & found.keys():
        found[field] = sorted(found[field])
    assert found == json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"<!DOCTYPE html><html><head><title>x</title></head></html>", "not_a_feed"),
        (b"<html><body>Down for maintenance</body></html>", "not_a_feed"),
        (b"Not Found", "not_a_feed"),
        (b'<?xml version="1.0"?><opml version="2.0"><body/></opml>', "not_a_feed"),
        (b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><x/></rdf:RDF>', "not_a_feed"),
        (b'<config><feed url="https://e.example/"/></config>', "not_a_feed"),
        (b"<feed><product>1</product></feed>", "not_a_feed"),
        (b'<rss version="2.0"'[:3], "not_a_feed"),
        (b'{"error": "no such feed"}', "not_a_feed"),
        (b'{"items": [', "not_a_feed"),
        (b"[1, 2]", "not_a_feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_a_feed"),
        (b"[" * 100_000, "parser_limit"),
    ],
)
def test_what_is_no_feed_says_why(body: bytes, reason: str) -> None:
    answer = parse(body, "application/rss+xml")
    assert isinstance(answer, NotParsed)
    assert answer.reason == reason


@pytest.mark.parametrize(
    "body",
    [
        rss(""),
        b"<rss/>",
        b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>',
        b'{"version": "https://jsonfeed.org/version/1", "items": []}',
        b"<urlset></urlset>",
        b'<!-- a --><?xml-stylesheet href="x"?><a:feed xmlns:a="http://www.w3.org/2005/Atom"></a:feed>',
    ],
)
def test_a_feed_without_items_is_a_feed(body: bytes) -> None:
    feed = good(body, "text/html")
    assert feed.entries == ()
    assert feed.complete


BILLION = b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?>' + BILLION + rss("<item><title>&c;</title></item>")[21:],
        b'<!DOCTYPE x [<!ENTITY a "' + b"x" * (MOST_VALUE + 1) + b'">]>' + rss("<item><title>&a;</title></item>")[21:],
        b'<!DOCTYPE x [<!ENTITY a "' + b"x" * MOST_VALUE + b'">]>' + rss(f"<item><title>{'&a;' * 20_000}</title></item>")[21:],
        b"<!DOCTYPE x [" + b"".join(b'<!ENTITY e%d "x">' % i for i in range(400)) + b"]>" + rss("")[21:],
        rss("<item>" + "<a>" * (DEEPEST + 1) + "</item>"),
        rss("<item " + " ".join(f'a{i}="1"' for i in range(MOST_ATTRIBUTES + 1)) + "></item>"),
        rss("".join(f'<x{i}:a xmlns:x{i}="u:{i}"/>' for i in range(MOST_PREFIXES + 1))),
        rss("<item><title>x</title>" * 2 * DEEPEST),
        rss("<" * (MOST_BRACKETS + 1)),
        rss(f"<item><title>x</title><author><contributor></contributor>{'a' * 65_536}</author></item>"),
        rss("&" * (MOST_REFERENCES + 1)),
        rss("<item>" + "<link/>" * MOST_TAGS_AT_ALL + "</item>"),
    ],
)
def test_a_body_that_would_cost_too_much_is_not_parsed(body: bytes) -> None:
    answer = parse(body)
    assert isinstance(answer, NotParsed)
    assert answer.reason == "parser_limit"


def test_a_packed_body_larger_than_the_limit_is_not_unpacked() -> None:
    answer = parse(gzip.compress(bytes(16 * 2**20)))
    assert answer == NotParsed(reason="parser_limit", detail="unpacks to more than 15728640 bytes")


def test_a_packed_feed_is_unpacked() -> None:
    assert len(good(gzip.compress(rss("<item><title>x</title></item>"))).entries) == 1


def test_external_entities_stay_what_they_are(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not tell", encoding="utf-8")
    body = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}"><!ENTITY % p SYSTEM "http://127.0.0.1:9/">%p;]>'.encode()
    )
    feed = good(body + rss("<item><title>a &s; b</title></item>")[21:])
    assert "do not tell" not in feed.model_dump_json()
    assert feed.entries[0].title == "a &s; b"


def test_long_authors_and_lists_of_categories_are_cut() -> None:
    names = f"<author>{'a' * 65_536}</author>"
    categories = "".join(f"<category>c{i}</category>" for i in range(10_000))
    entry = only(f"<item><title>x</title>{names}{categories}</item>")
    assert [len(name) for name in entry.authors] == [64]
    assert entry.section == "c0"


def test_an_author_of_several_elements_stays_whole() -> None:
    first = f"<author><name>Ann Lee</name><uri>https://e.example/{'x' * 90}</uri></author>"
    people = f"{first}<author><uri>https://e.example/</uri><name>Bo Moor</name></author>"
    entry = good(f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>x</title>{people}</entry></feed>'.encode()).entries[0]
    assert entry.authors == ("Ann Lee", "Bo Moor")


def test_more_items_than_the_limit_are_left_out_from_the_end() -> None:
    items = [f"<item><title>n{number}</title></item>" for number in range(MOST_ITEMS + 500)]
    text = bounded(f"<rss><channel>{''.join(items)}<ttl>5</ttl></channel></rss>")
    assert text == f"<rss><channel>{''.join(items[:MOST_ITEMS])}<ttl>5</ttl></channel></rss>"


def test_after_a_quarter_million_tags_no_item_is_begun() -> None:
    item = f"<item>{'<link>x</link>' * (MOST_TAGS // 8)}</item>"
    text = bounded(f"<rss><channel>{item * 6}</channel></rss>")
    assert text == f"<rss><channel>{item * 4}</channel></rss>"


ITEMS = "<item><title>one</title></item><item><title>two</title></item>"


@pytest.mark.parametrize(
    ("body", "titles"),
    [
        (rss(ITEMS + "<item><title>thr")[: -len("</channel></rss>")], ["one", "two"]),
        (rss(ITEMS)[: -len("</channel></rss>")], ["one"]),
        (rss("<item><description><![CDATA[</rss>]]></description><title>one</title></item><item><tit")[:-20], ["one"]),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>one</title></entry><entry><id>urn:', ["one"]),
        (b"<urlset><url><loc>https://e.example/1</loc></url><url><loc>https://e.exam", [None]),
    ],
)
def test_of_a_feed_that_breaks_off_the_last_item_is_left_out(body: bytes, titles: list[str | None]) -> None:
    feed = good(body)
    assert not feed.complete
    assert [entry.title for entry in feed.entries] == titles


def test_of_a_json_feed_that_breaks_off_the_whole_items_are_kept() -> None:
    body = b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "title": "one"}, {"id": "2", "title": "two'
    feed = good(body)
    assert (feed.title, feed.complete, [entry.title for entry in feed.entries]) == ("T", False, ["one"])


def test_a_feed_whose_outermost_end_alone_is_missing_is_whole() -> None:
    feed = good(rss(ITEMS)[: -len("</rss>")])
    assert (len(feed.entries), feed.complete) == (2, True)


WORDS = "Café déjà vu – l’été « œuvre »"


@pytest.mark.parametrize(
    ("encoding", "prolog", "header"),
    [
        ("utf-8", "utf-8", None),
        ("utf-8", "iso-8859-1", None),
        ("utf-8", "utf-8", "text/xml; charset=iso-8859-1"),
        ("utf-8", "utf-8", "text/xml"),
        ("cp1252", "iso-8859-1", None),
        ("cp1252", "utf-8", "application/xml; charset=utf-8"),
        ("cp1252", "windows-1252", "text/xml; charset=utf-8"),
        ("utf-16", "utf-16", "text/xml; charset=utf-8"),
        ("utf-16-le", "utf-8", None),
        ("utf-16-be", "utf-16", None),
        ("utf-8-sig", "us-ascii", None),
    ],
)
def test_the_best_decoding_is_found(encoding: str, prolog: str, header: str | None) -> None:
    text = f'<?xml version="1.0" encoding="{prolog}"?><rss version="2.0"><channel><item><title>{WORDS}</title></item></channel></rss>'
    assert good(text.encode(encoding), header).entries[0].title == WORDS


@pytest.mark.parametrize(
    ("words", "encoding", "header"),
    [
        ("Новости дня: мост открыт", "windows-1251", "text/xml; charset=iso-8859-1"),
        ("Новости дня: мост открыт", "koi8-r", None),
        ("新聞の見出しです", "shift_jis", None),
        ("新聞の見出しです", "iso-2022-jp", None),
        ("新闻标题", "gb2312", None),
    ],
)
def test_declared_charsets_are_honoured(words: str, encoding: str, header: str | None) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"><channel><item><title>{words}</title></item></channel></rss>'
    assert good(text.encode(encoding), header).entries[0].title == words


def test_single_bytes_of_windows_1252_in_utf_8_are_read_as_such() -> None:
    body = rss("<item><title>Déjà vu @ l'été</title></item>").replace(b"@", b"\x93caf\xe9\x94")
    assert good(body).entries[0].title == "Déjà vu “café” l'été"


def test_control_characters_are_gone_written_out_or_as_references() -> None:
    entry = only(
        "<item><title>a\x00\x08b&#7;c&#x1F;d&#xD800;&#99999999999;</title><guid>\x01g</guid><description>x\x0c&amp;#0;y</description></item>"
    )
    assert (entry.title, entry.guid) == ("abcd", "g")
    assert entry.html is not None
    assert not any(ord(char) < 32 for char in entry.html)


def test_the_fullest_text_is_taken() -> None:
    item = "<item><title>t</title><description>The whole long text of the article stands here.</description>"
    media = '<media:description xmlns:media="http://search.yahoo.com/mrss/">A caption.</media:description></item>'
    assert only(item + media).html == "The whole long text of the article stands here."


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ("<link>https://e.example/a</link>", "https://e.example/a"),
        ("<link> \n https://e.example/a b \n</link>", "https://e.example/a%20b"),
        ("<link>/x?a=1&amp;b=2</link>", "https://e.example/x?a=1&b=2"),
        ("<link>www.e.example/a</link>", "https://www.e.example/a"),
        ("<guid>12345</guid>", None),
        ('<guid isPermaLink="false">https://e.example/g</guid>', "https://e.example/g"),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>ftp://e.example/a</link>", None),
        ("<link>file:///etc/passwd</link>", None),
        ("<link>https://[::1</link>", None),
        (f"<link>https://e.example/{'a' * 2048}</link>", None),
        ("<link>https://e.example:99999/</link>", None),
        ('<enclosure url="https://e.example/a.mp3" type="audio/mpeg"/>', None),
    ],
)
def test_links_are_absolute_addresses_of_the_web(fields: str, url: str | None) -> None:
    assert only(f"<item><title>t</title>{fields}</item>").url == url


@pytest.mark.parametrize(
    ("hint", "minutes"),
    [
        ("<ttl>60</ttl>", 60),
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>1e9</ttl>", None),
        ("", None),
    ],
)
def test_ttl_is_minutes_or_nothing(hint: str, minutes: float | None) -> None:
    assert good(rss(hint)).ttl_minutes == minutes


def test_an_element_that_ends_without_beginning_does_not_cost_the_feed() -> None:
    assert [entry.title for entry in good(rss("<item><title>one</title></width></item>")).entries] == ["one"]


def test_parsing_is_counted_as_its_own_stage() -> None:
    watch = Watch()
    parse_feed(ToParse(rss(""), URL, None), watch)
    assert [(cost.stage, cost.documents) for cost in watch.costs] == [("parse", 1)]


BLANK = "~"
"""Stands for a blank inside a piece."""
PIECES = (
    """<rss> <channel> <item> </item> <title> </title> <link> <![CDATA[ ]]> <!-- --> &amp; &#xD800; &#0; < > " [ { } ] \xe9 \x00 <entry>
    <feed~xmlns='http://www.w3.org/2005/Atom'> </author> <!DOCTYPE~x~[ ]> <?xml~version='1.0'?> <rdf:RDF> <urlset> <url> <loc>
    <author> <sitemapindex> http://[ <a~xml:base='http://[x'> <content~type='xhtml'> <content~type='x'>
    <pubDate> </pubDate> <link~href='http://]/'/>
    <name> <email> </name> <media:rating> </media:rating> <textInput> <image> <source> </source> <width> </width>
    {"items":[ "version":"jsonfeed" """
).encode("latin-1")
SOUP = st.lists(st.sampled_from(PIECES.split()), max_size=30).map(lambda pieces: b"".join(pieces).replace(BLANK.encode(), b" "))


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), SOUP),
    st.sampled_from([None, "text/xml; charset=x", "text/html"]),
)
def test_nothing_raises(body: bytes, content_type: str | None) -> None:
    answer = parse(body, content_type)
    assert isinstance(answer, ParsedFeed | NotParsed)
    assert "Error" not in answer.model_dump_json()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = (
    "id",
    "url",
    "external_url",
    "title",
    "content_html",
    "content_text",
    "summary",
    "date_published",
    "authors",
    "tags",
    "image",
    "language",
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5) | JSON, max_size=4), JSON)
def test_any_values_in_a_json_feed_are_read(items: object, odd: object) -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": items,
        "title": odd,
        "home_page_url": odd,
        "authors": odd,
        "language": odd,
    }
    assert isinstance(parse(json.dumps(feed).encode()), ParsedFeed)
