"""Handwritten digits, which scikit-learn carries."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from kerashar.data.images.image_data_set import ImageDataSet
from kerashar.data.images.image_split import COPY_TOLERANCE
from kerashar.data.near_duplicates import copies_within

_WHITE = 16  # the largest grey level
# They come form by form: each begins with 0 to 9 over and over, and here begins the twelfth of fourteen.
_FIRST_TEST_ROW = 1415
# What a split would refuse as copies are at so few pixels different scans that look alike. A tenth more, since another
# size changes how much they do.
_ALIKE = 1.1 * COPY_TOLERANCE


def _images() -> Iterator[tuple[str, np.ndarray]]:
    from sklearn.datasets import load_digits

    digits: Any = load_digits()
    pixels = np.round(digits.images * (255 / _WHITE)).astype(np.uint8)
    alike = copies_within(pixels[..., None], tolerance=_ALIKE, mirrored=True)
    for row in np.setdiff1d(np.arange(len(pixels)), alike[:, 1]):
        side = "test" if row >= _FIRST_TEST_ROW else "train"
        yield f"{side}/{digits.target[row]}/{row:04}.png", pixels[row]


DIGITS = ImageDataSet(
    name="digits",
    title="Handwritten digits of 8 by 8 pixels (UCI)",
    note=(
        "1,747 of scikit-learn's 1,797, without 50 that look so much like another that a split would refuse them as "
        "copies. Who of the 13 people wrote which is not recorded. The test side is the last three of 14 forms, most "
        "likely of other people; that of a drawn split is not."
    ),
    citation=(
        "Alpaydin, E., Kaynak, C.: Optical Recognition of Handwritten Digits. UCI Machine Learning Repository (1998)."
    ),
    licence="CC BY 4.0",
    url="https://doi.org/10.24432/C50P49",
    size=(8, 8),
    class_names=tuple("0123456789"),
    images=_images,
)
