"""Block of MetaFormer."""

from typing import Any, Literal

import keras
from keras import ops

from kerashar.layers.checks import check_choice, check_share, check_sizes, known_channels
from kerashar.layers.choices import SMALL_NORMAL
from kerashar.layers.dense import Dense
from kerashar.layers.images.depthwise_conv2d import DepthwiseConv2D
from kerashar.layers.images.feed_forward import FeedForward
from kerashar.layers.images.image_attention import ImageAttention
from kerashar.layers.images.layer_scale import LayerScale
from kerashar.layers.images.star_relu import StarReLU
from kerashar.layers.layer_normalization import LayerNormalization
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.stochastic_depth import StochasticDepth


@keras.saving.register_keras_serializable(package="kerashar")
class MetaFormerBlock(QuickLayer):
    """Mixes places by a separable convolution or by attention, then channels; both add to their input.

    Use it with convolutions while images are large, and with attention once they are small.

    Args:
        mixer: `"convolution"`, of 7x7 between two layers that widen to twice the channels and narrow again, or
            `"attention"`.
        head_width: channels of each head of attention. Defaults to 32.
        scale_shortcut: whether channels of the shortcuts are scaled by learned numbers. Defaults to False.
        stochastic_depth: share of samples that lose a branch in training. Defaults to 0.
        seed: seed of stochastic depth. Defaults to None.

    Call arguments:
        inputs: image.
        training: whether stochastic depth acts.

    Input shape:
        `(batch, height, width, channels)`; with attention channels are a multiple of `head_width`.

    Output shape:
        As the input.

    Raises:
        ValueError: sizes or shares out of range, an unknown mixer, or channels that heads don't divide.

    Example:
        >>> import numpy as np
        >>> tuple(MetaFormerBlock("attention")(np.ones((2, 8, 12, 64), "float32")).shape)
        (2, 8, 12, 64)

    Reference:
        Yu et al., "MetaFormer Baselines for Vision", 2023.
    """

    def __init__(
        self,
        mixer: Literal["convolution", "attention"],
        head_width: int = 32,
        scale_shortcut: bool = False,
        stochastic_depth: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_choice("mixer", mixer, ("convolution", "attention"))
        check_sizes(head_width=head_width)
        check_share(stochastic_depth=stochastic_depth)
        self.mixer = mixer
        self.head_width = head_width
        self.scale_shortcut = scale_shortcut
        self.stochastic_depth = stochastic_depth
        self.seed = seed
        self.input_spec = keras.layers.InputSpec(ndim=4)
        policy = self.dtype_policy
        self.mixer_norm = LayerNormalization(center=False, dtype=policy, name="mixer_norm")
        self.network_norm = LayerNormalization(center=False, dtype=policy, name="network_norm")
        self.attention = self.mixer_scale = self.network_scale = None
        if scale_shortcut:
            self.mixer_scale = LayerScale(1.0, dtype=policy, name="mixer_scale")
            self.network_scale = LayerScale(1.0, dtype=policy, name="network_scale")
        self.drop_mixer = StochasticDepth(stochastic_depth, seed=seed, dtype=policy, name="drop_mixer")
        # A seed of its own: with the other's it would drop the same samples.
        own_seed = None if seed is None else seed + 1
        self.drop_network = StochasticDepth(stochastic_depth, seed=own_seed, dtype=policy, name="drop_network")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = known_channels(input_shape)
        policy = self.dtype_policy
        wide = (*input_shape[:-1], 2 * channels)
        if self.mixer == "convolution":
            settings = {
                "use_bias": False,
                "kernel_initializer": SMALL_NORMAL,
                "dtype": policy,
            }
            self.widen = Dense(2 * channels, name="widen", **settings)
            self.activate = StarReLU(dtype=policy, name="activation")
            self.depthwise = DepthwiseConv2D(7, name="depthwise", **settings)
            self.narrow = Dense(channels, name="narrow", **settings)
            for part, shape in zip(
                (self.widen, self.activate, self.depthwise, self.narrow), (input_shape, wide, wide, wide), strict=True
            ):
                part.build(shape)
        else:
            if channels % self.head_width:
                raise ValueError(
                    f"Expected channels to be a multiple of head_width={self.head_width}. Received: {channels}."
                )
            self.attention = ImageAttention(channels // self.head_width, use_bias=False, dtype=policy, name="attention")
            self.attention.build((input_shape[0], None, channels))
        self.network = FeedForward(4 * channels, "star_relu", use_bias=False, dtype=policy, name="network")
        parts = (self.mixer_norm, self.network_norm, self.network, self.mixer_scale, self.network_scale)
        for part in parts:
            if part is not None:
                part.build(input_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        mixed = self.drop_mixer(self._mix(self.mixer_norm(inputs)), training=training)
        outputs = mixed + (inputs if self.mixer_scale is None else self.mixer_scale(inputs))
        changed = self.drop_network(self.network(self.network_norm(outputs)), training=training)
        return changed + (outputs if self.network_scale is None else self.network_scale(outputs))

    def _mix(self, inputs: Any) -> Any:
        if self.attention is None:
            return self.narrow(self.depthwise(self.activate(self.widen(inputs))))
        return ops.reshape(self.attention(_in_a_row(inputs)), ops.shape(inputs))

    def attention_weights(self, inputs: Any) -> Any:
        """Weights `(batch, heads, places, places)` that each place (third axis) gives each other (fourth).

        Places are counted row by row.

        Raises:
            ValueError: a block without attention.
        """
        if self.attention is None:
            raise ValueError(f"Expected a block of attention. Received: mixer={self.mixer!r}.")
        return self.attention.attention_weights(_in_a_row(self.mixer_norm(inputs)))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "mixer": self.mixer,
            "head_width": self.head_width,
            "scale_shortcut": self.scale_shortcut,
            "stochastic_depth": self.stochastic_depth,
            "seed": self.seed,
        }


def _in_a_row(image: Any) -> Any:
    batch, height, width, channels = ops.shape(image)
    return ops.reshape(image, (batch, height * width, channels))
