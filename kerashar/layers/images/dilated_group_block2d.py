"""Residual block of dilated group convolutions over images."""

from collections.abc import Sequence
from typing import Any

import keras

from kerashar.layers.checks import check_sizes
from kerashar.layers.images.convolution_block2d import ConvolutionBlock2D
from kerashar.layers.images.residual_block2d import ResidualBlock2D


@keras.saving.register_keras_serializable(package="kerashar")
class DilatedGroupBlock2D(ResidualBlock2D):
    """Adds group convolutions of growing dilation to an image, and activates the sum.

    Use it to see a whole small image within one block at few weights: dilations 1, 2, 4 of 7x7 kernels reach 21 pixels
    to each side. A 1x1 ahead of them and one behind mix the groups. Strides are taken by the first group convolution,
    which reads all pixels: a dilated one would skip those between its taps.

    Args:
        filters: channels that come out, a multiple of `groups`.
        kernel_size: height and width of the kernels. Defaults to 7.
        dilation_rates: distance between taps of each group convolution, in pixels. Defaults to (1, 2, 4).
        groups: groups of channels that are convolved apart. Defaults to 8.
        **kwargs: as those of `ResidualBlock2D`.

    Call arguments:
        inputs: image.
        training: whether stochastic depth acts and batch normalisation learns.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        `(batch, ceil(height / strides), ceil(width / strides), filters)`.

    Raises:
        ValueError: sizes out of range, groups that don't divide the filters, unknown names, no dilation, or strides
            with a first dilation above 1.

    Example:
        >>> import numpy as np
        >>> tuple(DilatedGroupBlock2D(64, strides=2)(np.ones((2, 32, 48, 3), "float32")).shape)
        (2, 16, 24, 64)

    Reference:
        Yu and Koltun, "Multi-Scale Context Aggregation by Dilated Convolutions", 2016, for the dilations; Xie et al.,
        "Aggregated Residual Transformations for Deep Neural Networks", 2017, for groups between two 1x1.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 7,
        dilation_rates: Sequence[int] = (1, 2, 4),
        groups: int = 8,
        **kwargs: Any,
    ) -> None:
        super().__init__(filters, kernel_size, **kwargs)
        check_sizes(groups=groups)
        for dilation_rate in dilation_rates:
            check_sizes(dilation_rate=dilation_rate)
        if filters % groups:
            raise ValueError(f"Expected filters to be a multiple of groups={groups}. Received: filters={filters}.")
        received = f"Received: dilation_rates={tuple(dilation_rates)}."
        if not dilation_rates:
            raise ValueError(f"Expected at least one dilation rate. {received}")
        if self.strides > 1 and dilation_rates[0] > 1:
            raise ValueError(f"Expected a first dilation rate of 1, which takes the strides. {received}")
        self.dilation_rates = tuple(dilation_rates)
        self.groups = groups

    def make_branch(self) -> list[ConvolutionBlock2D]:
        grouped = [
            self.convolution(
                f"dilated_{index + 1}",
                self.kernel_size,
                strides=1 if index else self.strides,
                dilation_rate=dilation_rate,
                groups=self.groups,
            )
            for index, dilation_rate in enumerate(self.dilation_rates)
        ]
        return [self.convolution("mix_1", 1), *grouped, self.convolution("mix_2", 1, activation=None)]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dilation_rates": self.dilation_rates, "groups": self.groups}
