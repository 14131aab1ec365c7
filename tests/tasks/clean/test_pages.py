"""Faults that pages and texts of newcomers showed."""

from datetime import UTC, datetime

from schemas.article import Article
from schemas.document import MediaType, RawDocument
from tasks.clean.document import clean_document


def cleaned(body: str, media_type: MediaType) -> Article:
    raw = RawDocument(body=body.encode(), media_type=media_type, origin="a", place="/a", source="s")
    found = clean_document(raw, zone="UTC", now=datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(found, Article)
    return found


def test_the_last_paragraph_with_its_agency_is_no_caption() -> None:
    found = cleaned(
        "Granada estrena tranvía nocturno\n\nPor Inés Cuadra\n3 de junio de 2025, 08:00\n\n"
        "El tranvía de Granada circulará desde el viernes hasta las dos de la madrugada.\n\n"
        "El servicio costará tres millones de euros al año, según la Junta. (EFE)\n\nFoto: Pepe Torres / EFE\n",
        "text/plain",
    )
    assert found.text.endswith("según la Junta. (EFE)")
    assert found.agency == ("EFE",)
    assert [block.text for block in found.removed if block.role == "caption"] == ["Foto: Pepe Torres / EFE"]


def test_an_author_alone_in_a_paragraph_is_no_text() -> None:
    page = (
        '<html><head><title>New bridge opens</title><meta name="author" content="Nell Hartley">'
        '<meta property="og:title" content="New bridge opens in town"></head><body><article><h1>New bridge opens in town</h1>'
        "<p>Nell Hartley</p><p>The bridge over the river was opened on Monday by the mayor, who thanked the builders for their work during "
        "two winters.</p><p>It cost nine million pounds, the council said, and will carry buses in spring.</p></article></body></html>"
    )
    found = cleaned(page, "text/html")
    assert found.text.startswith("The bridge over the river")
    assert found.byline == ("Nell Hartley",)
    assert [(block.role, block.text) for block in found.removed] == [("byline", "Nell Hartley")]
