"""Who wrote it: bylines taken apart into people (or outlets) and news agencies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tasks.clean.agencies import CAPITALS, UNNAMED, agency_line, agency_name
from tasks.clean.folding import core, fold, squeeze
from tasks.clean.lexicon import lexicon, notice_words

MAX_WORDS = 20
"""Words of the longest byline: four authors with their towns. A longer line is a sentence."""
ASIDE_WORDS = 4
"""Words of the longest aside behind the name in a byline that says that it is one."""
OTHER_SCRIPT_WORDS = 4
"""Words of the longest name in a script without capitals: what is longer cannot be told from a sentence."""
MAX_CONTRIBUTION = 200
"""Characters of the longest line about who contributed."""
LONGEST_DESK = 60
"""Characters of the longest line of a desk that signs."""
JOB_WORDS = 8
"""Words of the longest line about somebody's job."""
_PARTICLES = frozenset(notice_words("name_particles").split("|"))
_OUTLET = re.compile(rf"(?<!\w)(?:{notice_words('outlet')})(?!\w)")
_PARTS = re.compile(r"\s*(?:[,;|/&•·+]|\s[-–—]\s)\s*")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,80})[)\]]")
_INNER = re.compile(r"\[[^\[\]]{0,80}\]")
_ARTICLE_NAME = re.compile(
    r"^(?:The|THE|Le|LE|La|LA|Les|LES|El|EL|Los|LOS|Las|LAS|Die|DIE|Der|DER|Das|Il|IL|Lo|Gli|GLI|O|A|Os|As|Vos|Votre|Nos|Notre|Ici)\s"
)
"""An outlet beside people: nobody's first name is an article."""
_OUTLET_KIND = re.compile(rf"(?<!\w)(?:{notice_words('outlet_kinds')})(?!\w)")
_CODED = re.compile(r"^[A-Z]{3,4}\s(?=\S*[a-z])|[a-z]\S*\s[A-Z]{2}$")
"""A station or a region in capitals with a town, beside people: `RLR Mainz`, `Olten SO`."""
_OF_TOWN = re.compile(r"^(?:do|da|dos|das|del|della|dal|dalla|du)\s")
"""A town after a person: `Ana Sousa, do Rio de Janeiro`."""
_ALL_TEXTS = re.compile(rf"(?:{notice_words('all_texts')})\s")
_EDITORS = re.compile(rf"(?:{notice_words('editors')})(?!\w)")
_EDITED_TOO = re.compile(rf"\s?[;,.|]\s(?:{notice_words('editors')})(?!\w)")
_TITLES = re.compile(rf"^(?:(?:{notice_words('name_titles')})(?:\.\s?|\s))+(?=\S)")
_STOP_AND_TOWN = re.compile(r"^([A-ZÀ-Ž][^\s.]+(?:\s[^\s.]+){1,2})\.\s(?=[A-ZÀ-Ž])")
"""`Ana Gil. Sevilla`"""
_ANY_BY = re.compile(r"^(?:Por|Par|Von|POR|PAR|VON):?\s(?=[A-ZÀ-Ž][^\W\d]+\s[A-ZÀ-Ž])")
"""What opens a byline in another language than the text seems to be in: short texts are easily taken for another."""
_FROM = re.compile(r"^De (?=[A-ZÀ-Ž]\S+ [A-ZÀ-Ž])")
"""French stations sign so: `De Jean Durand`."""
_DESK = re.compile(
    rf"^(?:(?:by|par|da|di|de|por|von|written by|a cura della)\s)?(?P<desk>(?:(?:la|notre|die|unsere|a)\s)?(?:{notice_words('desks')})"
    r"|(?:[^\W\d]+\s){1,3}desk)(?P<rest>[\s,|/].{2,40})?$"
)
_UNNAMED_DESK = re.compile(rf"(?:(?:la|notre|die|unsere|a)\s)?(?:{notice_words('desks')})")
_INITIALS = re.compile(r"^(?:[A-ZÀ-Ž]\.-?){2,4}$")
_SURNAME_LAST = re.compile(r"[A-ZÀ-Ž][a-zà-ž]+(?:-[A-ZÀ-Ž][a-zà-ž]+)?(?:\s[A-ZÀ-Ž'’-]{2,})+$")
"""`Ève MARTIN`, as the French regional press prints names."""
_ARTICLE_INSIDE = re.compile(r"^([A-ZÀ-Ž][^\s]+\s[A-ZÀ-Ž][a-zà-ž][^\s]*)\s(?:Le|Les|La|The|El|Il|Die|Der|Das)\s[A-ZÀ-Ž]")
GLUED_WORDS = 3
"""Words of a name beyond which the last may be an outlet's."""
_GLUED_BY = re.compile(r"^By(?=[A-Z][a-z])")
_OTHER_SCRIPT = re.compile(r"^[\u0590-\u06ff' .\-]+$")
"""Hebrew and Arabic letters, which know no capitals."""
_OUTLET_NUMBER = re.compile(r"^\d{1,2} [^\W\d]\w+$")
"""Outlets that begin with a number ("20 Minutes"); only beside an agency."""
_CONTACT = re.compile(r"\+\d{1,3}[\d /()\-]{6,20}|\S+@\S+|(?<!\S)@\w+|https?://\S+|www\.\S+")
_TOKEN = re.compile(r"^(?:[A-ZÀ-ÖØ-ÞĀ-ŽΑ-ΩЀ-Я][\w'’.\-]*|[dlDL]['’][A-ZÀ-Ž][\w'’\-]*|\w+\d\w*)$")
_CONTRIBUTED = re.compile(rf"(?<!\w)(?:{notice_words('contributed')})")
_ABOUT_AUTHOR = re.compile(rf"^(?:\S{{2,20}}\s){{0,2}}(\S{{2,30}})\s(?:{notice_words('about_author')})\s")
_REPORTS_FROM = re.compile(rf"^(?:{notice_words('reports_from')})\s")


