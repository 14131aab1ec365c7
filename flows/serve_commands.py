"""The commands that keep a store going: serve, maintain."""

from pathlib import Path
from typing import Annotated

import typer

from flows.options import AsJson, Step, StorePath, flag, make_settings
from flows.output import print_json, print_table

app = typer.Typer()


@app.command()
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


@app.command()
def maintain(  # noqa: PLR0913, PLR0917  # a command has an argument for each of its options
    only: Annotated[list[Step] | None, typer.Option(help="Do this step, whether there is need or not; may be given again.")] = None,
    skip: Annotated[list[Step] | None, typer.Option(help="Leave this step out; may be given again.")] = None,
    backup: Annotated[Path | None, typer.Option(help="Put a verified copy of the store into this folder.")] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="Backups that stay in the folder, the newest.", show_default="7")] = None,
    log_json: Annotated[bool, flag("--log-json", help="Write a JSON line a step on stderr.")] = False,
    as_json: AsJson = False,
    store: StorePath = None,
) -> None:
    """Take care of the store: remove what is too old, settle stories, look after feeds, give space back, back up, publish.

    Example: wirehouse maintain --backup backups --json
    """
    settings = make_settings(store=store, backup_dir=backup, backups_kept=keep)
    from flows.batch_log import log_as_json
    from flows.maintain import asked_steps, care_rows
    from flows.maintain import maintain as take_care
    from tasks.store.connection import check_there

    check_there(settings)
    if log_json:
        log_as_json()
    care = take_care(settings, asked_steps(only or [], skip or []))
    if as_json:
        print_json(care.model_dump(mode="json"))
    else:
        print_table(("maintain", "done", "seconds"), care_rows(care))
