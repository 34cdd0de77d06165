"""A split's sides as files that the processes of one node share."""

import json
from pathlib import Path

import numpy as np
from filelock import FileLock

from kerashar.data.group_split import rebuild
from kerashar.data.sample_set import SampleSet
from kerashar.files import write_atomically, write_json
from kerashar.training.sides import Sides


def store_once(sides: Sides, folder: Path) -> Path:
    """Write the sides to `folder` unless another process of this node has, and return it.

    All trials of the node map the files into memory, so that it holds the samples once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "validation.json").exists():  # written last
            for name in ("train", "validation"):
                _store(getattr(sides, name), folder, name)
    return folder


def load_sides(folder: Path) -> Sides:
    """The sides in `folder`, their samples mapped from the file."""
    return Sides(_load(folder, "train"), _load(folder, "validation"))


def _store(side: SampleSet, folder: Path, name: str) -> None:
    arrays, facts = side.parts()
    for key, array in arrays.items():
        write_atomically(folder / f"{name}.{key}.npy", lambda temporary, array=array: np.save(temporary, array))
    write_json(folder / f"{name}.json", {"item": side.item, "facts": facts})


def _load(folder: Path, name: str) -> SampleSet:
    stored = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    arrays = {path.suffixes[-2][1:]: np.load(path, mmap_mode="r") for path in folder.glob(f"{name}.*.npy")}
    return rebuild(stored["item"], arrays, stored["facts"])
