"""The command that explains an article. The document is read again here, so that nothing has to be stored for it."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from flows.label_lines import credit_lines, entity_lines, topic_lines
from flows.options import AsJson, StorePath, make_settings
from flows.output import print_json, print_table
from schemas.article import Candidate
from schemas.document import RawDocument
from schemas.errors import UsageError
from schemas.labelling import Labelling
from tasks.store.connection import open_current
from tasks.store.migrate import Connection
from tasks.store.reading.browse import Found
from tasks.store.reading.explain import Explained, explain_fields, fetch_explained, fetch_reasons, fetch_texts
from tasks.store.reading.explain_labels import explain_labels

app = typer.Typer()

MOST_DOCUMENTS = 5  # of an article with many versions the latest: each is parsed again
MOST_COPIES = 10  # whose passages are looked for: of a text that hundreds print all are alike
SHOWN = 160  # characters of a value in the table: the whole of it is in `wirehouse article` and in --json


@app.command()
def explain(
    article_id: Annotated[str, typer.Argument(help="Id, or its beginning.")], as_json: AsJson = False, store: StorePath = None
) -> None:
    """Show why an article is what it is: fields with their rules, what was cut, passages shared with its copies, its story, its labels.

    Example: wirehouse explain 9b1d
    """
    from tasks.clean.version import rules_digest

    settings = make_settings(store=store)
    con = open_current(settings.store)
    article, documents = fetch_explained(con, article_id)
    article |= {"relations": with_passages(con, article), "story": fetch_reasons(con, article)}
    article["topics"], article["entities"], article["credited"] = explain_labels(con, article, settings.labelling)
    fields = explain_fields(article, offered(documents, settings.assumed_zone))
    up_to_date = article["cleaned_by"] == rules_digest()
    labels_up_to_date = _labels_are_current(article, settings.labelling)
    if as_json:
        made_by = {name: article[name] for name in ("cleaned_by", "topics_by", "entities_by")}
        print_json(_report(article, fields) | made_by | {"rules_are_current": up_to_date, "labels_are_current": labels_up_to_date})
        return
    known = [one for one in fields if one.rule or one.beat]
    print_table(("field", "value", "rule"), [(one.field, _short(one.value), one.rule) for one in known], title=article["title"])
    for name, columns, rows in (
        ("What else stood in the document", ("field", "value", "rules"), _beaten(known)),
        ("What was cut", ("role", "reason", "text"), _columns(article["removed_blocks"], ("role", "reason", "text"))),
        ("Copies", ("kind", "article_id", "other_id", "jaccard", "containment", "other_containment"), _relations(article)),
        ("Passages shared with copies", ("copy", "words", "passage"), _passages(article)),
        (_story_title(article["story"]), ("by", "kind", "share of the likeness"), _reasons(article["story"])),
        ("Topics", ("topic", "score", "method", "what speaks for it"), topic_lines(article["topics"])),
        ("Entities", ("kind", "name", "mentions", "salience", "written, and how it was known"), entity_lines(article["entities"])),
        ("Authors, agencies and credits", ("kind", "name", "written, and how it was known"), credit_lines(article["credited"])),
    ):
        if rows:
            print_table(columns, rows, title=name)
    if not documents:
        typer.echo("The documents it was made of are not kept, so there is nothing to compare with.", err=True)
    if not up_to_date:
        typer.echo("Older rules made this article; today's rules read it with: wirehouse reclean", err=True)
    if not labels_up_to_date:
        typer.echo("Other rules gave it its labels; today's rules label it with: wirehouse relabel", err=True)


def _labels_are_current(article: Found, labelling: Labelling) -> bool:
    from tasks.label.version import label_digests

    try:
        return (article["topics_by"], article["entities_by"]) == label_digests(labelling)
    except UsageError:  # the model of the settings is not there: nothing is labelled by it today
        return False


def offered(documents: list[RawDocument], zone: str) -> list[Candidate]:
    """Return what the documents of an article offer for its fields, the latest of them first."""
    from tasks.clean.dates import Clock
    from tasks.clean.evidence import candidates

    clock = Clock(zone=zone, now=datetime.now(UTC))
    return [candidate for document in documents[:MOST_DOCUMENTS] for candidate in candidates(document, clock)]


def with_passages(con: Connection, article: Found) -> list[Found]:
    """Return the relations of an article, each with the passages shared; None where there are too many to look at."""
    from tasks.dedupe.passages import shared_passages

    looked_at = article["relations"][:MOST_COPIES]
    texts = fetch_texts(con, [_other(article, one) for one in looked_at])
    by_text = {text: [passage._asdict() for passage in shared_passages(article["text"], text)] for text in set(texts.values())}
    found = [by_text[texts[_other(article, one)]] for one in looked_at]
    rest = [None] * (len(article["relations"]) - len(found))
    return [one | {"passages": passages} for one, passages in zip(article["relations"], (*found, *rest), strict=True)]


def _other(article: Found, relation: Found) -> Any:
    return relation["other_id"] if relation["article_id"] == article["article_id"] else relation["article_id"]


def _passages(article: Found) -> list[list[Any]]:
    return [
        [_other(article, one), passage["words"], " ".join(passage["text"].split())]
        for one in article["relations"]
        for passage in one["passages"] or ()
    ]


def _story_title(story: Found) -> str:
    return f"Why it is in story {str(story['story_id'])[:8]} with score {story['score']:.3f}"


def _reasons(story: Found) -> list[list[Any]]:
    return [[one["text"], one["kind"], f"{one['share']:.3f}"] for one in story["reasons"]]


def _beaten(fields: list[Explained]) -> list[tuple[str, str, str]]:
    """Return field, value and the rules that found it there, a line for each value."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in fields:
        for other in one.beat:
            found.setdefault((one.field, other.value), []).append(other.rule)
    return [(field, _short(value), ", ".join(dict.fromkeys(rules))) for (field, value), rules in found.items()]


def _report(article: Found, fields: list[Explained]) -> dict[str, Any]:
    parts = ("removed_blocks", "relations", "story", "topics", "entities", "credited", "versions", "sightings")
    return {
        "article_id": article["article_id"],
        "fields": [one.model_dump() for one in fields],
        **{name: article[name] for name in parts},
    }


def _relations(article: Found) -> list[list[Any]]:
    return _columns(article["relations"], ("kind", "article_id", "other_id", "jaccard", "containment", "other_containment"))


def _columns(rows: list[Found], names: tuple[str, ...]) -> list[list[Any]]:
    return [[row[name] for name in names] for row in rows]


def _short(value: Any) -> Any:
    text = ", ".join(map(str, value)) if isinstance(value, list) else value
    return f"{text[:SHOWN]}…" if isinstance(text, str) and len(text) > SHOWN else text
