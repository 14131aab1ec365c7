"""Makes data/lines.crfsuite: the model of lines (data/README-lines.md is its card).

    python -m tasks.clean.train_lines FOLDER

FOLDER holds what it learns from, all of it our own writing: NAME.txt and layouts/*/NAME.txt, whole texts as people copy them, with the
role of every line in NAME.expected.json; and bank/LANGUAGE.jsonl, single lines by role, in the wording of many outlets. Every text is
learnt as it stands and in variants that keep its order of roles and take other lines from the bank. Same input, same output.
"""

import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from tasks.clean.dates import Clock
from tasks.clean.folding import squeeze
from tasks.clean.furniture import claim
from tasks.clean.lexicon import guess_language, lexicon
from tasks.clean.line_features import line_features
from tasks.clean.lines import split_lines
from tasks.clean.meta import read_meta

Labelled = list[tuple[str, str]]
Bank = dict[str, list[str]]
SEED = 7
VARIANTS = 12
"""Of each text; more of them measure alike."""
TRAINING = {"c1": 0.05, "c2": 0.5, "max_iterations": 100, "feature.minfreq": 4, "feature.possible_transitions": True}
"""crfsuite's own names; chosen by cross-validation over the parts of the layouts, flat around these values."""
CLOCK = Clock(zone="UTC", now=datetime(2026, 11, 20, tzinfo=UTC))
IN_BANK = {
    "caption": ("caption",),
    "related": ("related",),
    "social": ("social",),
    "donation": ("donation",),
    "paywall": ("paywall",),
    "furniture": ("newsletter", "app", "copyright", "tools", "tags", "ad", "comments", "contact", "media"),
}
"""Roles of lines, and what the bank calls them."""
ROLE_OF = {kind: role for role, kinds in IN_BANK.items() for kind in kinds} | {"bio": "byline"}
OVER = ("tools", "social", "ad", "media", "paywall", "tags", "app")
BETWEEN = ("related", "newsletter", "app", "ad", "media", "caption", "social", "donation")
UNDER = (
    *("newsletter", "app", "copyright", "tags", "comments", "contact", "related"),
    *("social", "donation", "bio", "paywall", "media", "ad"),
)
BREAKS = ("", "", " ...", " [...]", "…")
"""How a teaser ends."""
SIGNS = (
    *(" (AFP)", " EFE", " (dpa/lby)", "/tas/mis/jha/", " (Reuters)", " dpa", " (APA/red)"),
    *(" - AFP", " (ANSA).", " Lusa", " PTI", " JLR/AM", " ■", " (jm)"),
)
"""What agencies and desks put behind the last sentence."""


def read_layout(path: Path) -> Labelled:
    """Return the lines of an annotated text, each with its role."""
    gold = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
    cut = [(role, squeeze(text)) for role, text in gold["cut"]]
    body = [squeeze(text) for text in gold["body"]]
    once = {squeeze(gold[name]): name for name in ("dek", "title") if gold[name]}
    return [(line, _role(line, once, body, cut)) for raw in path.read_text(encoding="utf-8").splitlines() if (line := squeeze(raw))]


def _role(line: str, once: dict[str, str], body: list[str], cut: list[tuple[str, str]]) -> str:
    """Return the role of the next line, and take it off what is annotated; the same words may stand in a text twice."""
    if line in once and line != (body[0] if body else None):
        return once.pop(line)
    if line in body:
        body.remove(line)
        return "body"
    found = next((entry for entry in cut if entry[1] == line), None)
    if found is None:
        return "furniture"
    cut.remove(found)
    return found[0]


def read_bank(path: Path) -> Bank:
    """Return the lines of one language by what the bank calls them."""
    bank: Bank = defaultdict(list)
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        bank[row["role"]].append(squeeze(row["text"]))
    return bank