@dataclass(frozen=True, slots=True)
class Byline:
    """Names as printed, agencies by their usual short names, and how explicit the line was."""

    names: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    explicit: bool = False
    """It began with `par`, `by`... or named a job or an agency after the name."""
    opened: bool = False
    """It began with `par`, `by`..."""
    desk: str | None = None
    """The editorial office that signs, as printed: `La rédaction`, `Redacción Bogotá`."""
    town: bool = False
    """A town follows the name ("Jean Durand à Genève"): likely a byline, but titles look like that too."""


def read_byline(text: str, language: str, *, bare: bool = False) -> Byline | None:
    """Return who is named in a byline, or None when the text is something else.

    Without `bare` it must say that it is one: begin with "par", "by", "von"..., or add a job, a town or an
    agency to a name. With `bare` a name alone is enough, so the caller must know that a name is expected.
    """
    line = _alone(squeeze(_CONTACT.sub(" ", text)))
    if not line or len(line.split()) > MAX_WORDS:
        return None
    desk = read_desk(line)
    if desk:
        return desk
    body, opened = _without_opening(line, language)
    found = _read_parts(body, language, opened)
    if found is None or not (opened or found.explicit or found.town or (bare and found.names)):
        return None
    return found


def _alone(line: str) -> str:
    """Return a byline without signs around it, the brackets around all of it, and those who edited it or took its pictures."""
    line = line.strip("-–—•*|,:·>/ ")
    if line.startswith("(") and line.endswith(")") and line.count("(") == 1 and " " in line:
        line = line[1:-1].strip()
    if _GLUED_BY.match(line):
        line = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", f"By {line[2:]}")
    edited = _EDITED_TOO.search(fold(line))
    return line[: edited.start()] if edited else line


