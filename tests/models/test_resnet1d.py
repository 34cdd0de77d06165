import pytest

from kerashar.models import ResNet1D, create_model, receptive_field
from tests.support import random_signal, run


@pytest.mark.parametrize(("depth", "samples"), [(1, 23), (2, 51), (3, 107), (4, 219)])
def test_receptive_field_grows_with_depth(depth, samples):
    assert receptive_field(ResNet1D((None, 2), 3, width=4, depth=depth)).samples == samples


def test_width_doubles_and_time_halves_with_each_stage():
    model = ResNet1D((None, 2), 3, width=4, blocks=1)
    assert [model.get_layer(f"stage_{stage}_block_1").output.shape[-1] for stage in (1, 2, 3)] == [4, 8, 16]
    assert run(model, random_signal(2, 5, 2)).shape == (2, 3)


@pytest.mark.parametrize(
    "settings",
    [
        {"block": "bottleneck", "pre_activation": True, "normalization": "layer", "pooling": "average_max"},
        {"block": "multi_scale", "activation": "prelu", "residual_scale": 0.1, "pooling": "attention"},
    ],
)
def test_kinds_of_blocks(settings):
    model = ResNet1D((12, 2), 3, width=4, depth=2, blocks=1, **settings)
    assert run(model, random_signal(2, 12, 2)).shape == (2, 3)


def test_variants_are_presets_of_one_class():
    plain = create_model("resnet1d", (16, 2), 3, width=4)
    gated = create_model("se_resnet1d", (16, 2), 3, width=4)
    assert type(plain) is type(gated)
    assert gated.name == "se_resnet1d"
    assert (plain.squeeze_reduction, gated.squeeze_reduction) == (None, 8)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window_shape": (9,)}, r"window_shape=\(9,\)"),
        ({"depth": 0}, "depth=0"),
        ({"block": "botleneck"}, "Did you mean 'bottleneck'"),
        ({"num_classes": -1}, "num_classes=-1"),
    ],
)
def test_refuses_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        ResNet1D(**{"window_shape": (32, 2), "num_classes": 3, **settings})
