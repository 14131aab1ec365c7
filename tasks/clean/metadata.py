"""What a page says about its article outside the text: JSON-LD before meta before `<time>` before what is printed."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml.html import HtmlElement

from schemas.article import Stamp
from tasks.clean.authors import NOBODY, Found, shown_authors, stated_authors
from tasks.clean.dateline import AFTER, BEFORE, date_beside, only_time
from tasks.clean.dates import Clock
from tasks.clean.lexicon import LANGUAGES, lexicon
from tasks.clean.nearby import Piece, pieces_after, pieces_before
from tasks.clean.said import PageHead, Said, first_said, read_head
from tasks.clean.titles import Site, Title, choose_title, site_of


@dataclass(slots=True)
class PageMetadata:
    """Facts of a page's head; what is unknown is None or empty."""

    title: str | None = None
    heading: HtmlElement | None = None
    """The heading that shows the title."""
    description: str | None = None
    lead: tuple[str, ...] = ()
    """The lines between title and body, once the body is known."""
    body: str | None = None
    """The text of the article in the structured data, with or without markup."""
    byline: tuple[str, ...] = ()
    agency: tuple[str, ...] = ()
    published: Stamp | None = None
    updated: Stamp | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    image_url: str | None = None
    canonical: str | None = None
    language: str | None = None
    free: bool | None = None
    """What isAccessibleForFree says, if it says anything."""
    rights: tuple[str, ...] = ()
    found_by: dict[str, str] = field(default_factory=dict)
    """The rule that gave each of them."""


class Facts:
    """The fields of a page, each with all that speaks for it, the most trusted first; nothing is read before it is asked for."""

    def __init__(self, tree: HtmlElement, url: str | None, clock: Clock) -> None:
        self.head: PageHead = read_head(tree, url)
        self.tree = tree
        self.language = first_said(self.head.languages())[1]
        self.site: Site = site_of(self.head.site_names(), self.head.base)
        self.title: Title = choose_title(tree, [text for _, text in self.head.titles()], self.head.page_title(), self.site)
        known = self.language if self.language in LANGUAGES else None
        self.rules_language = known or "en"
        self.clock = replace(clock, day_first=lexicon().languages[known].day_first if known else clock.day_first)
        self._beside: tuple[list[Piece], list[Piece]] | None = None
        if self.title.heading is not None:
            self._beside = (pieces_before(self.title.heading, BEFORE), pieces_after(self.title.heading, AFTER))

    def authors(self) -> Iterator[tuple[str, Found]]:
        """Give (names, agencies) by rule."""
        yield from stated_authors(self.head.authors(), self.site)
        texts = [piece.text for piece in (*reversed(self._beside[0]), *self._beside[1])] if self._beside else []
        yield from shown_authors(self.tree, texts, self.site, self.rules_language)
        yield from stated_authors(self.head.weak_authors(), self.site)

    def published(self) -> Said[Stamp]:
        """Give the dates of publication by rule."""
        yield from self.head.published(self.clock)
        stamp = date_beside(*self._beside, self.clock) if self._beside else only_time(self.tree, self.clock)
        if stamp:
            yield ("page:beside_title" if self._beside else "time:only_one"), stamp
        yield from self.head.weak_published(self.clock)

    def updated(self) -> Said[Stamp]:
        """Give the dates of the last change by rule."""
        return self.head.updated(self.clock)


def read_metadata(tree: HtmlElement, url: str | None, clock: Clock) -> PageMetadata:
    """Return what the page says about its article, each fact by the strongest that says it."""
    facts = Facts(tree, url, clock)
    head = facts.head
    by: dict[str, str | None] = {"title": facts.title.rule}
    by["byline"], (people, agencies) = next(facts.authors(), (None, NOBODY))
    by["published"], published = first_said(facts.published())
    by["updated"], updated = first_said(facts.updated())
    by["section"], section = first_said(head.sections())
    by["keywords"], keywords = first_said(head.keywords())
    by["image_url"], image = first_said(head.images())
    by["canonical_url"], canonical = first_said(head.canonicals())
    if updated and published and updated.at <= published.at:
        by["updated"], updated = None, None
    by["agency"] = by["byline"] if agencies else None
    return PageMetadata(
        title=facts.title.text,
        heading=facts.title.heading,
        description=first_said(head.descriptions())[1],
        body=head.body(),
        byline=people,
        agency=agencies,
        published=published,
        updated=updated,
        section=section,
        keywords=keywords or (),
        image_url=image,
        canonical=canonical,
        language=facts.language,
        free=head.free(),
        rights=head.rights(),
        found_by={name: rule for name, rule in by.items() if rule},
    )
