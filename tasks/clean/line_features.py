"""What a line shows of its role, as features for the model: its words and shape, what the rules say of it, and its place."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from tasks.clean.access import remaining_note
from tasks.clean.calls import is_call, is_notice
from tasks.clean.captions import caption_reason, pictured_reason
from tasks.clean.furniture import Claim, appeal_groups
from tasks.clean.line import Line
from tasks.clean.meta import MetaLine

FIRST_WORDS, LAST_WORDS = 14, 5
"""Words at either end of a line that count: those of a long paragraph's middle say nothing of its role."""
EDGE = 9
"""Lines counted from either end of the text; beyond, a line is in the middle."""
SIZES = (0, 3, 8, 15, 25, 40, 60, 90, 130, 180, 260, 400)
COUNTS = (0, 1, 2, 3, 4, 6, 9, 13, 20, 35)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_LETTERS = re.compile(r"[^\W\d_]")
_NAME = re.compile(r"^(?:[A-ZÀ-ÞА-Я][\w'’.-]*\s){1,3}[A-ZÀ-ÞА-Я][\w'’.-]*$")
_SIGNS = (("url", re.compile(r"https?://|www\.|\w\.(?:com|fr|de|es|it|pt|org|net)\b")), ("mail", re.compile(r"\w@\w")))
_MARKS = '©|»>/•·→▶@#€$£%*+[]"«“„'
_OPENINGS = (("quote", "\"«“„‘'"), ("bullet", "-–—•*►▶→>·"), ("bracket", "(["))
_ENDINGS = (("stop", "."), ("cut", "…"), ("ask", "?!"), ("colon", ":"), ("close", ")]"), ("quote", '"»”'), ("comma", ",;"))


def line_features(lines: Sequence[Line], claims: Sequence[Claim | None], metas: Sequence[MetaLine | None]) -> list[list[str]]:
    """Return the features of each line of a text: strings that are there or not."""
    captions = [caption_reason(line.text, line.folded) for line in lines]
    own = [[*_words(line), *_shape(line), *_ruled(line, claims[n], metas[n], captions[n])] for n, line in enumerate(lines)]
    near = [_near(line, claims[n], metas[n], captions[n]) for n, line in enumerate(lines)]
    prose = [line.index for line in lines if line.is_prose]
    first, last = (prose[0], prose[-1]) if prose else (len(lines), -1)
    met = Counter(line.core for line in lines)
    found = []
    for n, line in enumerate(lines):
        features = own[n] + _placed(n, len(lines), first, last)
        for step in (-2, -1, 1, 2):
            neighbour = near[n + step] if 0 <= n + step < len(lines) else ["edge"]
            features += [f"{step}:{feature}" for feature in neighbour]
        if met[line.core] > 1:
            features.append("again")
        if n and line.text == lines[n - 1].text:
            features.append("same_as_above")
        found.append(features)
    return found


def _words(line: Line) -> list[str]:
    words = [word if not word.isdigit() else "0" * min(len(word), 5) for word in _WORD.findall(line.folded[:1500])]
    ends = words if len(words) <= FIRST_WORDS + LAST_WORDS else words[:FIRST_WORDS] + words[-LAST_WORDS:]
    features = [f"w={word}" for word in dict.fromkeys(ends)]
    features += [f"b={one} {two}" for one, two in pairwise(ends)]
    if words:
        features += [f"first={words[0]}", f"last={words[-1]}", f"first2={' '.join(words[:2])}"]
    if len(words) <= 4:
        features.append(f"all={' '.join(words)}")
    return features


def _shape(line: Line) -> list[str]:
    text = line.text
    words = text.split()
    size = f"size={_step(len(text), SIZES)}"
    ending = next((name for name, marks in _ENDINGS if text[-1] in marks), "none")
    opening = next((name for name, marks in _OPENINGS if text[0] in marks), None) or _first_letter(text[0])
    letters = len(_LETTERS.findall(text[:300]))
    capitals = sum(word[0].isupper() for word in words)
    features = [size, f"words={_step(len(words), COUNTS)}", f"end={ending}", f"begin={opening}", f"{size} end={ending}"]
    features += [f"mark={mark}" for mark in _MARKS if mark in text]
    features += [name for name, pattern in _SIGNS if pattern.search(text[:300])]
    if letters and text.isupper():
        features.append("capitals")
    features.append(f"titled={5 * capitals // max(len(words), 1)}")
    digits = sum(map(str.isdigit, text[:300]))
    features.append(f"digits={min(digits, 9) if len(text) < 60 else min(digits // 2, 5)}")
    if ":" in text[1:-1]:
        features.append(f"colon={_step(text.find(':', 1), SIZES)}")
    if _NAME.match(text):
        features.append("name")
    if ". " in text:
        features.append("sentences")
    return features


def _first_letter(char: str) -> str:
    return "digit" if char.isdigit() else "upper" if char.isupper() else "lower"


def _ruled(line: Line, claim: Claim | None, meta: MetaLine | None, caption: str | None) -> list[str]:
    features = []
    if claim:
        strength = "weak" if claim.weak else "bare" if claim.bare else "firm"
        features += [
            f"claim={claim.family.name}",
            f"claim={strength}",
            f"claim={claim.family.name} {strength}",
            f"claim_role={claim.family.role}",
        ]
    if meta:
        features += [f"meta={meta.role}", f"meta={meta.reason}", f"meta_needs={meta.needs_neighbour}"]
    if caption:
        features += ["caption", f"caption={caption}"]
    elif pictured_reason(line.text, line.folded):
        features.append("pictured")
    if is_notice(line.folded):
        features.append("notice")
    if is_call(line.folded):
        features.append("call")
    if remaining_note(line.folded):
        features.append("remaining")
    features.append(f"appeal={appeal_groups(line.folded)}")
    return features


def _near(line: Line, claim: Claim | None, meta: MetaLine | None, caption: str | None) -> list[str]:
    ending = "stop" if line.ends_with_stop else "colon" if line.text.endswith(":") else "open"
    features = [f"{_step(len(line.text), SIZES[::2])} {ending}", "prose" if line.is_prose else "short"]
    if claim:
        features += [f"claim={claim.family.name}", f"claim_role={claim.family.role}{' bare' if claim.bare else ''}"]
    if meta:
        features.append(f"meta={meta.role}")
    if caption:
        features.append("caption")
    return features


def _placed(n: int, count: int, first: int, last: int) -> list[str]:
    zone = "head" if n < first else "tail" if n > last else "body"
    beside = min(n - last, EDGE) if zone == "tail" else min(first - n, EDGE) if zone == "head" else 0
    return [f"from_start={min(n, EDGE)}", f"from_end={min(count - 1 - n, EDGE)}", f"zone={zone}", f"zone={zone} {beside}", "bias"]


def _step(value: int, steps: Sequence[int]) -> int:
    return sum(value > step for step in steps)
