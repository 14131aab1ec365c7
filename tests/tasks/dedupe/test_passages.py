"""Shared passages: the longest common runs, as they are written, whatever the texts are."""

from random import Random

import hypothesis
import pytest
from hypothesis import strategies as st

from tasks.dedupe.passages import MOST_PASSAGES, SHOWN_CHARACTERS, shared_passages

FERRY = "The last ferry left the old harbour at dusk, carrying twelve passengers, a piano and two goats"
MAYOR = "« Nous rouvrirons le pont en mars », a promis la maire devant le conseil réuni en séance extraordinaire"


def prose(seed: int, words: int) -> str:
    chance = Random(seed)
    return " ".join(f"w{chance.randrange(10**6)}" for _ in range(words))


def test_passages_are_told_as_they_are_written_longest_first():
    one = f"{prose(1, 20)}. {FERRY}. {prose(2, 20)}\n\n{MAYOR}. {prose(3, 10)}"
    other = f"{MAYOR.upper()} {prose(4, 30)} {FERRY.replace(',', ' –')}"
    found = shared_passages(one, other)
    assert [(passage.text, passage.words) for passage in found] == [(FERRY, 17), (MAYOR[2:], 17)]
    for passage in found:
        assert one[passage.start :].startswith(passage.text)
        assert other[passage.other_start :].casefold().startswith(passage.text[:9].casefold())


def test_long_passages_are_cut_and_counted_whole():
    text = prose(5, 400)
    [passage] = shared_passages(text, f"Before it {text} and after it")
    assert (passage.words, len(passage.text), passage.text[-1]) == (400, SHOWN_CHARACTERS, "…")
    assert text.startswith(passage.text[:-1])
    assert passage.other_start == len("Before it ")


def test_at_most_five_and_none_twice():
    pieces = [prose(n, 8 + n) for n in range(9)]
    other = f" {prose(70, 3)} ".join(reversed(pieces))
    found = shared_passages(f" {prose(71, 2)} ".join(pieces), other)
    assert [passage.words for passage in found] == [16, 15, 14, 13, 12]
    assert len({passage.start for passage in found}) == MOST_PASSAGES


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("", "", []),
        ("!!! …", FERRY, []),
        (FERRY, MAYOR, []),
        ("The last ferry left", FERRY, [4]),
        ("one two three four", "one two three five", []),
        ("市长说这座桥将在三月重新开放，居民们表示欢迎。", "记者报道：这座桥将在三月重新开放，天气不错。", [11]),
    ],
)
def test_short_empty_and_unspaced_texts(one, other, words):
    assert [passage.words for passage in shared_passages(one, other)] == words


@hypothesis.settings(max_examples=60, deadline=None)
@hypothesis.given(st.lists(st.sampled_from("abcde"), max_size=40), st.lists(st.sampled_from("abcde"), max_size=40))
def test_the_first_is_the_longest_common_run(one, other):
    """Small alphabets repeat much; what repeats more than the pairs that are kept may be found in part only."""
    longest = 0
    for i in range(len(one)):
        for j in range(len(other)):
            length = 0
            while i + length < len(one) and j + length < len(other) and one[i + length] == other[j + length]:
                length += 1
            longest = max(longest, length)
    found = shared_passages(" ".join(one), " ".join(other))
    if min(len(one), len(other)) >= 5:
        grams = [[tuple(words[i : i + 5]) for i in range(len(words) - 4)] for words in (one, other)]
        if all(some.count(gram) <= 4 for some in grams for gram in some):
            assert (found[0].words if found else 0) == (longest if longest >= 5 else 0)
    for passage in found:
        assert passage.text in " ".join(other)
        assert passage.words <= longest


@pytest.mark.parametrize("line", ["la ", "Envoyer par courriel à un ami ou une amie. ", "同じ言葉を繰り返す。"])
def test_one_line_repeated_for_megabytes_ends_at_once(line):
    text = line * (300_000 // len(line))
    [passage, *_] = shared_passages(text, text[len(line) * 7 :])
    assert passage.words > 50_000
