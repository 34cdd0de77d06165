"""What a recipe refuses, keeps, and reads from older files."""

import json
import subprocess
import sys
import warnings
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kerashar
from kerashar.training import Recipe
from kerashar.training.recipe_data import recipe_split

pytestmark = pytest.mark.once
FIRST_FILE = {
    "model": "modern_tcn",
    "model_settings": {"hidden": 8},
    "epochs": 20,
    "batch_size": 32,
    "learning_rate": 0.001,
    "weight_decay": 0.01,
    "warmup_share": 0.2,
    "clip_norm": 2.0,
    "label_smoothing": 0.0,
    "patience": 10,
    "seed": 3,
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "epochs=0"),
        ({"batch_size": 1.5}, "batch_size=1.5"),
        ({"learning_rate": 0}, "learning_rate=0"),
        ({"weight_decay": -1}, "weight_decay=-1"),
        ({"label_smoothing": 1}, "label_smoothing=1"),
        ({"seed": -1}, "seed=-1"),
        ({"accumulate": True}, "accumulate=True"),
        ({"ema_momentum": 1.0}, "ema_momentum=1.0"),
        ({"layer_decay": 1.1}, "layer_decay=1.1"),
        ({"patience_start": -1}, "patience_start=-1"),
        ({"class_weights": "balance"}, "'balanced' or None"),
        ({"data_settings": {"fraction": 0}}, "a fraction above 0"),
        ({"optimizer": "soup"}, "Did you mean 'soap'"),
        ({"schedule": "cosin"}, "Did you mean 'cosine'"),
        ({"loss": "focall"}, "Did you mean 'focal'"),
        ({"precision": "mixed_float61"}, "Did you mean 'mixed_float16'"),
        ({"initializer": "hee"}, "Did you mean 'he'"),
        ({"features_mode": "channel"}, "Did you mean 'channels'"),
        ({"features": {"jrek": True}}, "Did you mean 'jerk'"),
        ({"augmentation": {"jiter": 0.1}}, "Did you mean 'jitter'"),
        ({"data_settings": {"second": 2}}, "Did you mean 'seconds'"),
        ({"split": "subject"}, "Did you mean 'subjects'"),
        ({"split_settings": {"test_subjects": ["1"]}}, "setting of the split 'official'. Received: 'test_subjects'"),
        ({"schedule": "plateau", "schedule_settings": {"factr": 0.1}}, "Did you mean 'factor'"),
        ({"patience_start": 10, "epochs": 10}, "before the run ends"),
        ({"schedule": "plateau", "patience": 2}, "or the rate never falls"),
        ({"split": "subjects"}, "name the test_subjects"),
    ],
)
def test_is_refused_at_once(change, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        Recipe(**change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "modern_tnc"}, "Did you mean 'modern_tcn'"),
        ({"model_settings": {"hiden": 8}}, "Did you mean 'hidden'"),
        ({"optimizer_settings": {"beta1": 0.9}}, "Did you mean 'beta_1'"),
        ({"optimizer": "sgd", "optimizer_settings": {"beta_1": 0.9}}, "setting of sgd"),
        ({"schedule_settings": {"finel": 0.1}}, "Did you mean 'final'"),
        ({"schedule": "step", "schedule_settings": {"every": 2}}, "every=2"),
        ({"loss": "focal", "loss_settings": {"gama": 1.0}}, "Did you mean 'gamma'"),
        ({"loss": "mean_squared_error"}, "label_smoothing=0.1"),
        ({"loss": "huber", "label_smoothing": 0, "class_weights": "balanced"}, "class_weights"),
    ],
)
def test_is_refused_by_the_check(change, message):
    recipe = Recipe(**change)
    with pytest.raises(ValueError, match=message):
        recipe.check()


def test_a_file_holds_all_of_it_and_who_wrote_it():
    recipe = Recipe(model_settings={"kernel_sizes": (3, 5)}, data="watch", optimizer="lion", seed=4)
    data = json.loads(json.dumps(recipe.to_json()))
    assert data["format"] == 2
    assert data["kerashar"] == kerashar.__version__
    assert data["version_name"] == recipe.version_name
    assert {each.name for each in fields(Recipe)} < set(data)
    read = Recipe.from_json(data)
    assert read.to_json() == data


@given(seed=st.integers(0, 2**31), epochs=st.integers(1, 99), momentum=st.none() | st.floats(0, 0.999))
def test_names_tell_recipes_apart(seed, epochs, momentum):
    recipe = Recipe(seed=seed, epochs=epochs, ema_momentum=momentum)
    other = Recipe(seed=seed + 1, epochs=epochs, ema_momentum=momentum)
    assert recipe.version_name != other.version_name
    assert recipe.version_name == Recipe.from_json(recipe.to_json()).version_name
    assert recipe.version_name.startswith("modern_tcn-")


def test_the_name_of_the_defaults_stays():
    """A later version with more settings must not rename old recipes."""
    assert Recipe().version_name == "modern_tcn-44136fa3"


@pytest.mark.parametrize("more", [{}, {"features": {"jerk": True}, "features_mode": "channels", "augmentation": {}}])
def test_a_file_of_the_first_format_is_read_and_says_what_changed(more):
    with pytest.warns(UserWarning, match=r"format 1, this is format 2: its data and split are not in it"):
        recipe = Recipe.from_json({**FIRST_FILE, **more})
    assert recipe == Recipe(**FIRST_FILE, **more)


def test_a_file_written_by_hand_is_current():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Recipe.from_json({"optimizer": "lion", "epochs": 3}) == Recipe(optimizer="lion", epochs=3)


@pytest.mark.parametrize("number", [3, 0, "2", True])
def test_a_file_of_a_newer_version_is_refused(number):
    data = {**Recipe().to_json(), "format": number, "kerashar": "9.0.0", "setting_of_the_future": 1}
    with pytest.raises(ValueError, match=r"written by kerashar 9\.0\.0\. Install that version or newer"):
        Recipe.from_json(data)


def test_unknown_settings_are_refused():
    with pytest.raises(ValueError, match="Did you mean 'epochs'"):
        Recipe.from_json({"epoch": 3})


def test_needs_no_keras():
    code = (
        "import sys; from kerashar.training import Recipe; Recipe(optimizer='soap', loss='focal').version_name;"
        "print(*({'keras', 'torch', 'jax', 'tensorflow', 'ray', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_loads_its_windows():
    official = recipe_split(Recipe(data="watch"))
    assert sorted(set(official.test.subjects.tolist())) == ["05", "10"]
    assert official.train.fingerprint() == kerashar.load_split("watch").train.fingerprint()
    own = {"test_subjects": ["03"], "validation_subjects": ["05"]}
    cut = {"seconds": 5.0, "overlap": 0.0, "fraction": 0.5}
    split = recipe_split(Recipe(data="watch", data_settings=cut, split="subjects", split_settings=own))
    assert split.train.window_shape == (250, 6)
    assert set(split.test.subjects.tolist()) == {"03"}
    assert set(split.validation.subjects.tolist()) == {"05"}
    seeds = [Recipe(data="watch", seed=1), Recipe(data="watch", seed=2, split_settings={"seed": 1})]
    first, second = (recipe_split(recipe).validation.fingerprint() for recipe in seeds)
    assert first == second
    with pytest.raises(ValueError, match="data=None"):
        recipe_split(Recipe())
    with pytest.raises(ValueError, match="Did you mean 'watch'"):
        recipe_split(Recipe(data="wach"))
