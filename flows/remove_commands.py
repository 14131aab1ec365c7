"""The command that takes articles out of a store."""

import sys
from typing import Annotated

import typer

from flows.options import AsJson, StorePath, flag, make_settings
from flows.output import print_json
from schemas.errors import UsageError, WirehouseError

app = typer.Typer()


@app.command()
def remove(
    where: Annotated[str, typer.Option(help="Condition over the table articles, such as \"source = 'lemonde.fr'\".")],
    yes: Annotated[bool, flag("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Remove articles with all that hangs on them. They are not loaded again, and stand in the table removed_articles.

    Example: wirehouse remove --where "url = 'https://example.org/a-mistake'"
    """
    from flows.chosen import chosen_articles
    from flows.remove import remove as run_removal

    settings = make_settings(store=store)
    ids = chosen_articles(settings, where)
    if ids and not yes:
        _confirm(f"{len(ids):,} articles will be removed from {settings.store}, for good.")
    removed = run_removal(ids, settings)
    if as_json:
        print_json(removed.model_dump(mode="json"))
    else:
        typer.echo(f"{removed.removed_articles:,} articles removed; see: wirehouse sql 'from removed_articles'")


def _confirm(what: str) -> None:
    """Go on when a person at a terminal agrees; raise UsageError where there is nobody to ask."""
    if not sys.stdin.isatty():
        raise UsageError(f"{what} Nothing was done, because there is nobody to ask; with --yes it is done at once.")
    try:
        agreed = typer.confirm(f"{what} Go on?", err=True)
    except typer.Abort:  # the input ended
        agreed = False
    if not agreed:
        raise WirehouseError("Nothing was removed.")
