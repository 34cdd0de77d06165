"""ModernTCN in the published form."""

from collections.abc import Sequence
from itertools import count, repeat
from typing import Literal, get_args

import keras

from kerashar.layers import (
    EdgePadding1D,
    GlobalPooling1D,
    ModernTCNBlock,
    PatchConv1D,
    ReversibleNormalization,
    SignalNormalization,
)
from kerashar.layers.checks import check_choice, check_classes, check_share, check_sizes, check_window_shape
from kerashar.layers.choices import normalization_layer
from kerashar.layers.global_pooling1d import Pooling
from kerashar.models.configured_model import ConfiguredModel
from kerashar.models.logits import with_logits
from kerashar.models.model_card import ModelCard
from kerashar.models.registry import register_model

Head = Literal["flatten", Pooling]

CARD = ModelCard(
    title="ModernTCN (published form)",
    summary="Light and quick to train: large kernels over patches of each channel, which meet in every block.",
    paper="Luo and Wang, ModernTCN: A Modern Pure Convolution Structure for General Time Series Analysis, ICLR 2024",
    year=2024,
    origin="https://github.com/luodhhh/ModernTCN",
    code_licence="MIT",
    differs=(
        "Equal to the authors' classification code, after a normalisation by figures of the training set. The stem's "
        "convolution has no bias, which its batch normalisation would take away. Their code makes RevIN for "
        "classification but never applies it: here it is an option, off by default, since it takes gravity away. "
        "Pooling in place of the flattened head, and windows shorter than a patch, are ours."
    ),
    input_shape=(128, 9),
    parameters=72_376,
    receptive_field=140,
    causal=False,
    depth="blocks",
)


