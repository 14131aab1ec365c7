"""What identifies an item of a feed, what it says, its addresses and its dates."""

import hashlib
import html
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from schemas.article import Stamp
from schemas.feed import Entry
from tasks.clean.dates import Clock
from tasks.clean.stamps import feed_stamp
from tasks.clean.values import declared_code

MOST_URL = 2048
"""Characters of the longest address: beyond it are data and mistakes, and servers refuse them."""
MOST_TITLE = 2000
"""Characters of the longest title; what is longer is text in the wrong place."""
MOST_KEY = 512
"""Characters up to which a guid or link is its own key; a longer one is hashed."""
MOST_NAME = 120
"""Characters of the longest author's name."""
MOST_AUTHORS = 20
MOST_HTML = 1_000_000
"""Characters of the text of one item: five hundred pages of print."""
_MOST = {"html": MOST_HTML, "guid": 10_000, "published": 100, "updated": 100, "language": 100, "section": 200}
"""Characters of the fields."""
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_HIDDEN = re.compile(r"<!--(?:.*?-->|.*)|<(script|style)\b(?:.*?</\1\s*>|.*)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?([A-Za-z][\w:-]*)[^<>]*>|<[!?][^<>]*>")
_INLINE = re.compile(
    r"a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|img|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|time|tt|u|var|wbr",
    re.IGNORECASE,
)
"""Elements that stand inside words; every other one parts them."""
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,190}")
_LISTED = re.compile(r"[;|•\n]|\s/\s")
_AND = re.compile(r"\s(?:and|et|und|&)\s", re.IGNORECASE)
_JOINED = re.compile(r",?\s+(?:and|et|und|&)\s+|,\s*", re.IGNORECASE)
_EMPTY = re.compile(r"[(\[<]\s*[)\]>]")
_BY = re.compile(r"^(?:by|par|von|por|di|propos recueillis par)\s*:?\s+(?=\S)", re.IGNORECASE)


class Draft(NamedTuple):
    """An item as a format's parser hands it over, before it has a key."""

    guid: str | None = None
    url: str | None = None
    title: str | None = None
    html: str | None = None
    published: str | None = None
    updated: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    section: str | None = None
    image_url: str | None = None


def keyed(drafts: Iterable[Draft]) -> tuple[Entry, ...]:
    """Return the items with their keys, equal ones once: guid if no other item has it, else link likewise, else a hash of what they say."""
    told: dict[tuple[str | None, str | None, str], Draft] = {}
    for draft in map(_bounded, drafts):
        if any((draft.guid, draft.url, draft.title, draft.html)):
            told.setdefault((draft.guid, draft.url, _said(draft)), draft)
    items = list(told.items())
    guids = Counter(draft.guid for _, draft in items)
    urls = Counter(draft.url for _, draft in items)
    return tuple(
        Entry(key=_key(draft, said, guids[draft.guid] == 1, urls[draft.url] == 1), digest=said, **draft._asdict())
        for (_, _, said), draft in items
    )


def _said(draft: Draft) -> str:
    """Return the hash of what an item says; an address alone (of a sitemap) says when it was changed, and nothing else."""
    return digest(draft.title, draft.html) if draft.title or draft.html else _hash(draft.updated or "")


def _bounded(draft: Draft) -> Draft:
    """Return the item with no field longer than it can honestly be; title, address and authors are bounded where they are read."""
    cut = {name: value[:most] for name, most in _MOST.items() if (value := getattr(draft, name)) and len(value) > most}
    return draft._replace(**cut)


def _key(draft: Draft, said: str, guid_alone: bool, url_alone: bool) -> str:
    key = draft.guid if draft.guid and guid_alone else draft.url if draft.url and url_alone else None
    if key is None:
        return f"text:{said}" if draft.title or draft.html else f"text:{_hash(f'{draft.guid} {draft.url}')}"
    return key if len(key) <= MOST_KEY else f"long:{_hash(key)}"


