"""Writes the table of what exports into docs/export.md: `make export-matrix`.

`python -m tests.export.matrix NAME ...` measures these models alone, and leaves the other rows as they are.
"""

import re
import sys
import tempfile
from pathlib import Path

import numpy as np

from kerashar.export.exporting import convert_apart
from kerashar.export.formats import FORMATS
from kerashar.export.samples import drawn_samples
from kerashar.models import create_model, list_models, model_card, save_model
from tests.models.small_models import SMALL
from tests.support import calm, run, scramble

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "export.md"
BEGIN, END = "<!-- matrix: written by `make export-matrix` -->", "<!-- end of matrix -->"
TOGETHER = 6  # models in one process, so that the table's progress can be seen


def make_model(name):
    """A registered model of a small size, whose weights and logits are like those of a trained one."""
    model = create_model(name, model_card(name).input_shape, 6, **SMALL.get(name, {}))
    scramble(model, 0.01)
    samples = drawn_samples(model, 4)
    if "normalization" in {layer.name for layer in model.layers}:
        model.get_layer("normalization").fit(samples)
    calm(model, samples)
    assert np.isfinite(run(model, samples)).all()
    return model


def rows(models):
    """For each of these models its name, and for each format the largest difference or the problem."""
    for names in _by(TOGETHER, models):
        with tempfile.TemporaryDirectory() as folder:
            jobs = []
            for name in names:
                file = Path(folder) / f"{name}.keras"
                save_model(make_model(name), file)
                jobs += [
                    {"file": str(file), "kind": kind, "out": str(file.with_suffix(facts.suffix))}
                    for kind, facts in FORMATS.items()
                ]
            answers = convert_apart(jobs)
        for name, own in zip(names, _by(len(FORMATS), answers), strict=True):
            yield name, [f"{one['difference']:.0e}" if "difference" in one else one["problem"] for one in own]


def _by(count, entries):
    return [entries[start : start + count] for start in range(0, len(entries), count)]


def read_matrix(text):
    """The rows of the table in the guide's text, by the model's name."""
    table = text.partition(BEGIN)[2].partition(END)[0]
    return {name: cells.split(" | ") for name, cells in re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE)}


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
    GUIDE.write_text(before + "\n".join([BEGIN, *lines, END]) + after, encoding="utf-8")


if __name__ == "__main__":
    main()
