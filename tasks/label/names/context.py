"""What the rules may ask about a word: is it a name's word, does the table know it, was it seen in lower case."""

from dataclasses import dataclass

from tasks.label.names.spans import Span
from tasks.label.names.tokens import Tokens
from tasks.label.names.vocabulary import Vocabulary, vocabulary

_LONGEST_RUN = 12  # words; longer runs are lists and headings, and would cost quadratic time
_LONGEST_NAME_WORD = 24  # letters; longer capitalised words are compounds, addresses or noise


@dataclass(slots=True)
class Context:
    """A text's words with the table's names in it, the document's language and its words in lower case."""

    tokens: Tokens
    known: list[Span | None]
    """For each word the table's name that covers it."""
    language: str
    lower: frozenset[str]
    """Keys of the words that stand in lower case somewhere in the document."""
    proper: frozenset[str]
    """Keys of the words that stand with a capital inside a sentence of the document."""
    words: Vocabulary

    @classmethod
    def of(cls, tokens: Tokens, found: list[Span], language: str, seen: tuple[frozenset[str], frozenset[str]]) -> "Context":
        """Return the context of a text in which the table found these names; `seen` are the words in lower case and in capitals."""
        known: list[Span | None] = [None] * len(tokens)
        for span in found:
            known[span.first : span.last] = [span] * (span.last - span.first)
        return cls(tokens, known, language, *seen, vocabulary())

    def blocked(self, index: int) -> bool:
        """Return whether the table's name here may not become part of a person's name."""
        span = self.known[index]
        return span is not None and (span.last - span.first > 1 or span.kind == "ORG")

    def is_initial(self, index: int) -> bool:
        """Return whether the word is an initial such as "V."; French "M." is a form of address."""
        word = self.tokens.words[index]
        return len(word) == 2 and word[1] == "." and not (word == "M." and self.language == "fr")

    def is_given(self, index: int) -> bool:
        """Return whether the word is a capitalised given name."""
        key = self.tokens.keys[index]
        return self.tokens.capital[index] and key in self.words.given and key not in self.words.demonyms

    def is_name_word(self, index: int) -> bool:
        """Return whether the word looks like a part of a name: capitalised letters, no calendar word, no nationality."""
        tokens, key = self.tokens, self.tokens.keys[index]
        word = tokens.words[index]
        return (
            tokens.capital[index]
            and 1 < len(word) <= _LONGEST_NAME_WORD
            and word[-1] not in ".'’"
            and not any(c.isdigit() for c in word)
            and key not in self.words.ordinary
            and key not in self.words.demonyms
            and key not in self.words.titles
        )

    def is_common(self, index: int) -> bool:
        """Return whether the word is a noun of institutions, offices, places or things, whatever its capital."""
        key, words = self.tokens.keys[index], self.words
        return any(key in group for group in (words.heads_of, words.heads_en, words.roles, words.things, words.place_tails))

    def is_plain_word(self, index: int) -> bool:
        """Return whether a capital at the start of a sentence most likely hides an ordinary word."""
        key = self.tokens.keys[index]
        return self.tokens.opens[index] and (
            any(key in group for group in (self.lower, self.words.small_words, self.words.determiners, self.words.starters))
        )

    def after_determiner(self, index: int) -> bool:
        """Return whether an article or the like stands right before the word."""
        return index > 0 and self.tokens.glued[index] and self.tokens.keys[index - 1].rstrip("'") in self.words.determiners

    def named_after(self, index: int) -> bool:
        """Return whether the word before makes the name that of a ship, a street, a school."""
        return index > 0 and self.tokens.glued[index] and self.tokens.keys[index - 1] in self.words.named_after

    def run_end(self, index: int) -> int:
        """Return the end of the capitalised words that follow each other from `index` on, a dozen at most."""
        last, limit = index + 1, min(len(self.tokens), index + _LONGEST_RUN)
        while last < limit and self.tokens.glued[last] and self.tokens.capital[last]:
            last += 1
        return last
