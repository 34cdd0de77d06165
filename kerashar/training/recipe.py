"""What a training run is made of."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from kerashar.features import list_augmentations, list_features
from kerashar.features.arrays.stack import Mode
from kerashar.losses import create_loss, list_losses
from kerashar.names import unknown_name
from kerashar.optimizers import create_optimizer, list_optimizers
from kerashar.schedules import create_schedule, list_schedules
from kerashar.training.recipe_version import current_settings, labelled

WINDOW_SETTINGS = ("seconds", "overlap", "purity", "transitions")
IMAGE_SETTINGS = ("size", "channels", "labels", "label", "target", "group", "class_width")
DATA_SETTINGS = (*WINDOW_SETTINGS, *IMAGE_SETTINGS, "fraction")
_DRAW = ("validation_share", "seed", "allow_leakage")
SPLIT_SETTINGS = {
    "official": ("validation_subjects", *_DRAW),
    "subjects": ("test_subjects", "validation_subjects", *_DRAW),
    "drawn": ("test_share", *_DRAW),
}
PLATEAU_SETTINGS = {"factor": 0.5, "patience": 2}
Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]
Initializer = Literal["he", "xavier"]


@dataclass(frozen=True)
class Recipe:
    """All settings of one training run; with the data set and the backend they reproduce it.

    Use it to describe a run to `kerashar.train` and to read back what a run folder's `recipe.json` holds. Names and
    ranges are checked at once, without Keras; `check` looks at what needs it.

    Args:
        model: name of a registered model.
        model_settings: arguments of the model's constructor.
        features: by the feature's name its arguments, True for its defaults, False to leave it out, or a number: its
            first argument besides the sampling rate. With any the model is a `FeatureModel`.
        features_mode: how the model gets them: `"channels"`, `"replace"`, `"branch"` or `"vector"`.
        augmentation: the same for augmentations, which act in training alone, in this order; those that mix samples,
            mixup and cut_mix, come last whatever the order.
        epochs: passes over the training windows.
        batch_size: windows in one step, on all devices together.
        learning_rate: highest rate, reached after the warm-up.
        weight_decay: decoupled weight decay; biases, norms and position embeddings are left out.
        warmup_share: share of all steps over which the rate rises from zero.
        clip_norm: bound on the norm of all gradients together.
        label_smoothing: share of each label spread evenly over the classes; 0 for a loss of numbers.
        patience: epochs without a better macro F1 on the validation windows after which training stops.
        seed: seed of validation subjects, weights, shuffling and dropout.
        data: name of the data set; of images also a folder, a zip, or a `.npy` file that `decode_images` wrote. None
            where the samples come from elsewhere.
        data_settings: how it is cut, `seconds`, `overlap`, `purity` and `transitions` of `load_windows`, or how images
            are read, `size`, `channels`, `labels`, `label`, `target` and `group` of `cached_images`. `class_width`
            makes classes of a target that is a number: the share of its range that each has, such as 0.05. `fraction`:
            the share of the training samples to train on. A smaller one lies within a larger one of that seed.
        split: `"official"`: the data's own test side; `"subjects"`: the subjects, or groups of images, in
            `split_settings`; `"drawn"`: a share of them.
        split_settings: `test_subjects`, or `test_share` (0.2 by default); `validation_subjects`, `validation_share`,
            `seed` and `allow_leakage` of `split_by_subject` or `split_images`; the seed is the recipe's unless told
            otherwise.
        optimizer: a name from `kerashar.optimizers.list_optimizers()`.
        optimizer_settings: its own arguments, such as `beta_1`.
        layer_decay: factor on the learning rate for each layer below the head, above 0 and at most 1.
        schedule: a name from `kerashar.schedules.list_schedules()`.
        schedule_settings: its own arguments; of `"plateau"` those of the callback `Plateau`: `factor`, 0.5 by default,
            and `patience`, 2 epochs.
        loss: a name from `kerashar.losses.list_losses()`.
        loss_settings: its own arguments, such as `gamma` of `"focal"`.
        class_weights: `"balanced"` lets the classes of the training windows count alike; None weighs windows alike.
        precision: `"float32"`, `"mixed_float16"` or `"mixed_bfloat16"`, in training; weights are float32 all the same.
        ema_momentum: how much of the weights' moving average each update keeps, at least 0 and below 1. The averages
            are validated and kept as the best weights. None for no average.
        accumulate: batches whose mean gradient makes one update.
        initializer: `"he"` or `"xavier"` draws the kernels of Dense layers and convolutions anew; None leaves those of
            the model.
        patience_start: epochs ahead of the first that patience counts.
        start: a `.keras` file of the same model, whose weights the run begins with, normalisation included; its head
            begins anew. Or published weights of an image model, as `create_model(weights=...)` takes them. None begins
            with fresh weights.
        keep_head: whether the head begins with the file's weights too, as where the classes are the same.
        trained_depth: how many layers with kernels below the head are trained; 0 trains the head alone, and None all.

    Raises:
        ValueError: an unknown name (the nearest right one is named), a value out of its range, or settings that
            contradict each other.

    Example:
        >>> Recipe(epochs=3).to_json()["learning_rate"]
        0.002
        >>> Recipe(optimizer="soup")
        Traceback (most recent call last):
        ValueError: Expected a known optimizer. Received: 'soup'. Did you mean 'soap'?
    """

    model: str = "modern_tcn"
    model_settings: dict[str, Any] = field(default_factory=dict)
    features: dict[str, Any] = field(default_factory=dict)
    features_mode: Mode = "channels"
    augmentation: dict[str, Any] = field(default_factory=dict)
    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup_share: float = 0.1
    clip_norm: float = 1.0
    label_smoothing: float = 0.1
    patience: int = 5
    seed: int = 0
    data: str | None = None
    data_settings: dict[str, Any] = field(default_factory=dict)
    split: Literal["official", "subjects", "drawn"] = "official"
    split_settings: dict[str, Any] = field(default_factory=dict)
    optimizer: str = "adamw"
    optimizer_settings: dict[str, Any] = field(default_factory=dict)
    layer_decay: float = 1.0
    schedule: str = "cosine"
    schedule_settings: dict[str, Any] = field(default_factory=dict)
    loss: str = "cross_entropy"
    loss_settings: dict[str, Any] = field(default_factory=dict)
    class_weights: Literal["balanced"] | None = None
    precision: Precision = "float32"
    ema_momentum: float | None = None
    accumulate: int = 1
    initializer: Initializer | None = None
    patience_start: int = 0
    start: str | None = None
    keep_head: bool = False
    trained_depth: int | None = None

    def __post_init__(self) -> None:
        self._check_ranges()
        self._check_names()
        self._check_contradictions()

    @property
    def version_name(self) -> str:
        """A name such as `modern_tcn-3f2a91c0`, which differs where any setting does.

        Settings at their defaults don't count, so that a later version with more settings gives the same name.
        """
        text = json.dumps(self.changed(), sort_keys=True)
        return f"{self.model}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    def changed(self) -> dict[str, Any]:
        """The settings that are not at their defaults, as plain data."""
        settings = self.settings()
        defaults = {
            each.name: each.default if each.default_factory is MISSING else each.default_factory()
            for each in fields(self)
        }
        return {name: value for name, value in settings.items() if value != defaults[name]}

    def settings(self) -> dict[str, Any]:
        """All settings as plain data."""
        return json.loads(json.dumps(asdict(self)))

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain data for a JSON file, with the versions that wrote it."""
        return labelled(self.settings(), self.version_name)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Recipe":
        """The recipe that `to_json` of this version or an older one wrote.

        A warning says what has changed since an older one.

        Raises:
            ValueError: an unknown setting (the nearest one is named), or a recipe of a newer version.
        """
        settings = current_settings(data)
        _check_known("recipe setting", settings, {each.name for each in fields(cls)})
        return cls(**settings)

    @classmethod
    def read(cls, path: Path) -> "Recipe":
        """The recipe in a file, such as the `recipe.json` of a run."""
        return cls.from_json(json.loads(path.read_text(encoding="utf-8")))

    def check(self) -> None:
        """Check what needs Keras: names and values of the model's, optimizer's, schedule's and loss's settings.

        Use it ahead of what takes long, such as loading data; `train` begins with it.

        Raises:
            ValueError: a name or value that one of them refuses; of an unknown name the nearest right one is named.
        """
        from kerashar.models import model_settings

        _check_known(f"setting of {self.model}", self.model_settings, model_settings(self.model))
        create_schedule(self.schedule, self.learning_rate, 10**6, **self.course_settings)
        create_optimizer(self.optimizer, self.learning_rate, **self.optimizer_settings)
        weights = [1.0] if self.class_weights else None
        create_loss(self.loss, class_weights=weights, label_smoothing=self.label_smoothing, **self.loss_settings)

    @property
    def course_settings(self) -> dict[str, Any]:
        """The arguments of the schedule itself: those of `"plateau"` are its callback's."""
        return {} if self.schedule == "plateau" else self.schedule_settings

    @property
    def plateau_settings(self) -> dict[str, Any]:
        """The arguments of the callback `Plateau`."""
        return {**PLATEAU_SETTINGS, **self.schedule_settings}

    def _check_ranges(self) -> None:
        for name in ("epochs", "batch_size", "patience", "accumulate"):
            self._expect(name, "a whole number of at least 1", _is_whole(getattr(self, name), 1))
        for name in ("seed", "patience_start"):
            self._expect(name, "a whole number of at least 0", _is_whole(getattr(self, name), 0))
        for name in ("learning_rate", "clip_norm"):
            self._expect(name, "above 0", getattr(self, name) > 0)
        self._expect("weight_decay", "at least 0", self.weight_decay >= 0)
        for name in ("warmup_share", "label_smoothing"):
            self._expect(name, "at least 0 and below 1", 0 <= getattr(self, name) < 1)
        self._expect("layer_decay", "above 0 and at most 1", 0 < self.layer_decay <= 1)
        in_range = self.ema_momentum is None or 0 <= self.ema_momentum < 1
        self._expect("ema_momentum", "at least 0 and below 1, or None", in_range)
        fraction = self.data_settings.get("fraction", 1)
        self._expect("data_settings", "of a fraction above 0 and at most 1", 0 < fraction <= 1)
        self._expect("class_weights", "'balanced' or None", self.class_weights in ("balanced", None))
        self._expect("start", "the path of a .keras file, or None", self.start is None or isinstance(self.start, str))
        whole = self.trained_depth is None or _is_whole(self.trained_depth, 0)
        self._expect("trained_depth", "a whole number of at least 0, or None", whole)

    def _check_names(self) -> None:
        for kind, known in (
            ("optimizer", list_optimizers()),
            ("schedule", list_schedules()),
            ("loss", list_losses()),
            ("split", SPLIT_SETTINGS),
            ("features_mode", get_args(Mode)),
            ("precision", get_args(Precision)),
            ("initializer", (*get_args(Initializer), None)),
        ):
            if getattr(self, kind) not in known:
                raise unknown_name(kind, getattr(self, kind), filter(None, known))
        _check_known("feature", self.features, list_features())
        _check_known("augmentation", self.augmentation, list_augmentations())
        _check_known("setting of the data", self.data_settings, DATA_SETTINGS)
        _check_known(f"setting of the split {self.split!r}", self.split_settings, SPLIT_SETTINGS[self.split])
        if self.schedule == "plateau":
            _check_known("setting of plateau", self.schedule_settings, PLATEAU_SETTINGS)

    def _check_contradictions(self) -> None:
        if self.patience_start >= self.epochs:
            raise ValueError(
                "Expected patience to count before the run ends. "
                f"Received: patience_start={self.patience_start}, epochs={self.epochs}."
            )
        if self.start is None and (self.keep_head or self.trained_depth is not None):
            raise ValueError(
                "Expected a start, a trained model's file, with keep_head or trained_depth. "
                f"Received: keep_head={self.keep_head}, trained_depth={self.trained_depth}."
            )
        if self.schedule == "plateau" and self.plateau_settings["patience"] >= self.patience:
            raise ValueError(
                "Expected a plateau to be shorter than the patience, or the rate never falls. Received: "
                f"schedule_settings={self.schedule_settings}, patience={self.patience}."
            )
        if self.split == "subjects" and "test_subjects" not in self.split_settings:
            raise ValueError(
                "Expected split_settings to name the test_subjects of the split 'subjects'. "
                f"Received: split_settings={self.split_settings}."
            )

    def _expect(self, name: str, what: str, holds: bool) -> None:
        if not holds:
            raise ValueError(f"Expected {name} to be {what}. Received: {name}={getattr(self, name)!r}.")


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _check_known(kind: str, names: Collection[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise unknown_name(kind, name, known)
