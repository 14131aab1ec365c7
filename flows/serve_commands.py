"""The commands that keep a store going: serve, maintain."""

from typing import Annotated

import typer

from flows.options import AsJson, StorePath, make_settings
from flows.output import print_json, print_table


def serve(
    every: Annotated[int, typer.Option(min=1, help="Minutes between two runs of ingest.")] = 15,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the server.", show_default="4200, or another when that is taken")
    ] = None,
    host: Annotated[str, typer.Option(help="Address the server listens on; it asks nobody for a password.")] = "127.0.0.1",
    store: StorePath = None,
) -> None:
    """Run the schedules: ingest every few minutes, maintain once a day, on a local Prefect server with its UI.

    Example: wirehouse serve --every 30
    """
    settings = make_settings(store=store)
    from flows.serve import Plan
    from flows.serve import serve as run_schedules

    for line in run_schedules(Plan(settings=settings, every=every, port=port, host=host)):
        typer.echo(line, err=True)


def maintain(as_json: AsJson = False, store: StorePath = None) -> None:
    """Take care of the store: remove what is too old, settle stories, fold the log into its file, publish.

    Example: wirehouse maintain --json
    """
    settings = make_settings(store=store)
    from flows.maintain import care_rows
    from flows.maintain import maintain as take_care

    care = take_care(settings)
    if as_json:
        print_json(care.model_dump(mode="json"))
    else:
        print_table(("maintain", "done"), care_rows(care))
