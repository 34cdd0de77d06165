"""Search space of ConvNeXt (Liu et al., CVPR 2022; Woo et al., CVPR 2023), each size.

Command: python benchmarks/image_accuracy.py cifar10_images.zip --models convnext_atto
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "stem_stride": Choice((1, 2)),
        "kernel_size": Choice((3, 5, 7)),
        "stochastic_depth": Uniform(0.0, 0.3),
        "dropout": Uniform(0.0, 0.3),
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
        "depths": Choice(((1, 1, 2), (2, 2, 2))),
        "widths": Choice(((16, 32, 64), (24, 48, 96))),
        "kernel_size": Choice((3, 5, 7)),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 5,
    },
}
