from datetime import UTC, datetime

import pytest

from tasks.clean.dates import Clock, choose_stamps, infer_day, read_date_line
from tasks.clean.folding import fold
from tasks.clean.meta import read_meta
from tasks.clean.stamps import machine_stamp

CLOCK = Clock("UTC", datetime(2026, 11, 20, tzinfo=UTC))
ENGLISH = Clock("UTC", CLOCK.now, day_first=False)


def iso(stamp):
    return stamp.at.strftime("%Y-%m-%dT%H:%M") if stamp else None


@pytest.mark.parametrize(
    ("line", "published", "updated"),
    [
        ("14 mai 2023 22:15 Mis à jour: 3 juin 2023 08:40", "2023-05-14T22:15", "2023-06-03T08:40"),
        ("Le 07/02/2025 à 05h48", "2025-02-07T05:48", None),
        ("Publié le 1er mars 2024 à 21 h 57 (heure de Paris)", "2024-03-01T20:57", None),
        ("Publié le 12 mars 2024 à 14h05, mis à jour à 16h30", "2024-03-12T14:05", "2024-03-12T16:30"),
        ("Stand: 12.03.2024 14:05 Uhr", "2024-03-12T14:05", None),
        ("Aktualisiert am 12. März 2024 um 21.57 Uhr", None, "2024-03-12T21:57"),
        ("12 de marzo de 2024 - 14:05 CET", "2024-03-12T13:05", None),
        ("Pubblicato il 12 marzo 2024 alle ore 14:05", "2024-03-12T14:05", None),
        ("12/03/2024 às 14h05 - Atualizado em 13/03/2024 às 10h", "2024-03-12T14:05", "2024-03-13T10:00"),
        ("19.07.2022 – 17:48", "2022-07-19T17:48", None),
        ("12 mars 2024 - 14:05 UTC+2", "2024-03-12T12:05", None),
        ("2:05 PM EST, Tue March 12, 2024", "2024-03-12T19:05", None),
        ("Mar 12, 2024 | Updated 3 hours ago", "2024-03-12T00:00", None),
        ("2024-03-12T14:05:00+01:00", "2024-03-12T13:05", None),
        ("3.ago.2024 às 7h05", "2024-08-03T07:05", None),
        ("Atualizado: 3.ago.2024 às 9h40", None, "2024-08-03T09:40"),
        ("5 ago 2024 10:30 (GMT-1)", "2024-08-05T11:30", None),
        ("(02-SET-24 09:15)", "2024-09-02T09:15", None),
        ("Publié à 7 h 45 HAE, le 4 juillet 2024", "2024-07-04T11:45", None),
        ("14/02/2024 - 18:20 COT", "2024-02-14T23:20", None),
        ("8 May, 2024 07:10 p.m. AR", "2024-05-08T22:10", None),
        ("Mise en ligne le 02/09/2024 à 10:00", "2024-09-02T10:00", None),
        ("3 июня 2024, 10:15 (МСК)", "2024-06-03T07:15", None),
        ("Обновлено 3 июня 2024, 12:00 мск", None, "2024-06-03T09:00"),
        ("نشر في 7 نونبر 2024 - 16:30 بتوقيت غرينتش", "2024-11-07T16:30", None),
        ("آخر تحديث: الثلاثاء 2 أبريل 2024 - 18:05", None, "2024-04-02T18:05"),
        ("giovedì 3 ottobre 2024 · numero 1.203", "2024-10-03T00:00", None),
        ("Publié le 12 mars à 14:05", None, None),
        ("il y a 3 heures", None, None),
        ("12 mars 2031", None, None),
        ("31/02/2024", None, None),
    ],
)
def test_printed_dates(line, published, updated):
    first, second = choose_stamps([line], CLOCK)
    assert (iso(first), iso(second)) == (published, updated)


