"""`kerashar serve`: a model behind HTTP, with a live page."""

import os
from pathlib import Path
from typing import Annotated

import typer

from kerashar.cli.options import Backend

TOKEN = "KERASHAR_SERVE_TOKEN"


def serve(
    model: Annotated[Path, typer.Argument(help="A .keras file.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes any that is free.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen at; otherwise this machine only.")] = "127.0.0.1",
    queue: Annotated[int, typer.Option(min=1, help="How many windows may wait; more are refused.")] = 256,
    batch: Annotated[int, typer.Option(min=1, help="How many windows go through the model at once.")] = 32,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help=f"Let others reach it, with the token in {TOKEN}.")
    ] = False,
    backend: Backend = None,
) -> None:
    """Serve a model: predictions over HTTP, streams over WebSockets, and a page that shows them live."""
    from kerashar.cli.options import start_keras

    start_keras(backend)
    from kerashar.serving import serve as run_server

    run_server(model, host, port, queue, batch, os.environ.get(TOKEN), allow_remote, typer.echo)
