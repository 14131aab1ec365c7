"""The id of an article: the same in every store, whoever met it and when."""

import hashlib
from uuid import NAMESPACE_URL, UUID, uuid5

from schemas.article import Article

NAMESPACE = uuid5(NAMESPACE_URL, "https://wirehouse.invalid/article")
"""Our own namespace; `.invalid` is reserved and can never be somebody's domain (RFC 2606)."""


def article_id(article: Article) -> UUID:
    """Return the id derived from the canonical address, else from its guid within its feed, else from the clean text.

    An item without address whose text is edited is the same article as long as its guid stays. Dates and titles
    never count: one text with two printed dates is one article. White space does not count either, so that the
    same paragraphs met in another format are the same article.
    """
    if article.canonical_url:
        return uuid5(NAMESPACE, f"url:{article.canonical_url}")
    if article.identity:
        return uuid5(NAMESPACE, article.identity)
    words = " ".join(article.text.split())
    return uuid5(NAMESPACE, f"text:{hashlib.sha256(words.encode('utf-8', errors='surrogatepass')).hexdigest()}")