def digest(title: str | None, body: str | None) -> str:
    """Return a hash of the words of title and body: markup, images, white space and punctuation do not count, dates and links neither."""
    words = re.findall(r"\w+", plain(body or ""))
    return _hash(" ".join(re.findall(r"\w+", title or "")) + "\n" + " ".join(words))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:32]


def plain(markup: str) -> str:
    """Return the text of a piece of HTML, entities decoded once; only for comparing, not for reading."""
    bare = _HIDDEN.sub(" ", markup) if "<" in markup else markup
    return html.unescape(_TAG.sub(_gap, bare))


def _gap(match: re.Match[str]) -> str:
    return "" if match[1] and _INLINE.fullmatch(match[1]) else " "


def clean(text: str | None) -> str | None:
    """Return the text without control characters and outer white space, or None when nothing is left."""
    return (_CONTROLS.sub("", text).strip() or None) if text else None


def title_text(text: str | None, *, markup: bool = True) -> str | None:
    """Return a title in one line, entities decoded once and, where it may hold any, markup removed."""
    if not text:
        return None
    bare = plain(text[: 4 * MOST_TITLE]) if markup else html.unescape(text[:MOST_TITLE])
    return clean(" ".join(bare.split())[:MOST_TITLE])


def text_html(text: str) -> str:
    """Return plain text as HTML, its paragraphs as paragraphs."""
    parts = [part.strip() for part in re.split(r"\n[^\S\n]*\n", text)]
    return "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in parts if part)


def link(address: object, base: str) -> str | None:
    """Return an absolute http(s) address of at most MOST_URL characters, or None; relative ones are completed with `base`."""
    if not isinstance(address, str) or not address or len(address) > 2 * MOST_URL:
        return None
    printed = re.sub(r"[\t\r\n]", "", _CONTROLS.sub("", address)).strip().replace(" ", "%20")
    if printed.lower().startswith("www."):
        printed = f"//{printed}"
    try:
        url = urljoin(base, printed)
        parts = urlsplit(url)
        usable = bool(printed) and parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return None
    return url if usable and len(url) <= MOST_URL else None


def names(printed: Iterable[str]) -> tuple[str, ...]:
    """Return the names of authors, each once: mail addresses and "by" go, lists are split; a lone mail address is no name."""
    found: dict[str, None] = {}
    for text in printed:
        bare = _TAG.sub(" ", html.unescape(_MAIL.sub(" ", text[:1000])))
        lines = "\n".join(" ".join(line.split()) for line in bare.splitlines())
        for part in _LISTED.split(lines):
            for name in _persons(part):
                found.setdefault(name)
    return tuple(found)[:MOST_AUTHORS]


def _persons(part: str) -> list[str]:
    """Return the names in a part of a list; `Smith, John` is one person, `Ann Smith, Bo Lee` are two."""
    text = _BY.sub("", _bare_name(clean(part) or ""))
    pieces = [_bare_name(piece) for piece in _JOINED.split(text)]
    several = _AND.search(text) is not None or all(" " in piece for piece in pieces)
    chosen = pieces if several else [text]
    return [name for name in chosen if name and len(name) <= MOST_NAME and any(c.isalpha() for c in name) and "://" not in name]


def _bare_name(text: str) -> str:
    """Return a name without the brackets around it or the empty ones that a mail address has left."""
    text = _EMPTY.sub(" ", text).strip(" ,;:-–·")
    return text[1:-1].strip() if text.startswith("(") and text.endswith(")") else text


def entry_dates(entry: Entry, clock: Clock) -> tuple[Stamp | None, Stamp | None]:
    """Return (published, updated) of an item; None for what is no date, older than the web or more than two days after `clock.now`.

    Atom demands `updated` and leaves `published` out when both are the same, so an item that says something and has
    only the former was published then. An address alone (of a sitemap) has only the date of its last change.
    """
    language = declared_code(entry.language)
    published, updated = (feed_stamp(printed, language, clock) for printed in (entry.published, entry.updated))
    if published is None and not entry.published and (entry.title or entry.html):
        published = updated
    return published, updated
