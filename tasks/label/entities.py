"""People, organisations and places in an article, each with one identity across its spellings.

The knowledge table decides first (longest alias), then rules for names it does not know, then a registry of the
document's names gives surnames and initials their full name. A trained model can stand behind the same interface.
"""

from collections.abc import Iterator

from schemas.article import Article, BlockRole
from schemas.labels import Entity, Mention, MentionField, MentionRole
from tasks.label.names.document import Document
from tasks.label.names.lookup import ideogram_spans
from tasks.label.names.table import Knowledge, knowledge
from tasks.label.names.tokens import Tokens
from tasks.label.names.vocabulary import vocabulary

__all__ = ["Knowledge", "find_entities", "knowledge"]

_ROLES: dict[BlockRole, MentionRole] = {
    "byline": "byline",
    "agency": "agency",
    "caption": "credit",
    "related": "credit",
    "donation": "credit",
}
"""Removed lines that are searched for names; kickers, dates, paywall notices and furniture name nobody."""
_TABLE_SCORE = 0.95


def find_entities(article: Article, language: str) -> tuple[tuple[Mention, ...], tuple[Entity, ...]]:
    """Return the mentions, in title, text and removed lines in this order, and the distinct entities they name.

    Positions count code points in `article.title` or `article.text`; mentions from removed lines have none and
    are never subjects. `language` is an ISO 639-1 code or `und`; it only tunes the rules. Deterministic.
    """
    table = knowledge()
    blocks = [block for block in article.removed if block.role in _ROLES]
    document = Document(table, [article.title or "", article.text, *(block.text for block in blocks), *article.byline], language)
    mentions = [*_mentions(document, 0, "title"), *_mentions(document, 1, "text")]
    for number, block in enumerate(blocks, 2):
        mentions += _mentions(document, number, "removed", _ROLES[block.role])
    seen = {mention.entity_id for mention in mentions if mention.field == "removed"}
    for number in range(2 + len(blocks), len(document.texts)):
        mentions += [m for m in _mentions(document, number, "removed", "byline") if m.entity_id not in seen]
    mentions += _agencies(article, document, {mention.entity_id for mention in mentions})
    ids = dict.fromkeys(mention.entity_id for mention in mentions)
    return tuple(mentions), tuple(document.registry.entity(entity_id) for entity_id in ids)


def _mentions(document: Document, number: int, field: MentionField, role: MentionRole = "subject") -> Iterator[Mention]:
    """Yield the mentions of one text of the document, in order."""
    tokens = document.texts[number]
    spans = document.spans[number]
    found = [(tokens.starts[s.first], _end(tokens, s.last - 1), s.entity_id or "", s.score, s.method) for s in spans]
    if not tokens.text.isascii():
        known = [(start, end, entity, _TABLE_SCORE, "table") for start, end, entity in ideogram_spans(knowledge(), tokens.text)]
        taken = {place for start, end, *_ in known for place in range(start, end)}
        found = sorted([*known, *(one for one in found if taken.isdisjoint(range(one[0], one[1])))])
    for start, end, entity_id, score, method in found:
        placed = field != "removed"
        yield Mention(
            entity_id=entity_id,
            field=field,
            start=start if placed else None,
            end=end if placed else None,
            surface=tokens.text[start:end],
            role="agency" if role == "byline" and entity_id.removeprefix("org:") in vocabulary().agencies else role,
            score=score,
            method=method,
        )


def _end(tokens: Tokens, last: int) -> int:
    """Return the end of a name's last word, with the full stop of an abbreviation: Acme Corp., Calif."""
    end = tokens.ends[last]
    return end + 1 if tokens.keys[last] in vocabulary().stopped and tokens.capital[last] and tokens.text.startswith(".", end) else end


def _agencies(article: Article, document: Document, seen: set[str]) -> Iterator[Mention]:
    """Yield the agencies that the article is credited to and that no line named."""
    for name in article.agency:
        single = Document(knowledge(), [name], "und")
        entity_id = next((s.entity_id for s in single.spans[0] if s.entity_id in knowledge().rows), None)
        if entity_id is not None and entity_id not in seen:
            yield Mention(
                entity_id=entity_id, field="removed", start=None, end=None, surface=name, role="agency", score=_TABLE_SCORE, method="table"
            )
