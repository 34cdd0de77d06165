"""Writes the table of what exports into docs/export.md: `make export-matrix`.

Each export's own runtime and the model take real windows of HAPT or real images of CIFAR-10. All runs on TensorFlow,
which a SavedModel needs.

`python -m tests.export.matrix NAME ...` measures these models alone, and leaves the other rows as they are.
"""

import re
import sys
import tempfile
from pathlib import Path

import numpy as np

from kerashar.data import load_split
from kerashar.data.images import decode_images, find_images
from kerashar.export.comparison import TOLERANCE, largest_difference
from kerashar.export.exporting import convert_apart
from kerashar.export.formats import FORMATS
from kerashar.export.runtimes import load_export
from kerashar.models import list_models, model_card, save_model
from kerashar.models.ridge_model import RidgeModel
from tests.data.conftest import REAL_DATA
from tests.models.small_models import small_model
from tests.support import calm, run, scramble

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "export.md"
BEGIN, END = "<!-- matrix: written by `make export-matrix` -->", "<!-- end of matrix -->"
BATCHES = (1, 256)  # samples at a time
COUNTS = (1000, BATCHES[-1])  # samples to fit on, and to compare on
CAPTION = f"""\
Largest difference of a logit on real data, each format run by its own runtime: on {BATCHES[-1]} windows of HAPT's test
subjects or {BATCHES[-1]} of CIFAR-10's test images, all together and one alone."""
TOGETHER = 6  # models in one process, so that the table's progress can be seen


def real_samples():
    """By what models take, real samples to fit on, and others to compare on."""
    split = load_split("hapt", archive=REAL_DATA / "hapt.zip")
    files = find_images(REAL_DATA / "cifar10_images.zip")
    images = (files.select(files.sides == side) for side in ("train", "test"))
    return {
        "signals": [_spread(side, count) for side, count in zip((split.train, split.test), COUNTS, strict=True)],
        "images": [decode_images(_spread(side, count)) for side, count in zip(images, COUNTS, strict=True)],
    }


def _spread(entries, count):
    return entries.select(np.linspace(0, len(entries) - 1, count).astype(int))


def make_model(name, train):
    """A registered model of a small size, whose weights and logits are like those of a trained one."""
    model, samples = small_model(name), train.samples.astype("float32")
    if isinstance(model, RidgeModel):
        model.fit_normalization(samples)
        model.fit(samples, train.labels)
    else:
        scramble(model, 0.01)
        model.fit_normalization(samples)
    calm(model, samples[: BATCHES[-1]])
    return model


def rows(models):
    """For each of these models its name, and for each format the largest difference or the problem."""
    real = real_samples()
    for names in _by(TOGETHER, models):
        with tempfile.TemporaryDirectory() as folder:
            jobs, expected = [], {}
            for name in names:
                train, test = real[model_card(name).takes]
                model, file = make_model(name, train), Path(folder) / f"{name}.keras"
                save_model(model, file)
                samples = test.samples.astype("float32")
                expected[name] = samples, run(model, samples)
                jobs += [
                    {"file": str(file), "kind": kind, "out": str(file.with_suffix(facts.suffix))}
                    for kind, facts in FORMATS.items()
                ]
            answers = iter(zip(jobs, convert_apart(jobs), strict=True))
            for name in names:
                yield name, [_cell(*next(answers), *expected[name]) for _ in FORMATS]


def _cell(job, answer, samples, expected):
    if "problem" in answer:
        return answer["problem"]
    run_export = load_export(job["out"], job["kind"])
    try:
        return f"{max(largest_difference(run_export(samples[:batch]), expected[:batch]) for batch in BATCHES):.0e}"
    except ValueError as error:
        return str(error)


def _by(count, entries):
    return [entries[start : start + count] for start in range(0, len(entries), count)]


def read_matrix(text):
    """The rows of the table in the guide's text, by the model's name."""
    table = text.partition(BEGIN)[2].partition(END)[0]
    return {name: cells.split(" | ") for name, cells in re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE)}


def agree(cells):
    """Whether the export in each format gives the model's logits."""
    differences = [float(cell) for cell in cells if re.fullmatch(r"\de[-+]\d\d", cell)]
    return len(differences) == len(FORMATS) and max(differences) <= TOLERANCE


def main():
    """Measure, and put the table in the place of the old one."""
    table = read_matrix(GUIDE.read_text(encoding="utf-8")) if sys.argv[1:] else {}
    for name, cells in rows(sys.argv[1:] or list_models()):
        table[name] = cells
        print(name, *cells, flush=True)
    text = GUIDE.read_text(encoding="utf-8")  # which may have changed meanwhile
    lines = [f"| model | {' | '.join(FORMATS)} |", "| --- " * (1 + len(FORMATS)) + "|"]
    lines += [f"| `{name}` | {' | '.join(table[name])} |" for name in list_models()]
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    GUIDE.write_text(before + "\n".join([BEGIN, CAPTION, "", *lines, END]) + after, encoding="utf-8")
    if wrong := [name for name, cells in table.items() if not agree(cells)]:
        sys.exit(f"Expected logits within {TOLERANCE:.0e} in every format. Received others of: {', '.join(wrong)}.")


if __name__ == "__main__":
    main()