@pytest.mark.parametrize(
    ("line", "published", "updated"),
    [
        ("Talca, Maule, 9 de abril de 2024", "2024-04-09T00:00", None),
        ("Économie, mardi 9 avril 2024, 341 mots, p. 7", "2024-04-09T00:00", None),
        ("Updated April 9, 2024, 5:18 p.m. EDT: A quote from the mayor was added.", None, "2024-04-09T21:18"),
        ("Le 9 avril 2024, la mairie a fermé", None, None),
        ("Hall 3, Eintritt frei, 9. April 2024", None, None),
    ],
)
def test_lines_of_a_date_with_its_place_or_reason(line, published, updated):
    found = read_meta(line, "en", CLOCK)
    stamps = choose_stamps([found.text], CLOCK) if found else (None, None)
    assert tuple(map(iso, stamps)) == (published, updated)


@pytest.mark.parametrize("line", ["3 hours ago", "an hour ago", "Updated 5 minutes ago", "2h ago"])
def test_ago_is_august_only_beside_a_day(line):
    assert read_date_line(line, CLOCK).whole
    assert choose_stamps([line], CLOCK) == (None, None)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("3/4/2024 2:05 PM", "2024-03-04T14:05"),
        ("3/4/2024 14:05 GMT", "2024-04-03T14:05"),
        ("3/4/2024", "2024-03-04T00:00"),
        ("13/4/2024", "2024-04-13T00:00"),
    ],
)
def test_month_first_only_as_americans_print_it(line, day):
    assert iso(choose_stamps([line], ENGLISH)[0]) == day


@pytest.mark.parametrize(
    "line", ["Le 12 mars 2024, le président a parlé.", "Du 10 au 12 mars 2024", "2024", "Mars 2024", "Ils étaient 12 en mars 2024"]
)
def test_sentences_are_no_date_lines(line):
    assert not read_date_line(line, CLOCK).whole


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("entré en vigueur ce mercredi 4 décembre, dit l'agence", "2024-12-04T00:00"),
        ("The vote took place this Wednesday, December 4 in the senate", "2024-12-04T00:00"),
        ("El pleno votó este miércoles 4 de diciembre la ley", "2024-12-04T00:00"),
        ("en Belgique mercredi 4 décembre", None),
        ("ce mercredi 4 décembre 2019", None),
        ("ce mercredi 4 décembre, puis ce jeudi 5 décembre", None),
        ("le 19 juin", None),
        ("hier", None),
    ],
)
def test_a_day_without_year_is_inferred_only_when_it_is_the_day_of_writing(text, day):
    stamp = infer_day([(text, fold(text))], CLOCK)
    assert iso(stamp) == day
    assert stamp is None or stamp.found_in == "inferred"


@pytest.mark.parametrize(
    ("value", "moment", "zone"),
    [
        ("2024-03-12T14:05:00Z", "2024-03-12T14:05", "stated"),
        ("2024-03-12 14:05:09.123456", "2024-03-12T14:05", "assumed"),
        ("2024-03-12T14:05:00+0100", "2024-03-12T13:05", "stated"),
        ("Tue, 12 Mar 2024 14:05:00 GMT", "2024-03-12T14:05", "stated"),
        (1710252300, "2024-03-12T14:05", "stated"),
        ("1710252300000", "2024-03-12T14:05", "stated"),
        ("2024-03-12", "2024-03-12T00:00", "assumed"),
        ("12 mars 2024", "2024-03-12T00:00", "assumed"),
        (0, None, None),
        ("1970-01-01T00:00:00Z", None, None),
        ("2031-01-01", None, None),
        ("soon", None, None),
        (True, None, None),
        ([1], None, None),
        (float("inf"), None, None),
    ],
)
def test_dates_of_rows(value, moment, zone):
    stamp = machine_stamp(value, "row", CLOCK)
    assert iso(stamp) == moment
    assert (stamp.zone if stamp else None) == zone


def test_assumed_zone_is_the_setting():
    first, _ = choose_stamps(["12 juillet 2024 14:05"], Clock("Europe/Paris", CLOCK.now))
    assert (iso(first), first.zone, first.raw) == ("2024-07-12T12:05", "assumed", "12 juillet 2024 14:05")
