"""OPML, in which readers exchange feed lists: 1.0 and 2.0 in, 2.0 out."""

import re
from collections.abc import Iterable
from typing import Any

from schemas.errors import UsageError
from schemas.feed import Feed, feed_id
from tasks.fetch.charset import feed_text
from tasks.fetch.entries import clean, link
from tasks.fetch.prefilter import without_controls

MOST_BYTES = 15 * 2**20
"""Of an OPML file; 50,000 feeds need about that."""
DEEPEST = 20
"""Folders in folders; deeper ones are joined to this level."""
SLASH = "\u2215"
"""What a slash in the name of a folder becomes, because `/` parts the folders."""
_OWN = ("text", "title", "type", "xmlUrl", "htmlUrl")
"""Attributes that have a field of their own or are the same for every feed."""


def read_opml(body: bytes) -> list[Feed]:
    """Return the feeds of an OPML file, each address once, with the folders they lie in; UsageError for what is no OPML."""
    root = _tree(body)
    top = next((node for node in root if _name(node) == "body"), None)
    if top is None:
        raise UsageError("The OPML file has no body, so no feeds can be read from it.")
    feeds: dict[str, Feed] = {}
    waiting: list[tuple[Any, tuple[str, ...]]] = [(node, ()) for node in reversed(top)]
    while waiting:
        node, folders = waiting.pop()
        if _name(node) != "outline":
            continue
        feed = _feed(node, folders)
        if feed:
            feeds.setdefault(feed.url, feed)
        name = clean(node.get("text") or node.get("title"))
        inner = (*folders, name.replace("/", SLASH)) if name and not feed and len(folders) < DEEPEST else folders
        waiting += [(child, inner) for child in reversed(node)]
    return list(feeds.values())


def _tree(body: bytes) -> Any:
    from lxml import etree

    if len(body) > MOST_BYTES:
        raise UsageError(f"The OPML file is larger than {MOST_BYTES // 2**20} MB; split it.")
    text = without_controls(feed_text(body, None))
    if "<!ENTITY" in text.upper():
        raise UsageError("The OPML file declares entities, which feed lists have no use for; remove its DOCTYPE.")
    bare = re.sub(r"^\s*<\?xml[^>]*>", "", text)
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(bare.strip().encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UsageError(f"The file is no OPML that can be read: {str(error)[:200]}.") from error
    if _name(root) != "opml":
        raise UsageError(f"The file is no OPML: its root element is <{_name(root)[:40]}>.")
    return root


def _name(node: Any) -> str:
    return node.tag.rpartition("}")[2].lower() if isinstance(node.tag, str) else ""


def _feed(node: Any, folders: tuple[str, ...]) -> Feed | None:
    plain = {key.lower(): value for key, value in node.attrib.items()}
    url = link(plain.get("xmlurl"), "")
    if url is None:
        return None
    title = clean(plain.get("title") or plain.get("text"))
    shown = clean(plain.get("text"))
    kept = tuple((key, value) for key, value in node.attrib.items() if key.lower() not in _LOWER)
    if shown and title and shown not in (title, url):
        kept = (("text", shown), *kept)  # what readers show, where that is not the title
    return Feed(
        feed_id=feed_id(url),
        url=url,
        title=title if title != url else None,  # which is what an outline is called whose feed has no title
        site_url=link(plain.get("htmlurl"), url),
        folder="/".join(folders) or None,
        attributes=kept,
    )


_LOWER = frozenset(name.lower() for name in _OWN)


def write_opml(feeds: Iterable[Feed], title: str) -> str:
    """Return an OPML 2.0 document of the feeds, folders as nested outlines, in their order with folders first met first."""
    from lxml import etree

    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = clean(title) or "Feeds"
    folders: dict[tuple[str, ...], Any] = {(): etree.SubElement(root, "body")}
    for feed in feeds:
        parent = _folder(folders, tuple((feed.folder or "").split("/")) if feed.folder else ())
        node = etree.SubElement(parent, "outline", type="rss", text=clean(feed.title) or feed.url, xmlUrl=feed.url)
        if feed.title:
            node.set("title", clean(feed.title) or feed.url)
        if feed.site_url:
            node.set("htmlUrl", feed.site_url)
        for key, value in feed.attributes:
            _set(node, key, value)
    etree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode") + "\n"


def _folder(folders: dict[tuple[str, ...], Any], path: tuple[str, ...]) -> Any:
    from lxml import etree

    for depth in range(1, len(path) + 1):
        if path[:depth] not in folders:
            folders[path[:depth]] = etree.SubElement(folders[path[: depth - 1]], "outline", text=clean(path[depth - 1]) or "-")
    return folders[path]


def _set(node: Any, key: str, value: str) -> None:
    """Give an outline an attribute that it came with; what no attribute can be called is left out."""
    try:
        node.set(key, clean(value) or "")
    except ValueError:
        return