class Variation:
    """Other texts with the same order of roles."""

    def __init__(self, bank: Bank, draw: random.Random) -> None:
        self._bank, self._draw = bank, draw
        self._short = [text for text in bank["body"] if len(text) <= 70]  # subheadings, entries of lists, answers

    def of(self, text: Labelled) -> Labelled:
        """Return a variant of a text that has a body."""
        body = [n for n, (_, role) in enumerate(text) if role == "body"]
        if self._happens(0.1):  # a text that somebody has cleaned already
            text = [(line, role) for line, role in text if role == "body" or (role == "title" and self._happens(0.7))]
            body = [n for n, (_, role) in enumerate(text) if role == "body"]
        bare = len(text) <= len(body) + 1 or self._happens(0.15)  # dispatches come without anything around them
        headed = 0.25 if self._happens(0.35) else 0.0
        varied: Labelled = []
        for n, (line, role) in enumerate(self._ended(text, body[-1])):
            varied += self._line(line, role, bare=bare, last=n > body[-1])
            if role == "body" and n < body[-1] and self._happens(headed):
                varied += [(self._pick("short"), "body") for _ in range(self._draw.choice((1, 1, 1, 2, 4)))]
            if not bare and body[0] <= n < body[-1] and self._happens(0.06):
                varied.append(self._furniture(BETWEEN))
            if not bare and n < body[0] and self._happens(0.08):
                varied.append(self._furniture(OVER))
        return varied + ([] if bare else [self._furniture(UNDER) for _ in range(self._draw.choice((0, 0, 1, 2, 3, 5)))])

    def _line(self, line: str, role: str, *, bare: bool, last: bool) -> Labelled:
        if role in IN_BANK:
            if bare or self._happens(0.25):
                return []
            return [(self._pick(self._draw.choice(IN_BANK[role])) if self._happens(0.75) else line, role)]
        if role == "body":
            return [(self._pick("body") if self._happens(0.12) else line, role), *self._more()]
        if self._happens(0.08 if role == "title" else 0.2):
            return []
        return [(self._pick("bio") if role == "byline" and last and self._happens(0.5) else line, role)]

    def _more(self) -> Labelled:
        return [(self._pick("body"), "body")] if self._happens(0.05) else []

    def _ended(self, text: Labelled, last: int) -> Labelled:
        """Return the text with its last paragraph broken off before an offer, or signed, or as it is."""
        line = text[last][0]
        if self._happens(0.12):
            cut = line[: max(40, int(len(line) * self._draw.uniform(0.4, 0.9)))].rsplit(" ", 1)[0] + self._draw.choice(BREAKS)
            offers = [(self._pick("paywall"), "paywall") for _ in range(self._draw.choice((1, 1, 2, 3)))]
            return [*text[:last], (cut, "body"), *offers, *text[last + 1 :]]
        signed = line + self._draw.choice(SIGNS) if self._happens(0.12) else line
        return [*text[:last], (signed, "body"), *text[last + 1 :]]

    def _furniture(self, kinds: tuple[str, ...]) -> tuple[str, str]:
        kind = self._draw.choice(kinds)
        return self._pick(kind), ROLE_OF[kind]

    def _pick(self, kind: str) -> str:
        return self._draw.choice(self._short if kind == "short" else self._bank[kind])

    def _happens(self, chance: float) -> bool:
        return self._draw.random() < chance


def features_of(text: Labelled) -> list[list[str]]:
    """Return the features of each line, as reading a text computes them."""
    lines = split_lines("\n".join(line for line, _ in text))
    language = guess_language((line.folded for line in lines), None)
    clock = replace(CLOCK, day_first=lexicon().languages[language].day_first)
    claims = [claim(line.text, line.folded) for line in lines]
    return line_features(lines, claims, [read_meta(line.text, language, clock) for line in lines])


def texts_of(folder: Path) -> Iterator[Labelled]:
    """Yield every annotated text and its variants, in the order of their paths."""
    draw = random.Random(SEED)
    variations = {path.stem: Variation(read_bank(path), draw) for path in sorted((folder / "bank").glob("*.jsonl"))}
    for path in sorted([*folder.glob("*.txt"), *folder.glob("layouts/*/*.txt")]):
        text = read_layout(path)
        yield text
        variation = variations.get(path.stem[:2])
        if variation and any(role == "body" for _, role in text):
            yield from (variation.of(text) for _ in range(VARIANTS))


def train(folder: Path, model: Path) -> int:
    """Return from how many texts the model was trained that now stands in a file."""
    from pycrfsuite import Trainer

    trainer = Trainer(verbose=False)
    count = 0
    for text in texts_of(folder):
        trainer.append(features_of(text), [role for _, role in text])
        count += 1
    trainer.set_params(TRAINING)
    trainer.train(str(model))
    return count


if __name__ == "__main__":
    target = Path(str(files("tasks.clean") / "data" / "lines.crfsuite"))
    sys.stdout.write(f"{train(Path(sys.argv[1]), target)} texts, {target.stat().st_size:,} bytes\n")
