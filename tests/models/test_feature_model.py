import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from kerashar.features import FeatureStack, Jerk, Jitter, SignalStatistics, StationaryWaveletTransform
from kerashar.models import FeatureModel, load_model, save_model
from tests.support import check_every_weight_learns, random_signal, run, scramble

SMALL = {"hidden": 4, "blocks": 1, "squeeze_reduction": 1, "dropout": 0.0, "stochastic_depth": 0.0}


def make(mode, **settings):
    feature = SignalStatistics(("mean", "energy")) if mode == "vector" else StationaryWaveletTransform("haar", 2)
    stack = FeatureStack([Jerk(20.0), feature] if mode != "vector" else [feature], mode)
    return FeatureModel((32, 3), 4, stack, model_settings=SMALL, **settings)


# A training run with features tests the channels on each backend.
@pytest.mark.parametrize(
    "mode", ["branch", pytest.param("channels", marks=pytest.mark.once), pytest.param("vector", marks=pytest.mark.once)]
)
def test_model(mode, tmp_path):
    keras.utils.set_random_seed(0)  # there are draws under which a gate is closed for all samples
    model = make(mode, dropout=0.0)
    windows = 5 + 3 * random_signal(16, 32, 3)
    model.fit_normalization(windows)
    stack = model.get_layer("features")
    if mode == "vector":
        ready = keras.Model(model.input, model.get_layer("feature_normalization").output)
        np.testing.assert_allclose(run(ready, windows).mean(axis=0), 0, atol=1e-4)
    else:
        name, values = ("trunk", stack.array(windows)) if mode == "channels" else ("trunk", windows)
        mean = keras.ops.convert_to_numpy(model.get_layer(name).get_layer("normalization").mean)
        np.testing.assert_allclose(mean, values.mean(axis=(0, 1)), rtol=1e-4, atol=1e-4)
    scramble(model)
    config = json.loads(json.dumps(model.get_config()))
    assert json.loads(json.dumps(FeatureModel.from_config(config).get_config())) == config
    save_model(model, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert isinstance(loaded, FeatureModel)
    np.testing.assert_array_equal(run(loaded, windows), run(model, windows))
    check_every_weight_learns(model, windows)


@pytest.mark.once
def test_without_logits_and_under_mixed_precision():
    assert FeatureModel((32, 3), 0, FeatureStack([Jerk(20.0)]), model_settings=SMALL).output_shape == (None, 4)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = make("replace")
    finally:
        keras.config.set_dtype_policy("float32")
    assert model.get_layer("features").compute_dtype == "float32"
    windows = 1e6 * random_signal(8, 32, 3)  # beyond float16
    model.fit_normalization(windows)
    assert np.isfinite(run(model, windows)).all()


@pytest.mark.once
def test_what_is_refused():
    stack = FeatureStack([Jerk(20.0)])
    with pytest.raises(ValueError, match="trained by gradients"):
        FeatureModel((32, 3), 4, stack, model="hydra")
    with pytest.raises(ValueError, match="Did you mean 'hidden'"):
        FeatureModel((32, 3), 4, stack, model_settings={"hiden": 8})
    with pytest.raises(ValueError, match=r"2\^level"):
        FeatureModel((30, 3), 4, FeatureStack([StationaryWaveletTransform(level=2)]))


@pytest.mark.once
def test_a_process_that_used_no_feature_yet_loads_the_file(tmp_path):
    model = make("channels")
    windows = random_signal(2, 32, 3)
    augmented = keras.Sequential([keras.Input((32, 3)), Jitter(0.1), model])
    save_model(augmented, tmp_path / "model.keras")
    np.save(tmp_path / "windows.npy", windows)
    script = (
        "import numpy as np; from kerashar.models import load_model; "
        "model = load_model('model.keras'); "
        "np.save('logits.npy', np.asarray(model.predict(np.load('windows.npy'), verbose=0)))"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
    np.testing.assert_allclose(np.load(tmp_path / "logits.npy"), run(model, windows), atol=1e-5)
