"""Search space of DenseNet7x7 (after Huang et al., CVPR 2017).

Command: python benchmarks/image_accuracy.py cifar10_images.zip --models dense_net_7x7 --epochs 3
Expect:  docs/models.md gives accuracy, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "growth": Choice((8, 12, 16)),
        "blocks": Choice(((3, 6, 6), (3, 6, 12, 8), (4, 8, 8))),
        "kernel_size": Choice((3, 5, 7)),
        "normalization": Choice(("batch", "layer", "group")),
        "activation": Choice(("relu", "leaky_relu", "prelu", "gelu", "silu")),
        "dropout": Uniform(0.0, 0.4),
    },
    "training": {
        "learning_rate": LogUniform(3e-4, 5e-3),
        "weight_decay": LogUniform(1e-3, 0.3),
        "label_smoothing": Uniform(0.0, 0.2),
        "epochs": 30,
    },
}

# Seconds to minutes for each trial on 5,000 images.
QUICK: Space = {
    "model": {
        "growth": Choice((4, 6, 8)),
        "blocks": Choice(((2, 2), (3, 4, 3), (3, 3))),
        "dropout": Uniform(0.0, 0.2),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 5,
    },
}
