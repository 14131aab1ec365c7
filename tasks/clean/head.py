"""The head of an article in lines: kicker, title, dek."""

import re
from dataclasses import dataclass

from tasks.clean.folding import fold, squeeze
from tasks.clean.lexicon import lexicon
from tasks.clean.line import Line

TITLE_LONGEST = 240
"""Characters of the longest title."""
DEK_WORDS = 9
"""Words from which the second line without a stop is a dek and no heading."""
KICKER_LONGEST = 40
KICKER_WORDS = 4
HOME = {"accueil", "startseite", "inicio", "home"}
"""The first word of breadcrumbs without arrows; in English also of headlines."""
LABELS_MOST = 8
"""Labels over one title: a breadcrumb of one line each has four or five."""
ONE_LINE_TITLE = 110
"""Characters of the longest title when only two lines stand over names and dates: a longer one is the dek of a short title."""
_CRUMBS = re.compile(r"\s[>›»/|·•–—]\s|\s?[>›→]\s?|(?<=\w)\|(?=\w)")
_SURE_CRUMBS = re.compile(r"[>›→]|^[^«]*\s»\s")


@dataclass(frozen=True, slots=True)
class Head:
    """Title and dek as printed; either may be missing."""

    title: str | None = None
    dek: str | None = None


def read_head(lines: list[Line], *, title: str | None, find_title: bool, sure: Line | None = None) -> Head:
    """Return title and dek, and mark their lines; a document of one line is text and has neither.

    `sure` is a line that is the title whatever stands around it.
    """
    if len(lines) == 1:
        return Head(title)
    first_prose = next((i for i, line in enumerate(lines) if line.kept and line.is_prose), len(lines))
    labelled = _labelled_dek(lines, first_prose)
    _mark_kickers(lines, first_prose)
    found = _known_title(lines, title) if title else _sure_title(lines, sure) if sure else None
    if found is None and not title and find_title:
        found = _find_title(lines, first_prose, labelled)
    if found is None:
        return Head(title, labelled.text if labelled else None)
    dek = labelled or _find_dek(lines, found, first_prose)
    if dek and not dek.ends_with_stop and dek.kept and dek is not labelled:
        dek.role = "dek"
    return Head(title or found.text, dek.text if dek else None)


def _labelled_dek(lines: list[Line], first_prose: int) -> Line | None:
    """Return the paragraph under "l'essentiel" and the like when it stands before the body."""
    labels = lexicon().dek_labels
    for i, line in enumerate(lines[:6]):
        if i <= first_prose and line.role in (None, "kicker") and line.core in labels:
            following = [other for other in lines[i + 1 :] if other.kept]
            if len(following) > 1 and not following[0].bulleted:
                return following[0]
    return None


def _mark_kickers(lines: list[Line], first_prose: int) -> None:
    lex = lexicon()
    for line in lines[:first_prose]:
        if line.role is None and (line.core in lex.kickers or line.core in lex.sections):
            line.cut("kicker", "kicker_line")
        elif line.role is None and line.index < 4 and _is_breadcrumb(line, lines):
            line.cut("kicker", "breadcrumbs")


def _is_breadcrumb(line: Line, lines: list[Line]) -> bool:
    """Say whether a line is the way to the article on its site: sections between arrows, strokes or dashes, or one after the other."""
    sections = lexicon().sections | lexicon().kickers
    parts = [p.strip() for p in map(fold, _CRUMBS.split(line.text[:400])) if p.strip()]
    if len(parts) > 1 and any(other.folded.strip() == parts[-1] for other in lines[line.index + 1 : line.index + 4]):
        return True
    if len(line.text) > 120 or line.ends_with_stop:
        return False
    known = [p in sections for p in parts]
    if len(parts) > 1 and _SURE_CRUMBS.search(line.text):
        return any(known) or all(len(p.split()) <= KICKER_WORDS for p in parts)
    if len(parts) > 1:
        return any(known) and all(len(p.split()) < KICKER_WORDS for p in parts)
    words = line.folded.split()
    if words[0] in HOME and len(words) > 1 and all(word[0].isupper() or len(word) < KICKER_WORDS for word in line.text.split()):
        return words[0] != "home" or words[-1] in sections
    return any(" ".join(words[:n]) in sections and " ".join(words[n:]) in sections for n in range(1, min(len(words), 5)))


def _known_title(lines: list[Line], title: str) -> Line | None:
    wanted = squeeze(fold(title))
    for line in lines[:8]:
        if line.role is None and squeeze(line.folded) == wanted:
            line.role = "title"
            return line
    return None


def _sure_title(lines: list[Line], sure: Line) -> Line | None:
    """Mark the line as the title and the short lines over it as labels; None for a line that was cut for what it says."""
    if sure.meta or len(sure.text) > TITLE_LONGEST:
        return None
    sure.role, sure.reason = "title", ""
    for line in lines[: sure.index]:
        if line.role is None and not line.is_prose:
            line.cut("kicker", "line_above_title")
    return sure


