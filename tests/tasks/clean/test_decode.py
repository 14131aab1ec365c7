import pytest

from tasks.clean.decode import decode

TEXT = "L’été à Genève : « déjà » 20 °C\n" * 40


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(encoding):
    assert decode(TEXT.encode(encoding)) == TEXT


def test_one_bad_byte_does_not_spoil_the_page():
    body = TEXT.encode() + b"\xff fin"
    assert decode(body) == TEXT + "\ufffd fin"


def test_declared_charset_counts_before_guessing():
    assert "Žluťoučký" in (decode('<html><meta charset="iso-8859-2"><p>Žluťoučký kůň</p>'.encode("iso-8859-2")) or "")


@pytest.mark.parametrize("body", [b"\x00\x01\x02" * 500, b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n" + b"x" * 90, bytes(range(256)) * 40])
def test_binary_is_no_text(body):
    assert decode(body) is None


def test_breaks_spaces_and_controls_are_tidied_and_letters_stay():
    assert decode("a\r\nb\rc\x07 d\u00a0e\u202f! l’e\u0301te\u0301 \u00adf".encode()) == "a\nb\nc d e ! l’été f"