def read_desk(line: str) -> Byline | None:
    """Return the desk that signs a line, with its section, town, outlet or agency behind it; None when no desk does."""
    match = _DESK.match(fold(line)) if len(line) <= LONGEST_DESK else None
    if match is None:
        return None
    desk = line[slice(*match.span("desk"))]
    rest = line[slice(*match.span("rest"))].strip(" |,-–—/:") if match["rest"] else ""
    agencies = agency_line(rest) or ()
    unnamed = agency_line(rest) == ()
    beside = bool(match["rest"]) and match["rest"][1].isalnum()  # "Redacción | El Eco" is the desk of an outlet
    named = beside and not agencies and not unnamed
    section = named and (rest.isalpha() or all(word[0].isupper() or word in _PARTICLES for word in rest.split()))
    if desk[-4:].lower() == "desk" and not desk.istitle() and not desk.isupper():
        return None
    if rest and not (agencies or unnamed or section or is_outlet(rest)):
        return None
    return Byline((), agencies, explicit=True, desk=f"{desk} {rest}" if section else desk)


def is_unnamed_desk(desk: str) -> bool:
    """Return whether a desk is called by its kind alone: `La rédaction`, not `Redacción Bogotá`."""
    return bool(_UNNAMED_DESK.fullmatch(fold(desk)))


def _without_opening(line: str, language: str) -> tuple[str, bool]:
    folded = fold(line)
    reported = _REPORTS_FROM.match(folded)
    if reported:
        return line[reported.end() :].strip(), True
    words = lexicon().languages
    openings = (*words[language].by, *(words["en"].by if language != "en" else ()), *lexicon().by_elsewhere)
    for phrase in sorted(openings, key=len, reverse=True):
        if folded.startswith(phrase) and len(folded) > len(phrase) and folded[len(phrase)] in " :":
            return line[len(phrase) :].strip(" :"), True
    foreign = _ANY_BY.match(line)
    if foreign:
        return line[foreign.end() :], True
    return (line[3:] if language == "fr" and _FROM.match(line) else line), False


def _read_parts(body: str, language: str, opened: bool) -> Byline | None:
    body = _INNER.sub(" ", body) if "(" in body else body
    brackets = _BRACKETS.findall(body)
    agencies = [name for bracket in brackets for name in agency_line(bracket) or ()]
    names: list[str] = []
    kinds: set[str] = set()
    town = False
    for part in _parts(_BRACKETS.sub(" ", body).strip(), language):
        kind, name, place = _read_part(part, language)
        if kind is None and _OUTLET_NUMBER.match(part) and _names_agency(body):
            kind, name = "name", part
        if kind is None and opened and names and _is_aside(part):
            continue  # "Par Jean Durand, ici Vallée"
        if kind is None:
            return None
        if kind == "name" and "job" in kinds and not names:
            continue  # "Health correspondent, Northern Isles": what a job is about
        kinds.add(kind)
        town = town or place
        if kind == "job":
            agencies += _agencies_among(part)
        if name:
            (agencies if kind == "agency" else names).append(name)
    if not (names or agencies or opened or "nobody" in kinds):
        return None
    explicit = opened or bool(kinds & {"agency", "job", "nobody"}) or any(not re.search(r"\d|^[A-Z]{2}$", bracket) for bracket in brackets)
    return Byline(people_of(names), tuple(dict.fromkeys(agencies)), explicit, opened, town=town)


def _is_aside(part: str) -> bool:
    """Return whether it is a few words with a name among them: the programme or place behind the author's name."""
    return len(part.split()) <= ASIDE_WORDS and any(word[:1].isupper() for word in part.split()) and not part.endswith(".")


def _agencies_among(part: str) -> list[str]:
    """Return the agency between a name and a job: `LONNIE CASTILLO AP Sports Writer`."""
    return [name for word in part.split() if CAPITALS.match(word) and (name := agency_name(word))]


def _parts(body: str, language: str) -> Iterator[str]:
    """Give the names, jobs and agencies of a byline one by one."""
    joiners = "|".join(sorted(lexicon().languages[language].joiners | {"and", "&"}))
    joined = re.compile(rf"(?:^|\s)(?:{joiners})\s", re.IGNORECASE if body.isupper() else 0)
    for chunk in _PARTS.split(_STOP_AND_TOWN.sub(r"\1, ", body)):
        whole = chunk.strip(" .:") if chunk.count(".") < 2 else chunk.strip(" :")
        yield from (whole,) if agency_line(whole) else filter(None, joined.split(whole))


