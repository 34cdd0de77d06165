"""The wrong answers that a model was surest of, and what it saw in them."""

import base64
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import matplotlib
import numpy as np

from kerashar.data.sample_set import SampleSet
from kerashar.data.window_set import WindowSet
from kerashar.explanations import draw_explanations, grad_cam
from kerashar.models import load_model
from kerashar.report.finished_run import FinishedRun
from kerashar.report.pictures import window_picture

MOST = 6


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer, with a picture of what it was given to.

    Args:
        true: the class.
        given: what it is taken for.
        confidence: probability of that.
        of_true: probability of the class.
        place: where it lies, in words.
        alt: what the picture shows, in words.
        svg: the picture as an `<svg>` element; empty where there is a PNG or none.
        png: the picture as the content of a `data:` address.
    """

    true: str
    given: str
    confidence: float
    of_true: float
    place: str
    alt: str = ""
    svg: str = ""
    png: str = ""


@dataclass(frozen=True)
class WrongAnswers:
    """The surest wrong answers of a run, and a sentence on why some are drawn otherwise than with an explanation."""

    answers: list[WrongAnswer]
    note: str = ""


def surest_wrong_answers(run: FinishedRun, slug: str, most: int = MOST) -> WrongAnswers:
    """The wrong answers with the highest confidence, the surest first, drawn with what speaks for them (Grad-CAM).

    Args:
        run: whose answers; without its samples they are listed, not drawn.
        slug: of the names of the pictures, which are those of one page.
        most: how many at most.
    """
    wrong = np.flatnonzero(~run.right)
    rows = wrong[np.argsort(-run.confidence[wrong], kind="stable")[:most]]
    if run.samples is None:
        note = f"Not drawn: the recipe doesn't name the data. Pass the {run.item}s to write_report."
        return WrongAnswers([_said(run, row) for row in rows], note if len(rows) else "")
    maps, reason = _maps(run, run.samples, rows)
    answers = []
    for number, row in enumerate(rows):
        said = _said(run, row)
        alt = f"{run.item.capitalize()} of {said.true}, taken for {said.given}: {said.place}."
        if row in maps:
            alt += " " + _where(run.samples, maps[row])
        drawn = _drawn(run.samples, int(row), maps.get(row), f"{slug}, wrong {number}", alt)
        answers.append(replace(said, alt=alt, **drawn))
    return WrongAnswers(answers, f"Drawn without an explanation. {reason}" if reason else "")


def _said(run: FinishedRun, row: Any) -> WrongAnswer:
    predictions = run.predictions
    true, given = predictions.labels[row], run.predicted[row]
    name, place = str(predictions.recordings[row]), str(predictions.subjects[row])
    if run.item == "window":
        start = int(predictions.starts[row])
        when = f"sample {start:,}"
        if isinstance(run.samples, WindowSet):
            when = f"{start / run.samples.rate:.1f} s"
        place = f"subject {place}, recording {name}, at {when}"
    else:
        place = name if name == place else f"{name}, group {place}"
    return WrongAnswer(
        true=run.class_names[true],
        given=run.class_names[given],
        confidence=float(run.probabilities[row, given]),
        of_true=float(run.probabilities[row, true]),
        place=place,
    )


def _maps(run: FinishedRun, samples: SampleSet, rows: np.ndarray) -> tuple[dict[Any, np.ndarray], str]:
    """The map of each row whose model can be explained, and why one can't."""
    maps, reason = {}, ""
    for file, own in run.models:
        theirs = rows[np.isin(rows, own)]
        if not len(theirs):
            continue
        try:
            found = grad_cam(load_model(file), samples.samples[theirs])
        except ValueError as error:
            reason = str(error)
        else:
            maps |= dict(zip(theirs, found, strict=True))
    return maps, reason


def _where(samples: SampleSet, seen: np.ndarray) -> str:
    if not seen.any():
        return "Nothing in it speaks for the answer."
    if isinstance(samples, WindowSet):
        return f"Most speaks for it at {seen.argmax() / samples.rate:.1f} s."
    down, across = np.unravel_index(seen.argmax(), seen.shape)
    left, top = (round(100 * place / size) for place, size in zip((across, down), seen.shape[::-1], strict=True))
    return f"Most speaks for it {left} % from the left and {top} % from the top."


def _drawn(samples: SampleSet, row: int, seen: np.ndarray | None, title: str, alt: str) -> dict[str, str]:
    if isinstance(samples, WindowSet):
        return {"svg": window_picture(samples, row, seen, title, alt).markup}
    pixels = samples.samples[row]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "image.png"
        if seen is None:
            _write_image(pixels, path)
        else:
            with matplotlib.rc_context({"savefig.facecolor": "none"}):
                draw_explanations(pixels[None], seen[None], path)
        return {"png": base64.b64encode(path.read_bytes()).decode()}


def _write_image(pixels: np.ndarray, path: Path) -> None:
    from PIL import Image

    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(path)