def _find_title(lines: list[Line], first_prose: int, labelled: Line | None) -> Line | None:
    candidates = [line for line in lines[:first_prose] if line.role is None and line is not labelled]
    for _ in range(LABELS_MOST):
        if not candidates or not (_is_kicker(candidates, lines) or _is_label(candidates, lines) or _is_masthead(candidates, lines)):
            break
        candidates.pop(0).cut("kicker", "line_above_title")
    if not candidates or not _may_be_title(candidates[0], lines):
        return None
    candidates[0].role = "title"
    return candidates[0]


def _is_label(candidates: list[Line], lines: list[Line]) -> bool:
    """Say whether the first of the lines over names and dates is one of the site's labels: short, with a longer line to come.

    Several short lines in a row are a breadcrumb. A single one is a label when a title and a dek follow, or
    a line that is too short for the dek of such a title.
    """
    first = candidates[0]
    if not _is_short(first) or first.bulleted:
        return False
    metas = [line.index for line in lines if line.meta and line.index > first.index]
    over = [line for line in candidates if not metas or line.index < metas[0]]
    longer = next((n for n, line in enumerate(over) if not _is_short(line)), 0)
    if not longer and metas and len(over) > 1 and over[-1].index + 1 == metas[0]:
        return len(first.text) <= len(over[-1].text)  # nothing but short lines: the title is the last of them
    if longer > 1:
        return not over[longer].ends_with_stop or len(over[longer].text) <= ONE_LINE_TITLE
    if not longer or over[longer].ends_with_stop:
        return False
    if not metas:
        return False
    words = first.folded.split()
    pair = len(words) == 3 and any(words[1] in known.joiners or words[1] == "&" for known in lexicon().languages.values())
    few = (len(words) < 3 or pair) and len(over[longer].text) <= ONE_LINE_TITLE
    dek = any(line.kept and line.is_prose for line in lines[over[-1].index + 1 : metas[0]])
    return few or dek or (len(over) > 2 and not over[2].bulleted and len(over[2].text) > len(over[1].text))


def _is_masthead(candidates: list[Line], lines: list[Line]) -> bool:
    """Say whether labels of the site stand between the first line and a later one: the first is the site's, or a kicker.

    A kicker also is a line of few words right over a longer line that is too short for a dek, over names and dates.
    """
    first = candidates[0]
    metas = [line.index for line in lines if line.meta and line.index > first.index]
    over = [line for line in candidates[1:] if metas and line.index < metas[0] and not line.ends_with_stop]
    if not over:
        return False
    if len(over) == 1 and over[0].index == first.index + 1 and metas[0] == over[0].index + 1:
        short = len(first.text.split()) <= KICKER_WORDS and len(first.text) < len(over[0].text) and first.text[-1] not in '.!?…,;»”"'
        return short and len(over[0].text.split()) < DEK_WORDS
    below = lines[first.index + 1]
    label = below.reason in ("kicker_line", "tools_line") or (below in over and _is_short(below))
    return label and any(not _is_short(line) and line.index > below.index for line in over)


def _is_short(line: Line) -> bool:
    return len(line.text.split()) < KICKER_WORDS and len(line.text) <= KICKER_LONGEST and line.text[-1] not in '.!?…,;»”"'


def _may_be_title(line: Line, lines: list[Line]) -> bool:
    if len(line.text) > TITLE_LONGEST or line.bulleted:
        return False
    if any(other.kept for other in lines[: line.index]):
        return False
    following = [other for other in lines[line.index + 1 :] if other.kept or other.meta]
    if not following:
        return bool([other for other in lines if other.meta])
    if line.ends_with_stop and not line.text.endswith(("…", "...")):
        return bool(following[0].meta) and len(line.text) <= 130
    return not line.text.endswith((",", ";"))


def _is_kicker(candidates: list[Line], lines: list[Line]) -> bool:
    """Say whether the first of the lines above the body is a label over the real title."""
    if len(candidates) < 2 or candidates[1].index != candidates[0].index + 1:
        return False
    first, second = candidates[0], candidates[1]
    words = first.text.split()
    if len(words) > KICKER_WORDS or len(first.text) > KICKER_LONGEST or len(second.text.split()) < 4 or second.ends_with_stop:
        return False
    if first.text.isupper() and not second.text.isupper():
        return True
    if first.text.endswith((":", "|", "/")):
        return True
    return (
        len(candidates) == 3
        and any(line.is_prose for line in lines)
        and candidates[2].index == second.index + 1
        and len(candidates[2].text) > len(second.text)
    )


def _find_dek(lines: list[Line], title: Line, first_prose: int) -> Line | None:
    """Return the one line between the title and the line of names and dates, or a long line without stop."""
    metas = [line.index for line in lines if line.meta and line.index > title.index]
    kept = [line for line in lines[title.index + 1 :] if line.kept]
    if not kept:
        return None
    if metas and len(lines) - metas[0] > 1:
        between = [line for line in kept if line.index < metas[0]]
        after = [line for line in kept if line.index > metas[0]]
        if len(between) == 1 and after:
            return between[0]
        if len(between) > 1:
            return None
    first = kept[0]
    if first.is_prose or first.ends_with_stop or len(kept) < 2:
        return None
    follows = len(first.text.split()) >= DEK_WORDS and kept[1].is_prose and not first.bulleted and first.text[-1] not in ":?"
    return first if follows and first.index <= first_prose else None
