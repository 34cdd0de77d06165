"""Several devices that share each batch."""

import json
import os
import subprocess
import sys
import textwrap

import keras
import pytest

from kerashar.training import predict_logits, train
from tests.run_all import QUICK_XLA
from tests.synthetic import make_split
from tests.training.test_train import recipe

# Two devices of JAX or TensorFlow are settled as it starts, so that they need another process than that of the tests.
_SCRIPT = textwrap.dedent("""
    import keras
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf
        two = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], two)
    from tests.training.test_parallel import print_training
    print_training()
""")


def trained(devices):
    # Without dropout, which draws other masks for other shapes, and batch normalisation, which sees a device's share.
    shared = recipe(
        model="tcn",
        model_settings={"hidden": 8, "levels": 1, "dropout": 0.0},
        augmentation={"mixup": 0.2},
        epochs=2,
        clip_norm=0.1,  # of the mean gradient: that of each device is longer
        ema_momentum=0.5,
    )
    split = make_split()
    result = train(shared, split, devices=devices)
    return {"history": result.history, "logits": predict_logits(result.model, split.test.windows).tolist()}


def print_training():
    print(json.dumps(trained(devices=2)))


def trained_elsewhere():
    flags = f"{QUICK_XLA} --xla_force_host_platform_device_count=2"
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "XLA_FLAGS": flags}
    command = [sys.executable, "-c", _SCRIPT]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_two_devices_train_as_one():
    one = trained(devices=1)
    two = trained(devices=2) if keras.backend.backend() == "torch" else trained_elsewhere()
    for ours, theirs in zip(two["history"], one["history"], strict=True):
        for name in ("loss", "val_loss", "val_macro_f1"):
            assert ours[name] == pytest.approx(theirs[name], rel=1e-5)
    for ours, theirs in zip(two["logits"], one["logits"], strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)


def test_what_devices_cannot_share(monkeypatch):
    if keras.backend.backend() == "torch":
        monkeypatch.setattr(sys, "executable", "false")
        with pytest.raises(ChildProcessError, match="ended at its start, with code 1"):
            train(recipe(), make_split(), devices=2)
        with pytest.raises(ValueError, match=r"2 devices can share evenly\. Received: 15 windows"):
            train(recipe(batch_size=15), make_split(), devices=2)
        hydra = recipe(model="hydra", model_settings={}, epochs=1)
        with pytest.raises(ValueError, match=r"trained by gradients on 2 devices\. Received: 'hydra'"):
            train(hydra, make_split(), devices=2)
    else:
        with pytest.raises(ValueError, match=r"Expected at most 1 devices: cpu:0\. Received: devices=2"):
            train(recipe(), make_split(), devices=2)
