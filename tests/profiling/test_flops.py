"""Counted multiply-adds against formulas, and against what PyTorch and timm count."""

import keras
import pytest
from keras import layers, ops

from kerashar.layers import Conv1D, DepthwiseConv1D, MultiScaleDepthwiseConv1D, PatchConv1D, SelfAttention, WideDense
from kerashar.layers.images import (
    Conv2D,
    DepthwiseConv2D,
    ImageAttention,
    PatchConv2D,
    SpaceToDepthConv2D,
    VisionTransformerBlock,
)
from kerashar.models import create_model, model_card
from kerashar.profiling import count_flops
from tests.models.images.test_timm_parity import CASES
from tests.models.test_all_models import CHECKED, SMALL

# A layer, the shape of one sample, and its multiply-adds: outputs, then what each one sums.
LAYERS = {
    "dense over time": (lambda: layers.Dense(5), (12, 4), 12 * 5 * 4),
    "wide dense": (lambda: WideDense(6), (128,), 6 * 128),
    "einsum dense": (lambda: layers.EinsumDense("bta,ahd->bthd", (None, 2, 5)), (12, 4), 12 * 2 * 5 * 4),
    "conv1d": (lambda: Conv1D(8, 5, strides=2, padding="causal"), (12, 4), 6 * 8 * 5 * 4),
    "dilated conv1d": (lambda: Conv1D(8, 3, dilation_rate=2, padding="valid"), (12, 4), 8 * 8 * 3 * 4),
    "pointwise conv1d": (lambda: Conv1D(8, 1, strides=2), (12, 4), 6 * 8 * 4),
    "depthwise conv1d": (lambda: DepthwiseConv1D(5, depth_multiplier=2, strides=2), (12, 4), 6 * 8 * 5),
    "dilated depthwise conv1d": (lambda: DepthwiseConv1D(5, dilation_rate=2), (12, 4), 12 * 4 * 5),
    "merged kernels": (lambda: MultiScaleDepthwiseConv1D((3, 7)), (12, 4), 12 * 4 * 7),
    "patches of a signal": (lambda: PatchConv1D(8, 4, 4), (12, 2, 3), 3 * 2 * 8 * 4 * 3),
    "separable conv1d": (lambda: layers.SeparableConv1D(8, 3, padding="same"), (12, 4), 12 * (3 * 4 + 4 * 8)),
    "transposed conv1d": (lambda: layers.Conv1DTranspose(8, 3, strides=2), (12, 4), 12 * 3 * 4 * 8),
    "grouped conv2d": (lambda: Conv2D(8, 3, groups=2, dilation_rate=2), (6, 5, 4), 6 * 5 * 8 * 9 * 2),
    "depthwise conv2d": (lambda: DepthwiseConv2D(5, strides=2), (6, 4, 3), 3 * 2 * 3 * 25),
    "Keras' depthwise conv2d": (lambda: layers.DepthwiseConv2D(3, depth_multiplier=2), (6, 5, 4), 4 * 3 * 8 * 9),
    "patches of an image": (lambda: PatchConv2D(8, 2), (6, 4, 3), 3 * 2 * 8 * 4 * 3),
    "space to depth": (lambda: SpaceToDepthConv2D(8), (6, 4, 3), 3 * 2 * 8 * 9 * 12),
    # Queries, keys, values and the result; scores and weighted values.
    "attention over time": (lambda: SelfAttention(2), (12, 8), 4 * 12 * 8 * 8 + 2 * 12 * 12 * 8),
    "attention over patches": (lambda: ImageAttention(2), (12, 8), 4 * 12 * 8 * 8 + 2 * 12 * 12 * 8),
    "lstm": (lambda: layers.LSTM(5), (12, 4), 12 * 4 * 5 * (4 + 5)),
    "gru both ways": (lambda: layers.Bidirectional(layers.GRU(5)), (12, 4), 2 * 12 * 3 * 5 * (4 + 5)),
    # The same with two dense layers of 20 neurons; it normalises, by products on some backends.
    "transformer block": (
        lambda: VisionTransformerBlock(2, hidden=20),
        (12, 8),
        4 * 12 * 8 * 8 + 2 * 12 * 12 * 8 + 2 * 12 * 8 * 20,
    ),
    "normalisation": (layers.BatchNormalization, (12, 4), 0),
}


