"""Search space of ViT (Dosovitskiy et al., ICLR 2021), each size.

Command: python benchmarks/image_accuracy.py cifar10_images.zip --models vit_tiny
"""

from kerashar.search.domains import Choice, LogUniform, Space, Uniform

SPACE: Space = {
    "model": {
        "patch_size": Choice((2, 4, 8)),
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
        "width": Choice((48, 96)),
        "depth": Choice((2, 4, 6)),
        "heads": Choice((2, 4)),
        "patch_size": Choice((4, 8)),
    },
    "training": {
        "learning_rate": LogUniform(1e-3, 1e-2),
        "epochs": 5,
    },
}
