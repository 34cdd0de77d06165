"""Study of the recognition of small images.

Command: kerashar study images --data photos --backend jax
Expect:  a table of models, sizes, losses and augmentations; on 32x32 images some hours on a GPU.

Options that begin with published weights need their file, which is downloaded; without a network they end as failed,
and the study goes on with the others.
"""

from kerashar.search.domains import Choice, LogUniform, Uniform
from kerashar.studies.comparison import Comparison, one_by_one
from kerashar.studies.distilling import Distilling
from kerashar.studies.head_comparison import HeadComparison
from kerashar.studies.joining import Joining
from kerashar.studies.small_search import SmallSearch
from kerashar.studies.study import Study

STUDY = Study(
    name="images",
    data="digits",
    start={
        "model": "small_resnet",
        "split": "drawn",
        "epochs": 20,
        "patience": 20,
        "data_settings": {"size": [32, 32]},
    },
    stages=(
        Comparison(
            "model family",
            {
                "plain_cnn": {"model": "plain_cnn"},
                "dual_branch": {"model": "dual_branch"},
                "dense_net_7x7": {"model": "dense_net_7x7"},
                "convnext_atto": {"model": "convnext_atto"},
                "convnext_atto, pre-trained": {"model": "convnext_atto", "start": "timm/convnext_atto.d2_in1k"},
                "vit_tiny": {"model": "vit_tiny"},
                "vit_tiny, pre-trained": {
                    "model": "vit_tiny",
                    "start": "timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k",
                },
                "mobilenetv4_small": {"model": "mobilenetv4_small"},
                "caformer_s18": {"model": "caformer_s18"},
            },
        ),
        Comparison(
            "image size",
            {
                "48x48": {"data_settings": {"size": [48, 48]}},
                "24x24": {"data_settings": {"size": [24, 24]}},
                "32x48": {"data_settings": {"size": [32, 48]}},
                "48x32": {"data_settings": {"size": [48, 32]}},
            },
        ),
        HeadComparison(),
        Comparison(
            "loss",
            {
                "balanced classes": {"class_weights": "balanced"},
                "focal": {"loss": "focal"},
                "plain labels": {"label_smoothing": 0.0},
            },
        ),
        Comparison(
            "optimiser",
            {
                "half the rate": {"learning_rate": 1e-3},
                "Muon": {"optimizer": "muon"},
                "Lion": {"optimizer": "lion", "learning_rate": 3e-4, "weight_decay": 0.3},
                "SGD": {"optimizer": "sgd", "learning_rate": 0.05, "weight_decay": 5e-4},
            },
        ),
        Comparison("schedule", {"one cycle": {"schedule": "one_cycle"}, "linear": {"schedule": "linear"}}),
        *one_by_one(
            "augmentation",
            {
                "flip": {"augmentation": {"flip": True}},
                "cropping": {"augmentation": {"multi_scale": True}},
                "colour jitter": {"augmentation": {"color_jitter": True}},
                "random erasing": {"augmentation": {"random_erasing": True}},
                "mixup": {"augmentation": {"mixup": 0.2}},
                "cut mix": {"augmentation": {"cut_mix": True}},
            },
        ),
        *one_by_one(
            "features",
            {
                "edges": {"features": {"edge_magnitude": True}},
                "grey": {"features": {"grayscale": True}},
            },
        ),
        SmallSearch(
            "regularisation",
            {
                "model": {"dropout": Uniform(0.0, 0.4)},
                "training": {"weight_decay": LogUniform(1e-3, 0.3), "ema_momentum": Choice((None, 0.99))},
            },
            trials=9,
        ),
        Comparison(
            "data fraction",
            {f"{share} %": {"data_settings": {"fraction": share / 100}} for share in (25, 50, 75)},
            finalists=3,
        ),
        Comparison("long run", {"3 times the epochs": {"epochs": 60, "patience": 60}}),
        Joining(members=3),
        Distilling(members=3),
    ),
)

# Minutes: each kind of stage once, with models that learn little.
QUICK = Study(
    name="images-quick",
    data="digits",
    seeds=(1, 2),
    start={
        "model": "plain_cnn",
        "model_settings": {"widths": [8, 16], "convolutions": 1},
        "split": "drawn",
        "epochs": 3,
        "patience": 3,
        "batch_size": 16,
        "learning_rate": 5e-3,
        "data_settings": {"size": [16, 16], "fraction": 0.5},
    },
    stages=(
        Comparison(
            "model family",
            {
                "small_resnet": {"model": "small_resnet", "model_settings": {"widths": [8, 16]}},
                "dual_branch": {"model": "dual_branch", "model_settings": {"widths": [8, 16]}},
            },
            finalists=1,
        ),
        Comparison("image size", {"16x24": {"data_settings": {"size": [16, 24]}}}),
        HeadComparison(widths=(0.1,)),
        Comparison("loss", {"balanced classes": {"class_weights": "balanced"}}),
        Comparison("optimiser", {"Muon": {"optimizer": "muon"}}),
        *one_by_one("augmentation", {"mixup": {"augmentation": {"mixup": 0.2}}}),
        *one_by_one("features", {"edges": {"features": {"edge_magnitude": True}}}),
        Comparison("data fraction", {"25 %": {"data_settings": {"fraction": 0.25}}}),
        SmallSearch("regularisation", {"training": {"weight_decay": LogUniform(1e-3, 0.3)}}, trials=2),
        Comparison("long run", {"twice the epochs": {"epochs": 6, "patience": 6}}),
        Joining(members=2),
        Distilling(members=2),
    ),
)
