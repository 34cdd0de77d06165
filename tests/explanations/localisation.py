"""Print how much of each explanation lies on what was planted: the table of docs/explanations.md.

python -m tests.explanations.localisation
"""

from functools import partial

from kerashar.explanations import attention_rollout, grad_cam, integrated_gradients, occlusion
from tests.explanations.planted import localisation

SEEDS = (0, 1)
CASES = [
    ("resnet1d", {}, ("grad_cam", "occlusion", "occlusion, per_channel", "integrated_gradients")),
    (
        "cnn_transformer",
        {},
        ("grad_cam", "attention_rollout", "occlusion", "occlusion, per_channel", "integrated_gradients"),
    ),
    ("mini_rocket", {}, ("occlusion", "occlusion, per_channel")),
    ("plain_cnn", {}, ("grad_cam", "occlusion", "integrated_gradients")),
    ("vit_tiny", {}, ("grad_cam", "occlusion", "integrated_gradients")),
    ("vit_tiny", {"depth": 1, "heads": 1}, ("attention_rollout",)),
]


def over_colours(model, images):
    return integrated_gradients(model, images).sum(axis=-1)


METHODS = {
    "grad_cam": grad_cam,
    "attention_rollout": attention_rollout,
    "occlusion": occlusion,
    "occlusion, per_channel": partial(occlusion, per_channel=True),
    "integrated_gradients": lambda model, samples: (
        integrated_gradients(model, samples) if samples.ndim == 3 else over_colours(model, samples)
    ),
}


def main() -> None:
    columns = ("chance", "share", "peaks", "stretch", "channel")
    print("| model | map |", " | ".join(columns), "|")
    print("| --- | --- |", " | ".join(["---"] * len(columns)), "|")
    for name, changed, methods in CASES:
        for method in methods:
            found = [localisation(METHODS[method], name, seed, **changed) for seed in SEEDS]
            cells = []
            for column in columns:
                values = sorted(f"{100 * scores[column]:.0f}" for scores in found if column in scores)
                cells.append(" to ".join(sorted(set(values), key=int)) + " %" if values else "")
            print(f"| `{name}` | `{method}` |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