def _names_agency(body: str) -> bool:
    return any(agency_name(word) for word in re.split(r"[\s,/()]+", body))


def people_of(names: list[str]) -> tuple[str, ...]:
    """Return the names without their titles, and without outlets and towns that stand beside them, each once."""
    people = [_untitled(squeeze(name)) for name in names]
    people = [_person_beside_outlet(name) for name in people]
    for beside in (_is_outlet, _ARTICLE_NAME.match, _CODED.search, _OF_TOWN.match, _has_digit, _is_one_word):
        people = [name for name in people if not beside(name)] or people
    return tuple(dict.fromkeys(people))


def _is_outlet(name: str) -> bool:
    folded = fold(name)
    return bool(_OUTLET.search(folded) or _OUTLET_KIND.search(folded))


def is_initials(name: str) -> bool:
    """Return whether a name is initials alone: `J.D.`."""
    return bool(_INITIALS.match(name))


def is_outlet(name: str) -> bool:
    """Return whether a name is an outlet's by its words: `El Clarín`, `Radio Sur`."""
    return _is_outlet(name) or bool(_ARTICLE_NAME.match(name))


def _has_digit(name: str) -> bool:
    return any(map(str.isdigit, name))


def _is_one_word(name: str) -> bool:
    return " " not in name and not _INITIALS.match(name)


def _person_beside_outlet(name: str) -> str:
    """Return the person of a name to which an outlet is glued: `Le Courrier Ève MARTIN`, `Ève Martin Le Courrier`, `Ann Lee Eagle News`."""
    capitals = _SURNAME_LAST.search(name)
    before = name[: capitals.start()].strip() if capitals else ""
    if capitals and before and (" " in before or "-" in before or is_outlet(f"{before} ")):
        return capitals.group()
    article = _ARTICLE_INSIDE.match(name)
    if article:
        return article.group(1)
    words = name.split()
    return " ".join(words[:2]) if len(words) > GLUED_WORDS and _OUTLET.search(fold(words[-1])) else name


def _untitled(name: str) -> str:
    """Return a name without rank, degree or clerical title, where first and last name are left."""
    title = _TITLES.match(fold(name))
    return name[title.end() :] if title and " " in name[title.end() :] else name


def _read_part(part: str, language: str) -> tuple[str | None, str, bool]:
    """Return (kind, name, whether a town follows); kind None for what is no part of a byline."""
    agencies = agency_line(part)
    if agencies:
        return "agency", agencies[0], False
    folded = core(fold(part))
    if folded in lexicon().photo_names or _is_nobody(folded) or folded in UNNAMED:
        return (None if folded in lexicon().photo_names else "nobody"), "", False
    if _is_job(folded) and _only_job_words(part):
        return "job", _name_before_job(part), False
    words = part.split()
    places = lexicon().languages[language].places
    for i, word in enumerate(words):
        if fold(word) in places and (i == 0 or looks_like_name(" ".join(words[:i]))) and words[i + 1 :]:
            if not words[i + 1][0].isupper() or not looks_like_name(" ".join(words[i + 1 :])):
                return None, "", False
            return ("name" if i else "place"), " ".join(words[:i]), bool(i)
    return ("name", part, False) if looks_like_name(part) else (None, "", False)


def _is_nobody(folded: str) -> bool:
    """Return whether a part names no person: `la rédaction`, also with the outlet behind it."""
    known = lexicon().nobody
    words = folded.split()
    return folded in known or (1 < len(words) <= ASIDE_WORDS + 1 and words[0] in known and " ".join(words[:2]) not in lexicon().job_names)


def _is_job(folded: str) -> bool:
    return bool(lexicon().jobs.search(folded))


