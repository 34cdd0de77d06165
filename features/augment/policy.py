"""What the policies, which put augmentations together, share."""

from typing import Any

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.checks import check_within
from kerashar.layers.checks import check_sizes


class Policy(Augmentation):
    """Applies to each sample a few operations out of many, all of one strength.

    Use it as the base of a policy: give `candidates`. Each sample draws its own set of operations, without repetition.
    Every operation is computed once for the whole batch and kept where it was drawn: that costs as many operations as
    there are candidates, not as many times as each sample draws, and needs no shape that depends on a draw. They
    follow each other in the order of `candidates`, which is the order in which such changes happen to a measurement.

    Args:
        strength: from 0, which changes nothing, to 1. Defaults to 0.5.
        operations: how many operations a sample gets. Defaults to 2.
        rate: share of the samples that are changed. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: windows or images.
        training: whether to change anything.

    Input shape:
        As the operations'.

    Output shape:
        As the input.

    Raises:
        ValueError: a strength or rate outside [0, 1], or more operations than there are candidates.
    """

    def __init__(
        self,
        strength: float = 0.5,
        operations: int = 2,
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_sizes(operations=operations)
        check_within(0, 1, strength=strength)
        self.operations = operations
        self.strength = strength

    def candidates(self, channels: int) -> list[Augmentation]:
        """The operations to draw from, in the order in which they are applied."""
        raise TypeError(f"Expected {type(self).__name__} to define candidates.")

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self._candidates = self.candidates(input_shape[-1])
        if self.operations > len(self._candidates):
            raise ValueError(
                f"Expected at most {len(self._candidates)} operations. Received: operations={self.operations}."
            )
        for candidate in self._candidates:
            candidate.build(input_shape)

    def change(self, values: Any, draws: Draws) -> Any:
        if self.strength == 0:
            return values
        ranks = draws.order(len(self._candidates))
        for rank, candidate in enumerate(self._candidates):
            values = candidate.change_chosen(values, ranks[:, rank] < self.operations, draws)
        return values

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "operations": self.operations, "strength": self.strength}
