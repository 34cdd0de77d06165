"""Several smoothed copies at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from kerashar.features.checks import check_positive
from kerashar.features.correlation import EXTENSIONS, Border
from kerashar.features.extension import extend
from kerashar.features.filtering import filter_bank
from kerashar.features.scale_space.gaussian_feature import GaussianFeature, gaussian_kernel


class Scales(GaussianFeature):
    """Smooths by several Gaussians.

    Use it as the base of a feature that compares them.

    Args:
        sigmas: standard deviations of the Gaussians, in samples or pixels.
        fewest: how many there must be.
        mode: how the input goes on beyond its ends, as in `GaussianSmoothing`. Defaults to `"reflect"`.
        truncate: where the Gaussian is cut, in sigmas. Defaults to 4.
    """

    def __init__(
        self, sigmas: Sequence[float], fewest: int, mode: Border = "reflect", truncate: float = 4.0, **kwargs: Any
    ) -> None:
        super().__init__(mode, truncate, **kwargs)
        if len(sigmas) < fewest:
            raise ValueError(f"Expected at least {fewest} sigmas. Received: sigmas={sigmas!r}.")
        for sigma in sigmas:
            check_positive(sigma=sigma)
        self.sigmas = tuple(sigmas)

    def scales(self, inputs: Any, order: int = 0) -> list[Any]:
        """The input smoothed by each sigma, or its derivative along all axes."""
        if len(inputs.shape) == 4:
            return [self.smooth(inputs, sigma, order) for sigma in self.sigmas]
        kernels = [gaussian_kernel(sigma, order, self.truncate) for sigma in self.sigmas]
        taps = max(map(len, kernels))
        bank = np.stack([np.pad(kernel, (taps - len(kernel)) // 2) for kernel in kernels])
        copies = filter_bank(extend(inputs, taps // 2, taps // 2, EXTENSIONS[self.mode]), bank)
        return ops.unstack(copies, len(self.sigmas), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sigmas": self.sigmas}
