import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import UsageError
from schemas.feed import Feed, feed_id
from tasks.fetch.opml import read_opml, write_opml

NESTED = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0" xmlns:r="https://reader.example/ns">
  <head><title>My feeds</title></head>
  <body>
    <outline text="Top" type="rss" xmlUrl="https://a.example/rss" htmlUrl="https://a.example/" title="A &amp; co"
      r:keep="5" category="/x,/y"/>
    <outline text="News">
      <outline text="Valley" title="Valley">
        <outline text="B" type="atom" xmlUrl="https://b.example/atom" language="de"/>
        <outline text="A again" type="rss" xmlUrl="https://a.example/rss"/>
      </outline>
      <outline text="C" xmlurl="https://c.example/feed"/>
      <outline text="A link" type="link" url="https://d.example/"/>
    </outline>
  </body>
</opml>"""


def feed(url: str, **values: object) -> Feed:
    return Feed.model_validate({"feed_id": feed_id(url), "url": url, **values})


def test_folders_types_and_unknown_attributes_are_read() -> None:
    assert read_opml(NESTED.encode()) == [
        feed(
            "https://a.example/rss",
            title="A & co",
            site_url="https://a.example/",
            attributes=(("text", "Top"), ("{https://reader.example/ns}keep", "5"), ("category", "/x,/y")),
        ),
        feed("https://b.example/atom", title="B", folder="News/Valley", attributes=(("language", "de"),)),
        feed("https://c.example/feed", title="C", folder="News"),
    ]


def test_version_1_and_old_charsets_are_read() -> None:
    old = '<?xml version="1.0" encoding="ISO-8859-1"?><opml version="1.0"><head/><body><outline text="Été" xmlUrl="http://e.example/?a=1&amp;b=2"/></body></opml>'
    assert read_opml(old.encode("latin-1")) == [feed("http://e.example/?a=1&b=2", title="Été")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"<rss/>",
        b"<opml version='2.0'></opml>",
        b"<opml><body><outline",
        b"\x00\xff\xfe",
        b'<!DOCTYPE opml [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><opml><body><outline text="&b;" xmlUrl="https://a.example/"/></body></opml>',
        b'<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body><outline text="&a;" xmlUrl="https://a.example/"/></body></opml>',
        b"<opml><body>" + b"<outline>" * 100_000,
        b" " * (16 * 2**20),
    ],
)
def test_what_is_no_opml_is_told_in_a_sentence(body: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        read_opml(body)
    assert str(caught.value).startswith("The ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_outlines_without_a_web_address_are_left_out() -> None:
    rows = "".join(f'<outline text="x" xmlUrl="{url}"/>' for url in ("", "javascript:1", "file:///etc/passwd", "/relative"))
    assert read_opml(f"<opml><body>{rows}</body></opml>".encode()) == []


def test_what_is_written_is_stable_and_escaped() -> None:
    written = write_opml(
        [feed("https://a.example/?x=1&y=2", title='"A" <b>', folder="One/Two"), feed("https://b.example/", folder="One")], "Mine & yours"
    )
    assert written == write_opml(read_opml(written.encode()), "Mine & yours")
    assert written.splitlines()[:3] == ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">', "  <head>"]
    assert '<outline text="One">' in written
    assert 'xmlUrl="https://a.example/?x=1&amp;y=2"' in written


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Cn", "Co"]), min_size=1, max_size=20).map(str.strip).filter(bool)
FOLDERS = st.lists(WORDS.filter(lambda word: "/" not in word), min_size=1, max_size=4).map("/".join)
NAMES = st.sampled_from(["category", "language", "{https://reader.example/ns}keep", "{https://other.example/}id", "maxAge", "comment"])
FEEDS = st.builds(
    lambda host, title, folder, attributes: feed(
        f"https://{host}.example/feed",
        title=title,
        folder=folder,
        site_url=f"https://{host}.example/",
        attributes=tuple(attributes.items()),
    ),
    st.from_regex(r"[a-z]{1,12}", fullmatch=True),
    st.none() | WORDS,
    st.none() | FOLDERS,
    st.dictionaries(NAMES, WORDS, max_size=4),
)


def told(feeds: list[Feed]) -> dict[str, object]:
    return {each.url: (each.title or each.url, each.folder, each.site_url, dict(each.attributes)) for each in feeds}


@settings(deadline=None)
@given(st.lists(FEEDS, max_size=12, unique_by=lambda each: each.url), WORDS)
def test_every_list_survives_the_round_trip(feeds: list[Feed], title: str) -> None:
    written = write_opml(feeds, title)
    read = read_opml(written.encode())
    assert told(read) == told(feeds)
    assert write_opml(read_opml(write_opml(read, title).encode()), title) == write_opml(read, title)
