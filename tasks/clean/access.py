"""How much of the article the document holds: notices that the rest is for subscribers."""

import re

_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s?(?:%|pour cent|per cent|percent|prozent|por ciento|per cento|por cento)")
_REMAINS = re.compile(
    r"(?<!\w)(?:reste|restent|restants?|remain(?:s|ing)?|left|noch|verbleiben\w*|ubrig|quedan?|restan?|restantes?|restam?|rimane|faltan?|falta)(?!\w)"
)
_HAVE_READ = re.compile(
    r"vous avez (?:deja )?lu|vous venez de lire|you(?:'ve| have) (?:already )?read|sie haben (?:erst |bereits )?|has leido|ha leido|hai letto|voce leu|ja leu"
)
_ARTICLE = re.compile(
    r"(?<!\w)(?:articles?|artikels?|beitrags?|textes?|textos?|story|articulos?|articolo|artigos?|materia|noticia|nota|contenu|content|texts?)(?!\w)"
)
_READ = re.compile(
    r"(?<!\w)(?:lire|consulter|decouvrir|read|reading|lesen|gelesen|leer|leggere|ler|lecture|abonnes?|subscribers?|abonnenten|suscriptores|abbonati|assinantes|lu|leido|letto|leu)(?!\w)"
)
_CHARACTERS = re.compile(r"\[\+(\d{1,7}) (?:chars|characters)\]\s*$")


def remaining_note(folded: str) -> str | None:
    """Return "73.13 % remaining" when a folded line says how much of the article is missing, else None.

    Understands "il reste 73,13 % de cet article à lire" and "you have read 20 % of this article".
    """
    if len(folded) > 420:
        return None
    match = _PERCENT.search(folded)
    if not match or not _ARTICLE.search(folded) or not _READ.search(folded):
        return None
    share = float(match.group(1).replace(",", "."))
    if share > 100:
        return None
    if _REMAINS.search(folded):
        return f"{match.group(1).replace(',', '.')} % remaining"
    return f"{100 - share:g} % remaining" if _HAVE_READ.search(folded) else None


def cut_note(text: str) -> str | None:
    """Return how many characters a feed's cut text lacks ("[+1234 chars]" at its end), else None."""
    match = _CHARACTERS.search(text[-40:])
    return f"{match.group(1)} characters remaining" if match else None
