"""How much of the article the document holds: notices that the rest is for subscribers."""

import re

from tasks.clean.lexicon import notice_words

LONGEST = 420
"""Characters of the longest notice."""
_PERCENT = re.compile(rf"(\d{{1,3}}(?:[.,]\d{{1,2}})?)\s?(?:{notice_words('percent')})")
_REMAINS, _HAVE_READ, _ARTICLE, _READING = (
    re.compile(rf"(?<!\w)(?:{notice_words(key)})(?!\w)") for key in ("remains", "have_read", "article", "reading")
)
_CHARACTERS = re.compile(r"\[\+(\d{1,7}) (?:chars|characters)\]\s*$")


def remaining_note(folded: str) -> str | None:
    """Return "73.13 % remaining" when a folded line says how much of the article is missing, else None.

    Understands "il reste 73,13 % de cet article à lire" and "you have read 20 % of this article".
    """
    match = _PERCENT.search(folded) if len(folded) <= LONGEST else None
    if not match or not _ARTICLE.search(folded) or not _READING.search(folded):
        return None
    share = float(match.group(1).replace(",", "."))
    if share > 100:
        return None
    if _HAVE_READ.search(folded):
        return f"{round(100 - share, 2):g} % remaining"
    return f"{match.group(1).replace(',', '.')} % remaining" if _REMAINS.search(folded) else None


def cut_note(text: str) -> str | None:
    """Return how many characters a feed's cut text lacks ("[+1234 chars]" at its end), else None."""
    match = _CHARACTERS.search(text[-40:])
    return f"{match.group(1)} characters remaining" if match else None
