"""Images in folders or archives as a TFDS data set."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import tensorflow_datasets as tfds

from kerashar.data.builders.local_info import LocalInfo
from kerashar.data.images.image_files import ImageFiles
from kerashar.data.progress import show_progress

_SPLIT = "images"  # where the source has no sides; TFDS keeps "all" for itself


class ImageFolderBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """TFDS builder of image files: one example per file, as ArrayRecord, each file kept as it is.

    Use it to turn many small files into few large ones, which disks and networks read faster, or to hand images to
    other TFDS programs. Sides of the source become splits; without sides there is one, "images".

    Args:
        files: from `find_images`.
        data_dir: where TFDS writes.

    Example:
        >>> builder = ImageFolderBuilder(files=find_images("cifar10_images.zip"), data_dir="built")  # doctest: +SKIP
        >>> builder.download_and_prepare()  # doctest: +SKIP
        >>> example = builder.as_data_source("test")[0]  # doctest: +SKIP
        >>> decode_image(example["file"], (32, 32)).shape, example["label"]  # doctest: +SKIP
        ((32, 32, 3), 0)
    """

    VERSION = tfds.core.Version("1.0.0")
    # TFDS 4.9.10 works this out with importlib_resources, which it doesn't install on Python 3.9 and later.
    code_path = tfds.core.Path(__file__)

    def __init__(self, *, files: ImageFiles, data_dir: Path | str) -> None:
        self.files = files
        self._progress_stream: TextIO = sys.stderr  # kept for callers that silence TFDS's own output
        super().__init__(data_dir=os.fspath(data_dir), file_format="array_record")

    def _info(self) -> LocalInfo:
        features = tfds.features
        if self.files.labels is None:
            answer = {"target": features.Scalar(np.float32)}
        else:
            answer = {"label": features.ClassLabel(names=list(self.files.class_names))}
        return LocalInfo(
            builder=self,
            description=f"Image files of {self.files.source.path.name}, each as it is, with name and group.",
            # Bytes and not an Image feature, which would decode each example, and refuse formats but two.
            features=features.FeaturesDict(
                {"file": features.Scalar(np.object_), "name": features.Text(), "group": features.Text(), **answer}
            ),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        sides = np.unique(self.files.sides)
        return {
            str(side) or _SPLIT: self._generate_examples(self.files.select(self.files.sides == side)) for side in sides
        }

    def _generate_examples(self, files: ImageFiles) -> Iterator[tuple[int, dict[str, Any]]]:
        answer = "target" if files.labels is None else "label"
        for index in show_progress(range(len(files)), "Building images", len(files), self._progress_stream):
            yield (
                index,
                {
                    "file": files.read(index),
                    "name": str(files.names[index]),
                    "group": str(files.groups[index]),
                    answer: files.answers[index],
                },
            )
