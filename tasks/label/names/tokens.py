"""Words of a text with exact positions, and what stands between them."""

import re
from dataclasses import dataclass, field

from tasks.label.names.fold import plain
from tasks.label.names.vocabulary import vocabulary

_WORD = re.compile(
    r"(?:[A-Z]\.){2,}"  # U.S., D.C.
    r"|[^\W\d_]\.(?=[,;)]|[\s-]?[^\W\d_])(?<=[A-ZÀ-ÞА-Я]\.)"  # the initial in "V. Poutine"
    r"|(?i:lorsqu|puisqu|jusqu|quoiqu|presqu|quelqu|dell|nell|dall|sull|all|qu|un|[ldnsjmtc])['’](?=\w)"  # elisions
    r"|\w[\w\u0300-\u036f\u064b-\u0652]*(?:[&'’](?!s\b)[\w\u0300-\u036f]+)*(?:\+(?!\w))?"
)
_JOINED = frozenset((" ", "\u00a0", "\u202f", "-", "‐", "‑", "", "  "))
_HYPHENS = frozenset("-‐‑")
_OPENS = re.compile(r"[.!?…:;\n•«“\"„—|(\[]")
_LOUD_WORDS = 3  # long words a line must have before its capitals say anything
_HEADLINE_SHARE = 0.8


@dataclass(slots=True)
class Tokens:
    """The words of a text as parallel lists: surface, start, end, key, and flags."""

    text: str
    words: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    capital: list[bool] = field(default_factory=list)
    opens: list[bool] = field(default_factory=list)
    """Whether a sentence, quotation or bracket begins here, so that a capital says nothing."""
    glued: list[bool] = field(default_factory=list)
    """Whether only a space, hyphen or apostrophe parts the word from the one before."""
    hyphened: list[bool] = field(default_factory=list)
    loud: list[bool] = field(default_factory=list)
    """Whether the whole line is in capitals, or capitalises nearly every word."""

    def __len__(self) -> int:
        """Return the number of words."""
        return len(self.words)

    def surface(self, first: int, last: int) -> str:
        """Return the slice of the text from word `first` up to, not including, word `last`."""
        return self.text[self.starts[first] : self.ends[last - 1]]

    def gap(self, index: int) -> str:
        """Return what stands between the word before `index` and this one ('' at the edges)."""
        if not 0 < index < len(self.words):
            return ""
        return self.text[self.ends[index - 1] : self.starts[index]]


def tokenize(text: str) -> Tokens:
    """Return the words of the text: elisions (`l'`, `qu'`) and initials (`V.`) are words of their own, U.S. is one."""
    tokens = Tokens(text)
    before, abbreviated = 0, False
    abbreviations = vocabulary().abbreviated
    for match in _WORD.finditer(text):
        word, start = match.group(), match.start()
        gap = text[before:start]
        glued = gap in _JOINED or (abbreviated and gap == ". ")
        first = start == 0 or not tokens.words
        tokens.words.append(word)
        tokens.starts.append(start)
        tokens.ends.append(match.end())
        key = plain(word) or word  # a few letters are accents only
        tokens.keys.append(key)
        tokens.capital.append(word[0].isupper() or (word[0].isdigit() and not word.islower() and word != key))
        tokens.opens.append(first or (not glued and _OPENS.search(gap) is not None))
        tokens.glued.append(glued and not first)
        tokens.hyphened.append(gap in _HYPHENS and len(gap) == 1)
        before, abbreviated = match.end(), key in abbreviations
    tokens.loud = _loud(tokens)
    return tokens


def _loud(tokens: Tokens) -> list[bool]:
    """Return for each word whether its line shouts: all in capitals, or a headline With Nearly Every Word Capitalised."""
    flags = [False] * len(tokens)
    index = 0
    while index < len(tokens):
        last = index + 1
        while last < len(tokens) and "\n" not in tokens.gap(last):
            last += 1
        long = [i for i in range(index, last) if len(tokens.words[i]) > 3 and tokens.words[i].isalpha()]
        shouted = all(tokens.words[i].isupper() for i in long)
        headline = len(long) > _LOUD_WORDS and sum(tokens.capital[i] for i in long) > _HEADLINE_SHARE * len(long)
        if len(long) >= _LOUD_WORDS and (shouted or headline):
            flags[index:last] = [True] * (last - index)
        index = last
    return flags
