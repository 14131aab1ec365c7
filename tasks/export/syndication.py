"""JSON Feed 1.1 and RSS 2.0: the chosen articles as a feed that any reader takes.

Forms after jsonfeed.org/version/1.1 and the RSS 2.0 specification; what RSS lacks is said in the Dublin Core and content modules.
"""

import json
import re
from collections.abc import Iterable, Iterator
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from tasks.export.articles import address, filled, moment, urn
from tasks.store.reading.browse import Found

TITLE = "Wirehouse"
HOME = "urn:wirehouse:export"
"""The link that RSS asks for: a store stands nowhere on the web."""
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document may hold."""
RSS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">\n<channel>\n'
)
RSS_TAIL = "</channel>\n</rss>\n"


def json_feed(rows: Iterable[Found], about: str) -> Iterator[str]:
    """Yield the pieces of a JSON Feed of these articles; `about` says what they are."""
    head = {"version": "https://jsonfeed.org/version/1.1", "title": TITLE, "description": about}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": ['
    lead = "\n"
    for row in rows:
        yield lead + json.dumps(_item(row), ensure_ascii=False)
        lead = ",\n"
    yield "\n]}\n"


def _item(row: Found) -> dict[str, object]:
    ours = {"source": row["source"], "story_id": str(row["story_id"]), "access": row["access"], "version": row["version"]}
    return filled(
        {
            "id": urn(row["article_id"]),
            "url": address(row),
            "title": row["title"],
            "content_text": row["text"],
            "summary": row["dek"],
            "image": row["image_url"],
            "date_published": moment(row["published_at"]),
            "date_modified": moment(row["updated_at"]),
            "authors": [{"name": name} for name in (*row["byline"], *row["agency"])],
            "tags": [one["name"] for one in row["topics"]],
            "language": row["language"],
            "_wirehouse": ours,
        }
    )


def rss(rows: Iterable[Found], about: str) -> Iterator[str]:
    """Yield the pieces of an RSS 2.0 feed of these articles; `about` says what they are."""
    yield RSS_HEAD + "".join((_element("title", TITLE), _element("link", HOME), _element("description", about)))
    for row in rows:
        yield f"<item>\n{''.join(_elements(row))}</item>\n"
    yield RSS_TAIL


def _elements(row: Found) -> Iterator[str]:
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in row["text"].split("\n\n"))
    yield _element("title", row["title"])
    yield _element("link", address(row))
    yield _element("guid", urn(row["article_id"]), ' isPermaLink="false"')
    yield _element("pubDate", row["published_at"] and format_datetime(row["published_at"]))
    yield _element("description", row["dek"] or row["text"].partition("\n\n")[0])
    yield _element("content:encoded", paragraphs)
    yield from (_element("dc:creator", name) for name in (*row["byline"], *row["agency"]))
    yield from (_element("category", one["name"], f" domain={quoteattr(one['topic_id'])}") for one in row["topics"])
    yield _element("dc:language", row["language"])
    yield _element("dc:source", row["source"])


def _element(name: str, value: str | None, attributes: str = "") -> str:
    return f"<{name}{attributes}>{escape(NOT_XML.sub('', value))}</{name}>\n" if value else ""
