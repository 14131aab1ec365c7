"""The rule files themselves: every family is known, every weak phrase exists, everything loads."""

import pytest

from tasks.clean.calendar_words import date_words
from tasks.clean.lexicon import LANGUAGES, lexicon, read_rules

NOT_FAMILIES = {"dates", "byline", "agency", "kicker", "dek", "language", "stopwords"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_file(language):
    book = read_rules(language)
    assert set(book) - NOT_FAMILIES == set(read_rules("roles"))
    assert [len(book["dates"]["months"]), len(book["dates"]["weekdays"])] == [12, 7]
    for name in set(book) - NOT_FAMILIES:
        family = book[name]
        assert set(family.get("weak", ())) <= {*family.get("labels", ()), *family.get("sentences", ())}, name


def test_rules_load_once():
    assert lexicon() is lexicon()
    assert date_words().months["decembre"] == 12
