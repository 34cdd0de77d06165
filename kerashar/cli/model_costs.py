"""`kerashar models --benchmark`: what models cost and reach."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from kerashar.profiling import BenchmarkRow

COLOURS = 3  # channels of an image


def show_costs(
    names: Sequence[str],
    sizes: Sequence[str],
    classes: int,
    runs: Sequence[Path],
    csv: Path | None,
    picture: Path | None,
) -> None:
    """Measure registered models at each size, and those of run folders at their own; print and write the figures."""
    from rich.console import Console

    from kerashar.profiling import benchmark_model, benchmark_run
    from kerashar.profiling.benchmark import write_benchmark
    from kerashar.profiling.benchmark_picture import draw_benchmark

    shapes = _shapes(names, sizes)
    jobs: list[tuple[str, Callable[[], BenchmarkRow]]] = [
        (name, partial(benchmark_model, name, shape, classes)) for name in names for shape in shapes
    ]
    jobs += [(str(folder), partial(benchmark_run, folder)) for folder in runs]
    console, rows = Console(), []
    with console.status("Measuring") as status:
        for number, (name, measure) in enumerate(jobs, start=1):
            status.update(f"Measuring {number} of {len(jobs)}: {name}")
            rows.append(measure())
    console.print(_table(rows))
    if csv is not None:
        write_benchmark(rows, csv)
    if picture is not None:
        draw_benchmark(rows, picture)


def _shapes(names: Sequence[str], sizes: Sequence[str]) -> list[tuple[int, ...] | None]:
    """Shapes of one sample; None is the one on a model's card."""
    from kerashar.models import model_card

    if not sizes:
        return [None]
    kinds = {model_card(name).takes for name in names}
    if len(kinds) != 1:
        raise ValueError(
            f"Expected --size with models that take signals, or images, as --takes chooses. "
            f"Received: {', '.join(sorted(kinds)) or 'no names'}."
        )
    colours = (COLOURS,) if kinds == {"images"} else ()
    shapes = []
    for size in sizes:
        numbers = size.split("x")
        if len(numbers) != 2 or not all(number.isdecimal() and int(number) for number in numbers):
            raise ValueError(f"Expected --size as two numbers above 0, such as 64x48. Received: --size {size}.")
        shapes.append((*map(int, numbers), *colours))
    return shapes


def _table(rows: Sequence["BenchmarkRow"]) -> "Table":
    import keras
    from rich.markup import escape
    from rich.table import Table

    table = Table("model", title=f"Models on {keras.backend.backend()}, {os.cpu_count()} CPU cores")
    for column in ("top-1", "size", "parameters", "FLOPs", "ms for 1", "ms for 64", "MB"):
        table.add_column(column, justify="right")
    if problems := any(row.problem for row in rows):
        table.add_column("problem")
    for row in rows:
        top_1 = "" if row.top_1 is None else f"{row.top_1:.2%}{' (validation)' * (row.top_1_of == 'validation')}"
        times = _number(row.milliseconds, 2), _number(row.milliseconds_64, 2)
        figures = (row.size, _number(row.parameters), _work(row.flops), *times, _number(row.megabytes))
        table.add_row(escape(row.model), top_1, *figures, *([escape(row.problem)] * problems))
    return table


def _number(figure: float | None, digits: int = 0) -> str:
    return "" if figure is None else f"{figure:,.{digits}f}"


def _work(flops: int | None) -> str:
    if flops is None:
        return ""
    return f"{flops / 1e6:,.1f} M" if flops < 1e9 else f"{flops / 1e9:,.2f} G"
