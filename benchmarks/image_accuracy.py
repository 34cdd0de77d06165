"""What each image model learns of CIFAR-10 in a few minutes, with the middle of its QUICK search space.

    python benchmarks/image_accuracy.py cifar10_images.zip --backend torch --models plain_cnn small_resnet

To compare models at low cost, not to show the best that each can do: few training images and epochs, no augmentation,
no choice of an epoch. All models see the same images; seeds draw their first weights, dropout and the order of batches.
The archive is decoded once. The table is printed as Markdown, row by row. Its time is the processor's, of all threads
together, which other work on the machine does not lengthen much.
"""

import argparse
import time
from pathlib import Path
from statistics import mean, stdev

import numpy as np

from kerashar.choose_backend import choose_backend
from kerashar.memory import keep_memory

TEST_IMAGES = 2000
BATCH_SIZE = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=Path, help="CIFAR-10 as image files, train/<class>/ and test/<class>/")
    parser.add_argument("--backend", default="torch")
    parser.add_argument("--models", nargs="+", default=["*"], help="only names that match, such as 'convnext*'")
    parser.add_argument("--images", type=int, default=5000, help="how many to train on")
    parser.add_argument("--epochs", type=int, help="in place of those of the search space")
    parser.add_argument("--seeds", type=int, default=1, help="how many runs of each model")
    parser.add_argument("--decoded", type=Path, default=Path("runs/cifar10.npy"), help="file to keep the pixels in")
    options = parser.parse_args()
    keep_memory()
    choose_backend(options.backend)
    from kerashar import list_models

    train, test = load_sides(options.archive, options.decoded, options.images)
    print("| model | parameters | epochs | accuracy | processor time |")
    print("| --- | --- | --- | --- | --- |")
    for name in sorted({name for pattern in options.models for name in list_models(pattern, takes="images")}):
        print(row(name, train, test, options.epochs, options.seeds), flush=True)


def load_sides(archive: Path, decoded: Path, images: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pixels and labels of training and test, as many of each class, drawn alike for all models."""
    from kerashar.data.images import decode_images, find_images, load_images

    if not decoded.exists():
        decoded.parent.mkdir(parents=True, exist_ok=True)
        decode_images(find_images(archive), out=decoded)
    every = load_images(decoded)
    generator = np.random.default_rng(0)
    sides = []
    for side, count in (("train", images), ("test", TEST_IMAGES)):
        rows = [
            generator.permutation(np.flatnonzero((every.sides == side) & (every.labels == label)))
            for label in range(every.num_classes)
        ]
        chosen = np.concatenate([part[: count // every.num_classes] for part in rows])
        sides.append((every.images[np.sort(chosen)].astype("float32"), every.labels[np.sort(chosen)]))
    return sides


def row(
    name: str,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    epochs: int | None,
    seeds: int,
) -> str:
    import keras

    from kerashar import create_model
    from kerashar.backend import jit_compile
    from kerashar.search.domains import middle
    from kerashar.search_spaces import search_space

    settings = middle(search_space(name, "quick"))
    epochs = epochs or settings["training"]["epochs"]
    accuracies, seconds, parameters = [], [], 0
    for seed in range(seeds):
        keras.utils.set_random_seed(seed)
        model = create_model(name, train[0].shape[1:], 10, **settings["model"])
        parameters = model.count_params()
        model.fit_normalization(train[0])
        steps = epochs * -(-len(train[0]) // BATCH_SIZE)
        rate = keras.optimizers.schedules.CosineDecay(
            0.0, steps, warmup_target=settings["training"]["learning_rate"], warmup_steps=steps // 10
        )
        model.compile(
            keras.optimizers.AdamW(rate, weight_decay=0.05),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile=jit_compile(),
        )
        start = time.process_time()
        model.fit(*train, batch_size=BATCH_SIZE, epochs=epochs, verbose=0)
        seconds.append(time.process_time() - start)
        accuracies.append(100 * model.evaluate(*test, batch_size=BATCH_SIZE, verbose=0)[1])
    spread = f" ± {stdev(accuracies):.1f}" if seeds > 1 else ""
    return f"| `{name}` | {parameters:,} | {epochs} | {mean(accuracies):.1f}{spread} % | {mean(seconds):.0f} s |"


if __name__ == "__main__":
    main()
