"""How much of the article the document holds: notices that the rest is for subscribers."""

import re

from tasks.clean.lexicon import notice_words

LONGEST = 420
"""Characters of the longest notice."""
_PERCENT = re.compile(rf"(\d{{1,3}}(?:[.,]\d{{1,2}})?)\s?(?:{notice_words('percent')})")
_REMAINS, _HAVE_READ, _ARTICLE, _READING = (
    re.compile(rf"(?<!\w)(?:{notice_words(key)})(?!\w)") for key in ("remains", "have_read", "article", "reading")
)
COUNTER_LONGEST = 200
"""Characters of the longest line that counts free articles."""
COUNTER_WORDS = 9
"""Words of the longest such line that does not say `free`."""
_ITEMS = rf"(?:{notice_words('counted_items')})"
_COUNTED = re.compile(
    rf"(?<![\w€$£%,.])(?:\d{{1,2}}|one|two|three|un|deux|trois)\s(?:[^\d.:!?€$£%]{{1,24}}\s)?(?:{_ITEMS}(?!\w)|gratis-?artikel)"
)
_OF_ALL = re.compile(r"(?<!\w)\d{1,2}\s?(?:/|of|de|sur|von|di|su)\s(?:(?:your|tus|sus|vos|ihren|tuoi|seus)\s)?\d{1,2}(?!\w)")
_FREE, _LEFT, _LAST = (re.compile(rf"(?<!\w)(?:{notice_words(key)})(?!\w)") for key in ("free_of_charge", "counted_left", "last_free"))
_OWN_LEFT = re.compile(r"^(?:il (?:vous|te) reste|te quedan|le quedan|ti restano|restam-?(?:lhe|te)|you have|you've got)(?!\w)")
"""Says whose articles are counted: they need not be called free."""
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


def counts_free_articles(folded: str) -> bool:
    """Return whether a folded line counts the articles that a reader may open without paying.

    Understands "il vous reste 2 articles gratuits ce mois-ci" and "you have read 3 of 5 free articles".
    """
    if len(folded) > COUNTER_LONGEST:
        return False
    if _LAST.search(folded):
        return True
    if not _COUNTED.search(folded):
        return False
    if _FREE.search(folded):
        return bool(_LEFT.search(folded) or _OF_ALL.search(folded))
    return bool(_OWN_LEFT.search(folded)) and len(folded.split()) <= COUNTER_WORDS


def cut_note(text: str) -> str | None:
    """Return how many characters a feed's cut text lacks ("[+1234 chars]" at its end), else None."""
    match = _CHARACTERS.search(text[-40:])
    return f"{match.group(1)} characters remaining" if match else None
