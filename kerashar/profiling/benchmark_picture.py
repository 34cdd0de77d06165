"""A picture of what models cost and reach."""

from collections.abc import Sequence
from pathlib import Path

from kerashar.files import write_atomically
from kerashar.profiling.benchmark import BenchmarkRow


def draw_benchmark(rows: Sequence[BenchmarkRow], path: Path) -> None:
    """Draw time, size and, of trained models, top-1 accuracy against the multiply-adds, atomically.

    Raises:
        ValueError: no model was measured.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    measured = [row for row in rows if not row.problem]
    if not measured:
        raise ValueError("Expected a model that was measured. Received: none, so there is nothing to draw.")
    trained = any(row.top_1 is not None for row in measured)
    drawn = {"milliseconds_64": "ms for a batch of 64", "parameters": "parameters"}
    drawn |= {"top_1": "top-1 accuracy"} if trained else {}
    figure = Figure(figsize=(6.5 * len(drawn), 6), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(drawn), squeeze=False)[0]
    for axis, (name, label) in zip(panels, drawn.items(), strict=True):
        points = [(row.flops, getattr(row, name), row.model) for row in measured if getattr(row, name) is not None]
        axis.scatter([point[0] for point in points], [point[1] for point in points], s=18)
        for flops, value, model in points:
            axis.annotate(model, (flops, value), xytext=(4, 3), textcoords="offset points", fontsize=7)
        axis.set(xscale="log", yscale="linear" if name == "top_1" else "log")
        axis.set(xlabel="multiply-adds of one sample", ylabel=label)
        axis.margins(x=0.2)  # for the labels
        axis.grid(alpha=0.3)
    write_atomically(path, lambda temporary: figure.savefig(temporary, dpi=110))
