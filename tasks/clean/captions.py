"""Picture captions and credits among the lines of an article."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tasks.clean.folding import core, fold
from tasks.clean.lexicon import alternatives, lexicon, read_rules

LONGEST = 600
"""Characters beyond which a paragraph with a credit at its end is a paragraph."""
_BRACKET = re.compile(r"[(\[]([^()\[\]]{2,140})[)\]][\s.]*$")
_SIGN = re.compile(r"(?:©|\(c\)|℗)\s?(?=\S)[^.!?]{2,90}\.?$", re.IGNORECASE)
_SLASHED = re.compile(r"(?:^|[.»”\"?!)]\s+|\s[-–—|]\s?)([^.!?»()\[\]|]{2,60}(?:/[^.!?()\[\]|]{2,40}){1,3})\.?$")
_NAME_AND_HOUSE = re.compile(r"^[A-ZÀ-Ž][\w'’.-]*(?:\s[A-ZÀ-Ž][\w'’.-]*){1,2}\s?/\s?(?:The\s)?[A-ZÀ-Ž][\w'’.-]+(?:\s[\w'’.-]+){0,4}$")
"""A photographer and the house that prints the picture: `(Jim Tate/Valley Courier)`."""
_SOURCE = re.compile(r"^(?:quelle|source|fuente|fonte|fonti)\s?:\s?([^/]{2,40}(?:/[^/]{2,40})?)$")
_CAPITAL_CREDIT = re.compile(r"^(?:PHOTOS?|FOTOS?|BILD|CREDIT|CRÉDIT)\s[^a-zà-ž]{4,80}$")
_PIPED = re.compile(r"[.!?»”\"')]\s?\|\s?(?=[A-ZÀ-Ž])[^.!?|]{2,50}$")
_NAMED = re.compile(r"(?:[.»”\"!?)]|^)\s(?:Photos?|Fotos?|Bild|Image|Imagen|Illustration|Courtesy of|Courtesy)\s(?=[A-ZÀ-Ž])[^.!?]{3,70}$")
_DASHED = re.compile(
    r"\s[–—-]\s(?:photos?|fotos?|bild|credits?|image|imagem|imagen)\s?:?\s?[^.!?]{2,70}\.?$|[^!?:]\s(?:photos?|fotos?|bild|credit|crédit|quelle|pics?|pictures?|ph)\s?[:/]\s?[^.!?:]{3,60}$"
)
_GLUED = re.compile(r"[a-zà-ž\d)»”\"]\.(?=[A-ZÀ-Ž])(?:[A-ZÀ-Ž][\w'’-]{1,20}\s?){2,4}(?:\([\w /]{2,30}\))?$")
"""The credit of a picture whose element ran into the caption: `in December.Clara Mendoza`."""
_CAPITAL_NAME = re.compile(r"[a-zà-ž\d)»”\"][.!?»”\")]?\s(?:[A-ZÀ-Ž][A-ZÀ-Ž'’.-]+\s?){2,4}(?:(?:POUR|FOR|PARA|PER|FÜR)\s.{2,40})?$")
"""A photographer in capitals behind the caption, without agency: `... le 2 octobre. JEAN DURAND POUR « LE SOIR »`."""
_CAPITAL_LEAST = 10
"""Letters of the shortest such name: two abbreviations have fewer."""
_INITIALS = re.compile(r"[.)]\s[-–—]?\s?[A-ZÀ-Ž]\.\s?[A-ZÀ-Ž]\.$")
SHORTER = 320
"""Characters of the longest caption with a name in capitals behind it."""
SHORT = 160
"""Characters of the longest line over the text that is a caption with nothing but an agency in brackets."""


@dataclass(frozen=True, slots=True)
class _Words:
    credit: re.Pattern[str]
    place: re.Pattern[str]
    old: re.Pattern[str]
    opening: re.Pattern[str]
    trailing: re.Pattern[str]


@cache
def _words() -> _Words:
    rules = {key: alternatives(fold(p) for p in phrases) for key, phrases in read_rules("captions").items()}
    return _Words(
        credit=re.compile(rf"^(?:{rules['credit']})(?!\w)|(?<!\w)(?:photo|foto|via getty|getty images|ap photo)(?!\w)"),
        place=re.compile(rf"\((?:{rules['place']})\)"),
        old=re.compile(rf"(?<!\w)(?:{rules['old']})(?!\w)"),
        opening=re.compile(rf"^(?:{rules['opening']})(?!\w)"),
        trailing=re.compile(rf"[.»\"!?]\s(?:{rules['after']})\s?(?::|-|by |de |di |von |par )\s?[^.!?]{{2,80}}\.?$"),
    )


def caption_reason(text: str, folded: str) -> str | None:
    """Return the name of the rule by which a line is a caption wherever it stands, or None."""
    rules: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("source_credit", lambda: _is_source(folded)),
        ("capital_credit", lambda: bool(_CAPITAL_CREDIT.match(text))),
        ("bracketed_photo_credit", lambda: _bracketed_credit(text)),
        ("copyright_sign_credit", lambda: len(text) <= 400 and bool(_SIGN.search(text[-100:]))),
        ("agency_photo_credit", lambda: _slashed_credit(text)),
        ("photo_credit", lambda: bool(_words().trailing.search(folded[-120:]))),
        ("piped_credit", lambda: len(text) <= 320 and bool(_PIPED.search(text[-80:]))),
        ("named_credit", lambda: len(text) <= 320 and bool(_NAMED.search(text[-100:]) or _DASHED.search(folded[-100:]))),
        ("glued_credit", lambda: len(text) <= 320 and bool(_GLUED.search(text[-100:]))),
        ("archive_picture", lambda: len(text) <= 320 and text[:1] not in '«“"„' and bool(_words().old.search(folded))),
    )
    return next((reason for reason, holds in rules if holds()), None) if len(text) <= LONGEST else None


def pictured_reason(text: str, folded: str) -> str | None:
    """Return the rule by which a line near the title is a caption without a credit, or None."""
    if len(text) <= LONGEST and (_words().place.search(folded) or _words().opening.match(folded)):
        return "place_in_picture"
    bracket = _BRACKET.search(text[-60:])
    if len(text) <= SHORT and bracket and fold(bracket.group(1)) in lexicon().photo_names:
        return "agency_in_brackets"
    if len(text) <= SHORTER and _capital_name(text):
        return "capital_name"
    return "initials" if len(text) <= SHORT and _INITIALS.search(text) else None


def _capital_name(text: str) -> bool:
    match = _CAPITAL_NAME.search(text[-90:])
    return bool(match) and sum(c.isupper() for c in match.group()) >= _CAPITAL_LEAST if match else False


def bare_credit(folded: str) -> bool:
    """Return whether a folded line is nothing but a picture agency, or a name and an agency."""
    line = core(folded)
    return len(line) <= 60 and (line in lexicon().photo_names or ("/" in line and _has_photo_agency(line))) and " " in line


def _bracketed_credit(text: str) -> bool:
    match = _BRACKET.search(text[-160:])
    if not match:
        return False
    inside = fold(match.group(1))
    if "©" in inside or _has_photo_agency(inside) or _NAME_AND_HOUSE.match(match.group(1)):
        return True
    return len(inside.split()) > 1 and bool(_words().credit.search(inside))


def _has_photo_agency(folded: str) -> bool:
    """Return whether there is a name and a picture agency parted by a stroke, the agency last: `X/AFP`, `X/POOL/AFP via Getty Images`."""
    parts = [core(p) for p in re.split(r"/|\s-\s", folded)]
    names = lexicon().photo_names
    if len(parts) < 2:
        return parts[0] in ("getty images", "getty", "shutterstock", "ap photo", "epa-efe")
    first_is_agency = parts[0] in names
    return any(p in names or p.endswith((" getty images", " via reuters", " via ap")) for p in parts[1:]) or (
        first_is_agency and len(parts) == 2 and len(parts[1].split()) >= 2
    )


def _is_source(folded: str) -> bool:
    """Return whether a line names the source of a picture: a name and an agency, or a house that sells nothing but pictures."""
    match = _SOURCE.match(folded)
    if not match:
        return False
    name = core(match.group(1))
    return _has_photo_agency(name) if "/" in name else name in lexicon().photo_names and name not in lexicon().agencies


def _slashed_credit(text: str) -> bool:
    """Return whether a credit stands after the sentence or as the whole line: `... à Paris. JEAN DURAND / AFP`."""
    tail = text[-110:]
    match = _SLASHED.search(tail) if "/" in tail else None
    if not match or (match.start() == 0 and len(text) > len(tail)):
        return False
    return _has_photo_agency(fold(match.group(1)))