@register_model("patch_modern_tcn", CARD)
@keras.saving.register_keras_serializable(package="kerashar")
class PatchModernTCN(ConfiguredModel):
    """Classifies windows of sensor signals by large kernels over patches of each channel.

    Use it where training time counts: patches leave few steps to work on. Call `merge_kernels` after training for
    faster predictions. It takes raw physical units: fit its normalisation on training windows with
    `model.get_layer("normalization").fit(windows)`; `kerashar.train` does so.

    Args:
        window_shape: `(time, channels)` of one window; time may be `None` where the head pools.
        num_classes: number of logits; 0 gives the features ahead of them.
        patch_size: samples of one patch. Defaults to 8.
        patch_stride: samples from one patch to the next, at most `patch_size`. Defaults to 4.
        width: features of each channel in the first stage; each further one has half the steps and twice as many.
            Defaults to 16.
        blocks: blocks in each stage. Defaults to 1.
        large_kernels: odd numbers of taps of the large kernels, one for each stage. Defaults to (13, 11).
        small_kernel: odd number of taps of the small kernel beside each large one. Defaults to 5.
        expansion: how many times wider the feed-forward networks are inside. Defaults to 1.
        dropout: share of values dropped in each block, in training. Defaults to 0.1.
        head_dropout: share of values dropped before the logits, in training. Defaults to 0.1.
        head: `"flatten"`, all steps side by side as published, or a kind of `GlobalPooling1D`. Defaults to
            `"flatten"`.
        reversible_normalization: whether each window is also normalised by itself. Defaults to False.
        merged: whether each block has the one kernel that `merge_kernels` makes of two. Defaults to False.
        seed: seed of dropout. Defaults to None.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        Logits `(batch, num_classes)`.

    Raises:
        ValueError: sizes or shares out of range, no stage, an unknown head, or `"flatten"` with a time of `None`;
            `merge_kernels` on a model that is merged.

    Example:
        >>> model = PatchModernTCN((128, 9), 6, width=8, large_kernels=(31, 13))
        >>> model.output_shape, model.count_params() - model.merge_kernels().count_params()
        ((None, 6), 2592)

    Reference:
        See the model card, `kerashar.model_card("patch_modern_tcn")`.
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        num_classes: int,
        patch_size: int = 8,
        patch_stride: int = 4,
        width: int = 16,
        blocks: int = 1,
        large_kernels: Sequence[int] = (13, 11),
        small_kernel: int = 5,
        expansion: int = 1,
        dropout: float = 0.1,
        head_dropout: float = 0.1,
        head: Head = "flatten",
        reversible_normalization: bool = False,
        merged: bool = False,
        seed: int | None = None,
        name: str = "patch_modern_tcn",
    ) -> None:
        check_window_shape(window_shape)
        check_classes(num_classes)
        check_sizes(width=width, blocks=blocks)
        check_share(head_dropout=head_dropout)
        check_choice("head", head, get_args(Head))
        if not large_kernels:
            raise ValueError(f"Expected a large kernel for each stage. Received: large_kernels={large_kernels!r}.")
        time, channels = window_shape
        if head == "flatten" and time is None:
            raise ValueError(
                f"Expected a known window length with head='flatten'. Received: window_shape={tuple(window_shape)}. "
                f"Pass head='average' for windows of any length."
            )
        features = [width * 2**stage for stage in range(len(large_kernels))]
        seeds = repeat(None) if seed is None else count(seed, step=4)  # a block has four dropouts

        # === Layers ===
        trunk = [SignalNormalization(name="normalization")]
        if reversible_normalization:
            trunk.append(ReversibleNormalization(affine=False, name="reversible_normalization"))
        trunk += [
            keras.layers.Reshape((-1, channels, 1), name="split_channels"),
            PatchConv1D(width, patch_size, patch_stride, use_bias=False, name="stem"),
            normalization_layer("batch", width, name="stem_norm"),
        ]
        for stage, kernel_size in enumerate(large_kernels):
            if stage > 0:
                trunk += [
                    EdgePadding1D(2, name=f"padding_{stage + 1}"),
                    normalization_layer("batch", features[stage - 1], name=f"downsampling_norm_{stage + 1}"),
                    PatchConv1D(features[stage], 2, 2, name=f"downsampling_{stage + 1}"),
                ]
            trunk += [
                ModernTCNBlock(
                    kernel_size,
                    small_kernel,
                    expansion,
                    dropout,
                    merged,
                    seed=next(seeds),
                    name=f"stage_{stage + 1}_block_{block + 1}",
                )
                for block in range(blocks)
            ]
        trunk += [
            keras.layers.Activation("gelu", name="head_activation"),
            keras.layers.Reshape((-1, channels * features[-1]), name="join_channels"),
            keras.layers.Flatten(name="pool") if head == "flatten" else GlobalPooling1D(head, name="pool"),
        ]

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")  # (batch, time, channels)
        outputs = inputs
        for layer in trunk:  # (batch, steps, channels, features) from stem to head
            outputs = layer(outputs)
        outputs = with_logits(outputs, num_classes, head_dropout, next(seeds))
        super().__init__(inputs=inputs, outputs=outputs, name=name)

        # === Config ===
        self.window_shape = tuple(window_shape)
        self.num_classes = num_classes
        self.patch_size = patch_size
        self.patch_stride = patch_stride
        self.width = width
        self.blocks = blocks
        self.large_kernels = tuple(large_kernels)
        self.small_kernel = small_kernel
        self.expansion = expansion
        self.dropout = dropout
        self.head_dropout = head_dropout
        self.head: Head = head
        self.reversible_normalization = reversible_normalization
        self.merged = merged
        self.seed = seed

    def merge_kernels(self) -> "PatchModernTCN":
        """A new model with one kernel in place of two in each block, and the same predictions."""
        merged = type(self).from_config({**self.get_config(), "merged": True})
        for ours, theirs in zip(self.layers, merged.layers, strict=True):
            theirs.set_weights((ours.merge() if isinstance(ours, ModernTCNBlock) else ours).get_weights())
        return merged
