"""Search space of InceptionFSD (after Szegedy et al., CVPR 2015, and He et al., ECCV 2014).

Command: python benchmarks/image_accuracy.py cifar10_images.zip --models inception_fsd --epochs 3
Expect:  docs/models.md gives accuracy, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "widths": Choice(((64, 128), (64, 128, 256), (96, 192, 384))),
        "blocks": Choice((1, 2, 3)),
        "grids": Choice(((1,), (2, 1), (4, 2, 1))),
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
        "widths": Choice(((16, 32, 64), (32, 64, 128), (32, 64))),
        "blocks": Choice((1, 2)),
        "grids": Choice(((2, 1), (4, 2, 1))),
        "dropout": Uniform(0.0, 0.3),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 5,
    },
}
