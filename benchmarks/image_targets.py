"""A number read off real images, predicted as it is and as classes of two widths.

    python benchmarks/image_targets.py cifar10_images.zip --backend torch --model plain_cnn

The number is the mean saturation of an image's colours, 0 (grey) to 1, of CIFAR-10; few images have much of it, so that
the classes are unequal. Training and test images are those of the data set. Prints a Markdown table.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.image_accuracy import load_sides
from kerashar.choose_backend import choose_backend
from kerashar.memory import keep_memory

WIDTHS = (0.05, 0.10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=Path, help="CIFAR-10 as image files, train/<class>/ and test/<class>/")
    parser.add_argument("--backend", default="torch")
    parser.add_argument("--model", default="plain_cnn")
    parser.add_argument("--images", type=int, default=2000, help="how many to train on")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--decoded", type=Path, default=Path("runs/cifar10.npy"), help="file to keep the pixels in")
    options = parser.parse_args()
    keep_memory()
    choose_backend(options.backend)
    from kerashar.training import Recipe, TargetBins, compare_targets

    (train, _), (test, _) = load_sides(options.archive, options.decoded, options.images)
    sides = [(images, saturation(images)) for images in (train, test)]
    guess = np.abs(sides[1][1] - np.median(sides[0][1])).mean()
    print(f"{len(train)} images to train, {len(test)} to test; the median of the former is {guess:.4f} off on average")
    print("| class width | predicted by | mean absolute error | within a width | R2 |\n| --- | --- | --- | --- | --- |")
    recipe = Recipe(model=options.model, epochs=options.epochs, learning_rate=2e-3)
    for width in WIDTHS:
        for way, figures in compare_targets(recipe, *sides, TargetBins(0.0, 1.0, width)).items():
            error, share = figures.mean_absolute_error, figures.within_width
            print(f"| {width:.0%} | {way} | {error:.4f} | {share:.1%} | {figures.r_squared:.3f} |", flush=True)


def saturation(images: np.ndarray) -> np.ndarray:
    """Mean over the pixels of (largest - smallest) / largest of the three colours; black has none."""
    largest, smallest = images.max(axis=-1), images.min(axis=-1)
    return ((largest - smallest) / np.maximum(largest, 1)).mean(axis=(1, 2))


if __name__ == "__main__":
    main()
