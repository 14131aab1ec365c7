"""The language of an article, from two libraries' models added up.

A text's 1- to 3-grams are summed over the profiles that come with `langdetect`, and `py3langid`'s
log-probability is added with a weight: their weak spots differ, so the sum is better than either. Unlike
`langdetect.detect` nothing is drawn at random and nothing is kept between calls: the same text gets the same
answer in every thread and process. The profiles are read from the installed package at the first call.
"""

import math
import re
import unicodedata
from itertools import islice

from schemas.labels import Language
from tasks.language_data import LATIN, neighbour_words, scripts

UNSURE = Language(code="und", score=0.0)

WINDOW = 170  # characters read at the start, in the middle and at the end: accuracy is full from about 500 in all
READ_AT_MOST = 20_000  # middle and end are looked for in this much: a book costs what an article costs
SHORT_LINE = 60  # letters: a headline
ENOUGH_LETTERS = 40  # a body with fewer is read together with the title
FEW_LETTERS = 4  # nothing can be said about fewer Latin letters
FOREIGN_SHARE = 0.25  # letters of another script decide beyond this share: Latin names stand in every language, not vice versa
KANA_SHARE = 0.05  # of kana among kana and Han; Chinese quotes a little kana at most, Japanese prose has half
CAPITALS_SHARE = 0.6  # beyond, the text is set in capitals, which the profiles know only as initials
SECOND_WEIGHT = 3.0  # of py3langid's log-probability; 2 to 4 measure alike on short lines
WORD_BONUS = 8.0  # log units for a word that parts neighbours; at most MOST_WORDS of them: they only settle close calls
MOST_WORDS = 6
DECLARED_BONUS = 10.0  # log units for the language the document claims: tips a call that is right 7 times in 10, no clear text
OUTSIDE_MARGIN = 15.0  # log units by which py3langid must prefer a language that langdetect lacks
UNSURE_MARGIN = 3.0  # log units between the best and the next; below, the best is right 4 times in 10
MARGIN_SCALE = 12.0  # log units that move the logit of the score by one: measured .72 right at 10, .90 at 28, .98 at 60

_NOISE = re.compile(r"https?://\S+|www\.\S+|[^\s@]{1,64}@\S+|[#@]\w+")
_QUOTATION = re.compile("«[^«»]{20,600}»|[“„][^“”„]{20,600}[”“]")  # a speaker's language need not be the article's
_MARKS = r"\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0900-\u0dff\u0e00-\u0eff"  # vowel signs, which \\w leaves out
_WORD = re.compile(rf"(?:[^\W\d_]|[{_MARKS}])+")
_LAST_LATIN = "\u024f"  # of the blocks that every Latin word but Vietnamese ones is written in


def identify_language(text: str, title: str | None, declared: str | None) -> Language:
    """Return the language of an article as ISO 639-1 with a score in [0, 1], or `und` when unsure.

    The body decides; the title is read only where the body has too few letters. `declared`, what the document
    claims about itself, tips close calls. Never raises. The first call loads the models.
    """
    words = _words(_sample(text))
    if title and sum(map(len, words)) < ENOUGH_LETTERS:
        words = _words(_sample(title)) + words
    script, words = _main_script(words)
    if not words or (script == LATIN and sum(map(len, words)) < FEW_LETTERS):
        return UNSURE
    candidates = scripts().languages[script]
    if len(candidates) == 1:
        return Language(code=candidates[0], score=1.0)
    return _compete(_weighed(words), candidates, (declared or "").lower()[:2])


def _sample(text: str) -> str:
    """Return the start, the middle and the end of a text, without links and, where enough is left, without quotations."""
    text = text[:READ_AT_MOST]
    unquoted = _QUOTATION.sub(" ", text)
    if len(unquoted) >= ENOUGH_LETTERS:
        text = unquoted
    if len(text) > 3 * WINDOW:
        middle = (len(text) - WINDOW) // 2
        text = " ".join((text[:WINDOW], text[middle : middle + WINDOW], text[-WINDOW:]))
    return _NOISE.sub(" ", unicodedata.normalize("NFC", text))


def _words(sample: str) -> list[str]:
    return _WORD.findall(sample)


def _main_script(words: list[str]) -> tuple[str, list[str]]:
    """Return the script that decides and the words written in it."""
    foreign = [word for word in words if max(word) > _LAST_LATIN]
    counts = scripts().count("".join(foreign))
    del counts[LATIN]
    if sum(counts.values()) <= FOREIGN_SHARE * sum(map(len, words)):
        return LATIN, [word for word in words if max(word) <= _LAST_LATIN or scripts().count(word)[LATIN]]
    if counts["Kana"] > KANA_SHARE * counts["Han"]:
        return "Kana", foreign
    script = max(counts, key=lambda name: (counts[name], name))
    return script, [word for word in foreign if scripts().count(word)[script]]


def _weighed(words: list[str]) -> list[str]:
    """Return the words to be counted: text in capitals lowered, abbreviations left out, names of a short line halved.

    A headline may hold more of foreign names than of its own language, so there the other words count twice.
    """
    letters = "".join(words)
    if sum(map(str.isupper, letters)) > CAPITALS_SHARE * len(letters):
        return [word.lower() for word in words]
    words = [word for word in words if len(word) == 1 or not word.isupper()]
    others = [word for word in words if not word[0].isupper()]
    return words + others if len(letters) <= SHORT_LINE and len(others) < len(words) else words


def _compete(words: list[str], candidates: tuple[str, ...], declared: str) -> Language:
    """Return the best of the candidates with a score from its lead over the next."""
    from tasks.language_models import models  # numpy and 25 MB of models: for workers only

    known = models()
    second = known.second_opinion(words)
    scores = {
        code: score + SECOND_WEIGHT * second[code] + DECLARED_BONUS * (code == declared)
        for code, score in zip(known.codes, known.profile_scores(words).tolist(), strict=True)
        if code in candidates
    }
    for code in _neighbour_votes(words):
        if code in scores:
            scores[code] += WORD_BONUS
    return _outsider(second, candidates, scores) or _winner(scores)


def _neighbour_votes(words: list[str]) -> list[str]:
    """Return a language for each of the first few words that part neighbours."""
    table = neighbour_words()
    found = (table[word] for word in map(str.lower, words) if word in table)
    return [code for codes in islice(found, MOST_WORDS) for code in codes]


def _outsider(second: dict[str, float], candidates: tuple[str, ...], scores: dict[str, float]) -> Language | None:
    """Return a language that langdetect has no profile for, where py3langid clearly prefers it."""
    allowed = [code for code in candidates if code not in scores and code in second]
    best = max(allowed, key=second.__getitem__, default=None)
    if best is None:
        return None
    lead = second[best] - max((second[code] for code in scores), default=-math.inf)
    return Language(code=best, score=_confidence(lead - OUTSIDE_MARGIN)) if lead > OUTSIDE_MARGIN else None


def _winner(scores: dict[str, float]) -> Language:
    (best, score), *rest = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    margin = score - rest[0][1] if rest else math.inf
    return UNSURE if margin < UNSURE_MARGIN else Language(code=best, score=_confidence(margin))


def _confidence(margin: float) -> float:
    """Return the chance of being right for a lead in log units (logistic, from one half at no lead)."""
    return round(1 / (1 + math.exp(-min(margin, 100.0) / MARGIN_SCALE)), 4)