def _only_job_words(part: str) -> bool:
    """Return whether every small word belongs to names, places or jobs: "Tributes paid to author" is a headline."""
    known = job_vocabulary()
    return all(not word[0].islower() or core(fold(word)) in known for word in part.split())


@cache
def job_vocabulary() -> frozenset[str]:
    """Return the small words that stand in the name of a job, folded."""
    lex = lexicon()
    phrases = {*lex.beats, *lex.sections, *_PARTICLES, *notice_words("job_words").split("|")}
    places = (word for language in lex.languages.values() for word in (*language.places, *language.joiners))
    return frozenset(word for phrase in (*phrases, *lex.job_names, *places) for word in re.split(r"[\s-]", phrase)) | lex.job_names


def _name_before_job(part: str) -> str:
    """Return the name in "Imogen Hart Environment correspondent", or an empty text when only the job is there."""
    words = part.split() if not _ALL_TEXTS.match(fold(part)) else []
    known = lexicon()
    kept: list[str] = []
    for word in words:
        folded = core(fold(word))
        agency = CAPITALS.match(word) and agency_name(word)
        if agency or not word[0].isupper() or folded in known.beats or folded in known.sections or known.jobs.fullmatch(folded):
            break
        kept.append(word.strip(","))
    return " ".join(kept) if 2 <= len(kept) <= 4 and looks_like_name(" ".join(kept)) else ""


def looks_like_name(text: str) -> bool:
    """Return whether the text is shaped like the name of a person or outlet: one to five capitalised words."""
    words = text.split()
    if not 1 <= len(words) <= 6 or len(text) > 60:
        return False
    if _OTHER_SCRIPT.match(text):
        return len(words) <= OTHER_SCRIPT_WORDS
    if words[-1].endswith(".") and len(words[-1]) > 4:
        return False
    text = text[title.end() :] if (title := _TITLES.match(fold(text))) else text
    words = text.split()
    solid = [w for w in words if fold(w) not in _PARTICLES]
    return bool(solid) and all(_TOKEN.match(w) and not _starts_low(w) for w in solid) and any(c.isalpha() for c in text)


def _starts_low(word: str) -> bool:
    """Return whether a word begins with a small letter, past `d'` and `l'`."""
    letter = word[2:3] if word[1:2] in ("'", "’") and word[0] in "dlDL" else word[0]
    return letter.islower() and not any(c.isdigit() for c in word)


def is_job_line(text: str) -> bool:
    """Return whether a short line says what somebody does: `Health correspondent, Northern Isles`. Titles look like that too."""
    first = text.split(",", maxsplit=1)[0]
    return len(text.split()) <= JOB_WORDS and text[-1:] not in ".!?" and _is_job(core(fold(first))) and _only_job_words(first)


def names_outlet(folded: str) -> bool:
    """Return whether a word of a folded line is one that outlets have in their names: `news`, `radio`."""
    return bool(_OUTLET.search(folded))


def opens_with_author(folded: str, surnames: set[str]) -> bool:
    """Return whether a folded line begins with one of these surnames and what its bearer does: `Keller covers education`."""
    match = _ABOUT_AUTHOR.match(folded[:100])
    return bool(match and match.group(1) in surnames)


def is_editors(folded: str) -> bool:
    """Return whether a folded line names those who edited, translated or photographed, and not the author."""
    return bool(_EDITORS.match(folded.lstrip("(")))


def without_contribution(text: str) -> tuple[str, tuple[str, ...]] | None:
    """Return a line without its clause on who contributed, and the agencies named there; None when it has no such clause."""
    match = _CONTRIBUTED.search(fold(text))
    if match is None or len(text) > MAX_CONTRIBUTION:
        return None
    before = text[: match.start()].rstrip()
    start = max((before.rfind(sign) + 1 for sign in ",;.|"), default=0)
    return before[:start].strip(" ,;.|"), agency_line(before[start:]) or ()


def is_contribution(folded: str) -> bool:
    """Return whether a folded line says who contributed to the report."""
    return len(folded) <= MAX_CONTRIBUTION and bool(_CONTRIBUTED.search(folded))
