"""Small images: train two models, join them, and see where they look.

KERAS_BACKEND=torch python examples/small_images.py                       # made-up shapes
KERAS_BACKEND=torch python examples/small_images.py photos --epochs 20    # a folder or zip of class folders
"""

import argparse
from pathlib import Path

import numpy as np

from kerashar import Recipe, evaluate, save_model, train
from kerashar.data.images import ImageSet, cached_images, split_images
from kerashar.explanations import draw_explanations, grad_cam, occlusion
from kerashar.models import Ensemble
from kerashar.training import ensemble_weights, predict_logits

MODELS = {"plain_cnn": {"widths": (16, 32)}, "dual_branch": {"widths": (16, 32)}}


def made_up(count: int) -> ImageSet:
    """Bright squares and crosses somewhere on noise."""
    generator, labels = np.random.default_rng(0), np.arange(count) % 2
    images = generator.integers(0, 80, (count, 32, 32, 3), dtype="uint8")
    for image, label, (top, left) in zip(images, labels, generator.integers(0, 20, (count, 2)), strict=True):
        place = image[top : top + 12, left : left + 12]
        place[4:8] = place[:, 4:8] = 220
        place[:] = place if label else 220
    return ImageSet(images, [f"{number}.png" for number in range(count)], labels, class_names=("square", "cross"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path, nargs="?", help="a folder or zip of class folders; otherwise made up")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--count", type=int, default=300, help="how many images are made up")
    parser.add_argument("--out", type=Path, default=Path("runs/small_images"))
    options = parser.parse_args()
    images = cached_images(options.images) if options.images else made_up(options.count)
    split, members = split_images(images, test=0.2), []
    for name, settings in MODELS.items():
        recipe = Recipe(name, settings, epochs=options.epochs, batch_size=16)
        members.append(train(recipe, split, options.out / name).model)
    joined = Ensemble(members, ensemble_weights(members, split.validation))
    save_model(joined, options.out / "joined.keras")
    for name, model in zip((*MODELS, "both together"), (*members, joined), strict=True):
        print(f"{name}: {evaluate(model, split.validation).accuracy:.1%} of the validation images")
    print(f"test, looked at once: {evaluate(joined, split.test).accuracy:.1%}")

    shown = split.validation.images[:4]
    titles = [images.class_names[label] for label in predict_logits(joined, shown).argmax(axis=1)]
    draw_explanations(shown, grad_cam(members[0], shown), options.out / "where_the_first_looks.png", titles=titles)
    draw_explanations(shown, occlusion(joined, shown, size=8), options.out / "what_both_need.png", titles=titles)
    print(f"pictures in {options.out}")


if __name__ == "__main__":
    main()
