"""The picture of a recording and what a model says of it."""

from pathlib import Path

import numpy as np

from kerashar.files import write_atomically
from kerashar.prediction.recording_prediction import RecordingPrediction

_MOST_POINTS = 5000  # of a signal in a picture; more are not told apart


def draw_timeline(
    said: RecordingPrediction, path: Path | str, signal: np.ndarray | None = None, rate: float | None = None
) -> None:
    """Draw each class's probability over time, and the segments, and write the picture atomically.

    Use it to see at a glance what a long recording holds, and where the model is not sure.

    Args:
        said: from `predict_recording`.
        path: the file; its suffix says which format, such as `.png`.
        signal: `(time, channels)`, drawn above. Defaults to None.
        rate: its samples per second (Hz).

    Raises:
        ValueError: a signal without its rate, or the reverse.

    Example:
        >>> import tempfile
        >>> said = RecordingPrediction("01", "walk", np.arange(4.0), 2.0, np.full((4, 2), 0.5), ("still", "walking"))
        >>> file = Path(tempfile.mkdtemp()) / "walk.png"
        >>> draw_timeline(said, file)
        >>> file.exists()
        True
    """
    from matplotlib.figure import Figure  # slow to import

    if (signal is None) != (rate is None):
        raise ValueError(f"Expected a signal with its rate, or neither. Received: rate={rate}.")
    rows = len(said.class_names)
    figure = Figure(figsize=(12, 1.2 + 0.3 * rows + (2 if signal is not None else 0)), layout="constrained")
    axes = figure.subplots(2 if signal is not None else 1, 1, sharex=True, squeeze=False)[:, 0]
    begin = said.starts[0]
    if signal is not None and rate is not None:
        kept = signal[:: max(1, len(signal) // _MOST_POINTS)]
        axes[0].plot(np.linspace(0, len(signal) / rate, len(kept)), kept, linewidth=0.6)
        axes[0].set_ylabel("signal")
    times, shares = said.smoothed
    last = said.starts[-1] + said.window_seconds - begin
    band = axes[-1]
    band.pcolormesh([*(times - begin), last], np.arange(rows + 1) - 0.5, shares.T, cmap="Blues", vmin=0, vmax=1)
    for part in said.segments:
        row = said.class_names.index(part["label"])
        band.plot([part["start"] - begin, part["end"] - begin], [row, row], color="black", linewidth=2)
    band.set_yticks(range(rows), said.class_names)
    band.invert_yaxis()
    band.set_xlim(0, last)
    band.set_xlabel("seconds from the start")
    figure.suptitle(f"{said.recording_id}, {said.subject}", fontsize="medium")
    write_atomically(path, lambda temporary: figure.savefig(temporary, dpi=100))
