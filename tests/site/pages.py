"""The pages of the test site, with the furniture that news sites have around their articles."""

import json
from datetime import datetime
from html import escape
from typing import Literal, NamedTuple

from tests.site.texts import Story

Dating = Literal["json-ld", "meta", "time"]
"""Where a page says its date."""

WORDS = {
    "en": {
        "nav": ["World", "Science", "Culture", "Newsletters", "Sign in"],
        "by": "By",
        "related": "More stories",
        "share": "Share this article",
        "foot": "About us · Contact · Terms of use · Privacy",
    },
    "fr": {
        "nav": ["Monde", "Sciences", "Culture", "Infolettres", "Se connecter"],
        "by": "Par",
        "related": "À lire aussi",
        "share": "Partager cet article",
        "foot": "Qui sommes-nous · Contact · Mentions légales · Vie privée",
    },
}
NAME = "The Brannick Courier"


class Link(NamedTuple):
    """A link of a page."""

    title: str
    url: str
    type: str = ""


def article(story: Story, url: str, dating: Dating, related: list[Link]) -> bytes:
    """Return the page of an article."""
    words = WORDS[story.language]
    shown = (
        f'<time itemprop="datePublished" datetime="{story.published.isoformat()}">{_printed(story)}</time>'
        if dating == "time" and story.published
        else ""
    )
    return f"""<!DOCTYPE html>
<html lang="{story.language}">
<head>
<meta charset="utf-8">
<title>{escape(story.title)} | {NAME}</title>
<link rel="canonical" href="{url}">
<meta property="og:title" content="{escape(story.title)}">
<meta property="og:type" content="article">
<meta property="article:section" content="{escape(story.section.capitalize())}">
<meta name="description" content="{escape(story.summary)}">
{_stated(story, dating)}
</head>
<body>
{_header(story.language)}
<main>
<article>
<p class="kicker">{escape(story.section.capitalize())}</p>
<h1>{escape(story.title)}</h1>
<p class="byline">{words["by"]} <a rel="author" href="/people/">{escape(story.author)}</a> {shown}</p>
<ul class="share"><li><a href="/share">{words["share"]}</a></li></ul>
<div class="article-body">
{story.html}
</div>
</article>
<aside class="related"><h2>{words["related"]}</h2>
{_listed(related)}
</aside>
</main>
<footer><p>{words["foot"]}</p><p>© {NAME}</p></footer>
</body>
</html>
""".encode()


def front(site: str, feeds: list[Link], stories: list[Link]) -> bytes:
    """Return the front page, which names the feeds in its head."""
    alternates = "\n".join(f'<link rel="alternate" type="{feed.type}" title="{escape(feed.title)}" href="{feed.url}">' for feed in feeds)
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{NAME}</title>
<link rel="canonical" href="{site}/">
{alternates}
</head>
<body>
{_header("en")}
<main><h1>{NAME}</h1>
{_listed(stories)}
</main>
<footer><p>{WORDS["en"]["foot"]}</p><p>© {NAME}</p></footer>
</body>
</html>
""".encode()


def _stated(story: Story, dating: Dating) -> str:
    if story.published is None or dating == "time":
        return ""
    if dating == "meta":
        return "\n".join(f'<meta property="article:{name}_time" content="{moment.isoformat()}">' for name, moment in _moments(story))
    fields = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title, "inLanguage": story.language}
    fields |= {"author": [{"@type": "Person", "name": story.author}], "publisher": {"@type": "Organization", "name": NAME}}  # type: ignore[dict-item]
    fields |= {"datePublished" if name == "published" else "dateModified": moment.isoformat() for name, moment in _moments(story)}
    return f'<script type="application/ld+json">{json.dumps(fields, ensure_ascii=False)}</script>'


def _moments(story: Story) -> list[tuple[str, datetime]]:
    both = [("published", story.published), ("modified", story.updated)]
    return [(name, moment) for name, moment in both if moment]


def _printed(story: Story) -> str:
    assert story.published
    return f"{story.published:%d/%m/%Y, %H:%M}"


def _header(language: str) -> str:
    items = "".join(f'<li><a href="/{name.lower()}/">{name}</a></li>' for name in WORDS[language]["nav"])
    return f'<header><a class="logo" href="/">{NAME}</a><nav><ul>{items}</ul></nav></header>'


def _listed(links: list[Link]) -> str:
    return "<ul>" + "\n".join(f'<li><a href="{link.url}">{escape(link.title)}</a></li>' for link in links) + "</ul>"
