"""`kerashar data import`: one's own recordings as a data set."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from kerashar.data import DataSet
    from kerashar.data.tables import TableLayout


def import_tables(
    source: Annotated[Path, typer.Argument(help="A .csv, .tsv or .parquet file, or a folder of such files.")],
    name: Annotated[str, typer.Option(help="What the data set is called from now on.")],
    time_column: Annotated[str | None, typer.Option(help="Column of time stamps; '' if there is none.")] = None,
    time_unit: Annotated[str | None, typer.Option(help="s, ms, us or ns, where stamps are numbers.")] = None,
    rate: Annotated[float | None, typer.Option(help="Samples per second; needed without time stamps.")] = None,
    change_rate: Annotated[
        bool, typer.Option("--change-rate", help="Bring recordings of other rates to --rate.")
    ] = False,
    label: Annotated[str | None, typer.Option(help="Column of labels; '' if there is none.")] = None,
    subject: Annotated[
        str | None, typer.Option(help="Column of who was measured; @file or @folder: their names say it.")
    ] = None,
    recording: Annotated[
        str | None, typer.Option(help="Column that tells recordings of a subject apart; '' if there is none.")
    ] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option(help="A measured column, such as --channel ax or --channel ax=acceleration_x; may be repeated."),
    ] = None,
    unit: Annotated[
        list[str] | None, typer.Option(help="A unit, such as --unit acceleration=g or --unit ax=g; may be repeated.")
    ] = None,
    separator: Annotated[str | None, typer.Option(help="What stands between the cells of a CSV file.")] = None,
    window: Annotated[float, typer.Option(help="Length of a window in seconds.")] = 2.56,
    overlap: Annotated[float, typer.Option(help="Share of a window that the next one repeats.")] = 0.5,
    test_subject: Annotated[
        list[str] | None, typer.Option(help="Who is kept for the test; may be repeated. Otherwise a fifth is drawn.")
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A label that isn't classified; may be repeated.")] = None,
    max_gap: Annotated[float, typer.Option(help="Longest gap in seconds that is bridged.")] = 0.5,
    out: Annotated[Path | None, typer.Option(help="Folder to write; otherwise one in the cache.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the data set of that name.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether the guesses are right.")] = False,
) -> None:
    """Bring your own recordings in: show what the columns are taken for, ask, and store them as a data set."""
    from rich.console import Console

    from kerashar.cli.options import pairs
    from kerashar.data.imported import load_imported
    from kerashar.data.tables import guess_layout, import_recordings
    from kerashar.data.tables.import_recordings import check_target

    console = Console(highlight=False)
    folder = check_target(name, out, replace)
    layout = guess_layout(
        source,
        separator=separator,
        time=time_column,
        time_unit=time_unit,
        rate=rate,
        subject=subject,
        recording=recording,
        label=label,
        channels=pairs("--channel", channel, alone=True) if channel else None,
        units=pairs("--unit", unit),
        change_rate=change_rate,
    )
    _print_layout(console, source, layout)
    if not yes:
        if not sys.stdin.isatty():
            raise ValueError(
                "Expected --yes where nobody can answer. Received: no terminal. Add it if the table is right."
            )
        typer.confirm(f"Is this right, and shall it go to {folder}?", abort=True)
    import_recordings(
        source,
        layout,
        name=name,
        window_seconds=window,
        overlap=overlap,
        test_subjects=test_subject or (),
        drop=drop or (),
        max_gap=max_gap,
        change_rate=change_rate,
        out=out,
        replace=replace,
    )
    _print_result(console, load_imported(folder), name if out is None else str(folder))


def _print_layout(console: "Console", source: Path, layout: "TableLayout") -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table("what", "is", "because", title=escape(f"What {source} is taken for"))
    reasons, roles = layout.reasons, layout.roles()
    for title, value, reason in (
        ("separator", repr(layout.separator), reasons.get("separator", "")),
        ("decimals", f"with {layout.decimal!r}", "" if layout.separator else "binary"),
        ("time", layout.time or "no column", reasons.get("time", "none is named like it")),
        ("unit of time", layout.time_unit if layout.time else "", reasons.get("time unit", "")),
        ("rate", f"{layout.rate:g} Hz", reasons.get("rate", "")),
        ("subject", layout.subject, reasons.get("subject", "given")),
        ("recording", layout.recording or "no column", reasons.get("recording", "none is named like it")),
        ("label", layout.label or "no column: all is unlabelled", reasons.get("label", "")),
    ):
        if layout.separator is not None or title not in ("separator", "decimals"):
            table.add_row(title, escape(value), escape(reason))
    for (column, channel), unit in zip(layout.channels.items(), layout.units, strict=True):
        reason = f"{reasons.get('channels', '')}; unit: {reasons.get(f'unit of {channel}', '')}"
        table.add_row(f"channel {escape(channel)}", escape(f"{column}, in {unit}"), escape(reason))
    left_out = [column or "(no name)" for column in layout.columns if column not in roles]
    table.add_row("left out", escape(", ".join(left_out) or "nothing"), "")
    console.print(table)


def _print_result(console: "Console", known: "DataSet", name: str) -> None:
    from kerashar.data.imported import FEWEST_SUBJECTS

    count, samples, labelled = 0, 0, 0
    for recording in known.recordings():
        count += 1
        samples += len(recording.signal)
        labelled += sum(segment.stop - segment.start for segment in recording.segments)
    lines = [
        f"{count} recordings of {len(known.subjects)} subjects, {samples / known.rate / 60:.1f} min, "
        f"{labelled / samples:.0%} of it labelled",
        f"Classes: {', '.join(known.class_names)}",
        f"Test subjects: {', '.join(known.test_subjects) or 'none'}",
    ]
    if not known.test_subjects or len(known.subjects) < FEWEST_SUBJECTS:
        lines.append(
            f"Fewer than {FEWEST_SUBJECTS} subjects have windows, so there is no split into train, validation and "
            "test; all windows can be loaded."
        )
    else:
        lines.append(f"Look into it: kerashar data show {name}")
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
