"""`kerashar predict-recordings`: what a model says of whole recordings, over time."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from kerashar.cli.options import Backend, pairs

SHOWN = 3  # files that are left out; the others are in the file


def predict_recordings(
    model: Annotated[Path, typer.Argument(help="A .keras file that kerashar has trained on windows.")],
    source: Annotated[Path, typer.Argument(help="A .csv, .tsv or .parquet file, or a folder of such files.")],
    out: Annotated[Path, typer.Option(help="Folder of the results; called again it goes on there.")],
    hop: Annotated[
        float | None, typer.Option(help="Seconds from one window to the next. Otherwise half a window.")
    ] = None,
    smoothing: Annotated[float, typer.Option(help="Seconds over which a moment's probabilities are averaged.")] = 3.0,
    distribution: Annotated[
        bool, typer.Option("--distribution", help="Give the probability of each class, not the likeliest alone.")
    ] = False,
    suffix: Annotated[
        Literal["csv", "jsonl", "parquet"], typer.Option("--format", help="Of the tables that are written.")
    ] = "csv",
    pictures: Annotated[bool, typer.Option("--pictures", help="Draw each recording too.")] = False,
    time_column: Annotated[str | None, typer.Option(help="Column of time stamps; '' if there is none.")] = None,
    time_unit: Annotated[str | None, typer.Option(help="s, ms, us or ns, where stamps are numbers.")] = None,
    rate: Annotated[
        float | None, typer.Option(help="Samples per second of the files, where they have no stamps.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="Column of who was measured. Otherwise found by its name.")
    ] = None,
    recording: Annotated[str | None, typer.Option(help="Column that tells recordings of a subject apart.")] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option(help="Which column is a channel of the model, as --channel ax=acceleration_x; may be repeated."),
    ] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="A unit, such as --unit acceleration=g or --unit ax=g; may be repeated.")
    ] = None,
    separator: Annotated[str | None, typer.Option(help="What stands between the cells of a CSV file.")] = None,
    backend: Backend = None,
) -> None:
    """Predict whole recordings: the label of each window and second with its time, and segments.

    Recordings come at any rate and are brought to the model's. Other units and missing channels are refused.
    """
    from kerashar.cli.options import start_keras

    start_keras(backend)
    from kerashar.models import load_model
    from kerashar.prediction import predict_tables

    told = {
        "separator": separator,
        "time": time_column,
        "time_unit": time_unit,
        "rate": rate,
        "subject": subject,
        "recording": recording,
        "channels": pairs("--channel", channel) or None,
        "units": pairs("--unit", unit) or None,
    }
    layout = {name: value for name, value in told.items() if value is not None}
    report = predict_tables(
        load_model(model),
        source,
        out,
        hop=hop,
        smoothing=smoothing,
        distribution=distribution,
        suffix=suffix,
        pictures=pictures,
        **layout,
    )
    for name, reason in report.left_out[:SHOWN]:
        typer.echo(f"left out: {name}: {reason}", err=True)
    if len(report.left_out) > SHOWN:
        typer.echo(f"and {len(report.left_out) - SHOWN} more, listed in {out / 'left_out.csv'}", err=True)
    if report.slower:
        typer.echo(f"slower than the model, and so without its highest frequencies: {len(report.slower)}", err=True)
    kept = report.files - len(report.left_out)
    typer.echo(f"{kept} of {report.files} files are in {out}: {report.predicted} predicted now")