@pytest.mark.parametrize("case", LAYERS)
def test_layers_cost_what_their_formulas_say(case):
    make, shape, expected = LAYERS[case]
    inputs = keras.Input(shape)
    assert count_flops(keras.Model(inputs, make()(inputs))) == expected


def test_a_layer_used_twice_counts_twice_and_models_nest():
    shared, inputs = layers.Dense(4), keras.Input((4,))
    inner = keras.Model(inputs, shared(shared(inputs)))
    outer = keras.Model(inputs, layers.Dense(3)(inner(inputs)))
    assert count_flops(outer) == 2 * 4 * 4 + 4 * 3


def test_tcn_costs_what_its_design_says():
    model = create_model("tcn", (50, 3), 6, hidden=8, levels=2, kernel_size=3)
    first = 50 * 8 * (3 * 3 + 3 * 8 + 3)  # two convolutions, and a shortcut to another width
    second = 50 * 8 * (3 * 8 + 3 * 8)
    assert count_flops(model) == first + second + 8 * 6


def test_products_of_tensors_count():
    inputs = keras.Input((5, 4))
    cases = {
        "matmul": lambda x: ops.matmul(x, ops.transpose(x, (0, 2, 1))),
        "einsum": lambda x: ops.einsum("bic,bjc->bij", x, x),
        "einsum of the end": lambda x: ops.einsum("...ic,...jc->...ij", x, x),
    }
    for name, function in cases.items():
        assert count_flops(keras.Model(inputs, function(inputs))) == 5 * 5 * 4, name


class ByHand(layers.Layer):
    """A product that no one can count, since it multiplies elements and sums them, ahead of one that counts."""

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], 3), name="kernel")
        self.after = layers.Dense(3)
        self.after.build((None, 3))

    def call(self, inputs):
        return self.after(ops.sum(inputs[..., None] * self.kernel, axis=-2))


def test_work_that_was_not_seen_is_an_error_and_leaves_keras_as_it_was():
    inputs, call, matmul = keras.Input((4,)), layers.Layer.__call__, ops.matmul
    model = keras.Model(inputs, layers.Dense(2)(ByHand(name="by_hand")(inputs)))
    with pytest.raises(ValueError, match=r"by_hand \(ByHand\), whose products were not seen"):
        count_flops(model)
    assert layers.Layer.__call__ is call
    assert ops.matmul is matmul


def test_layers_of_keras_that_multiply_unseen_are_an_error():
    inputs = keras.Input((5, 4))
    for layer in (layers.Attention(), layers.Dot(2), layers.TimeDistributed(layers.Dense(3))):
        arguments = inputs if isinstance(layer, layers.TimeDistributed) else [inputs, inputs]
        with pytest.raises(ValueError, match=type(layer).__name__):
            count_flops(keras.Model(inputs, layer(arguments)))


def test_the_whole_shape_must_be_known():
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, layers.Dense(5)(inputs))
    with pytest.raises(ValueError, match=r"input_shape=\(None, 4\)"):
        count_flops(model)
    assert count_flops(model, (12, 4)) == 12 * 5 * 4


def by_pytorch(run):
    """Multiply-adds that PyTorch counts below all layers; its fused attention does not tell it, the plain one does."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops() / 2


@pytest.mark.once
@pytest.mark.parametrize("name", sorted(CHECKED))
def test_every_model_costs_what_pytorch_counts(name):
    shape = model_card(name).input_shape
    model = create_model(name, shape, 6, **SMALL.get(name, {}))
    inputs = ops.zeros((1, *shape))
    counted = by_pytorch(lambda: model(inputs, training=False))
    # PyTorch also sees the zeros by which WideDense fills its features up.
    assert count_flops(model) == pytest.approx(counted, rel=1e-4 if name == "mini_rocket" else 0)


@pytest.mark.once
@pytest.mark.parametrize("case", CASES)
def test_networks_of_timm_cost_as_much_as_ours(case):
    import torch

    from tests.timm_models import create

    theirs, ours, their_settings, our_settings, sides = CASES[case]
    reference = create(theirs, num_classes=7, **their_settings).eval()
    expected = by_pytorch(lambda: reference(torch.zeros(1, 3, *sides)))
    model = create_model(ours, (*sides, 3), 7, **our_settings)
    assert count_flops(model) == pytest.approx(expected, rel=0.01)
