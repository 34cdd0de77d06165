"""Search space of SmallResNet (after He et al., CVPR 2016).

Command: python benchmarks/image_accuracy.py cifar10_images.zip --models small_resnet --epochs 3
Expect:  docs/models.md gives accuracy, time and machine of the middle of QUICK.
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "widths": Choice(((32, 64, 128), (32, 64, 128, 256), (64, 128, 256))),
        "blocks": Choice((1, 2)),
        "kernel_size": Choice((3, 5, 7)),
        "normalization": Choice(("batch", "layer", "group")),
        "activation": Choice(("relu", "leaky_relu", "prelu", "gelu", "silu")),
        "squeeze_reduction": Choice((None, 8, 16)),
        "stochastic_depth": Uniform(0.0, 0.2),
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
        "widths": Choice(((8, 16, 32, 64), (16, 32, 64, 128), (24, 48, 96))),
        "kernel_size": Choice((3, 5, 7)),
        "dropout": Uniform(0.0, 0.3),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 5,
    },
}
