"""The commands that make what labelling uses: label train-topics."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from flows.options import AsJson, StorePath, make_settings
from flows.output import print_json, print_table
from schemas.errors import UsageError
from schemas.labelling import TagKind

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _label() -> None:
    """Make what labelling uses: models of one's own.

    Example: wirehouse label train-topics --where "source = 'lemonde.fr'"
    """


@app.command("train-topics")
def train_topics(
    where: Annotated[str, typer.Option(help="Condition over the table articles: those to learn from.")],
    labels: Annotated[
        TagKind, typer.Option(help="What they are tagged with: their section, their keywords, or the topics of wirehouse.toml.")
    ] = "section",
    out: Annotated[Path | None, typer.Option(help="File of the model.", show_default="news.topics.npz beside the store")] = None,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Train a model of topics on tags of your own, and say how right it is on articles that it has not seen.

    The setting topic_model puts it to use; wirehouse relabel --stage topics then labels what is stored.

    Example: wirehouse label train-topics --where "source = 'lemonde.fr'" --labels section --out lemonde.npz
    """
    from tasks.label.topic_model import save_model
    from tasks.label.train_topics import train
    from tasks.store.connection import is_store_file, open_current
    from tasks.store.labels.tagged import tagged_articles

    settings = make_settings(store=store)
    path = out or settings.store.with_name(f"{settings.store.stem}.topics.npz")
    if is_store_file(path, settings.store):
        raise UsageError(f"{path} belongs to the store; name another file with --out.")
    with closing(open_current(settings.store)) as con:
        model, accuracy = train(tagged_articles(con, where, labels, settings.sql_timeout), path.stem)
    save_model(model, path)
    if as_json:
        print_json({"model": str(path), "method": model.method, **accuracy.model_dump()})
        return
    rows = [(one.name, one.topic_id, one.articles, _share(one.precision), f"{one.recall:.3f}") for one in accuracy.topics]
    print_table(("topic", "id", "articles", "precision", "recall"), rows)
    typer.echo(
        f"Held-out accuracy: {accuracy.accuracy:.3f} of {accuracy.articles:,} articles, each judged without its story having been seen; "
        f"the commonest answer alone: {accuracy.commonest:.3f}."
    )
    typer.echo(f'{path} written. To use it, write into wirehouse.toml: topic_model = "{path}"', err=True)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
