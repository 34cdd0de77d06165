"""What each named schedule does after its warm-up, from settings in shares."""

from collections.abc import Sequence

from keras.optimizers import schedules

from kerashar.schedules.constant import Constant
from kerashar.schedules.cyclic import Cyclic
from kerashar.schedules.one_cycle import OneCycle

LearningRateSchedule = schedules.LearningRateSchedule


def constant(learning_rate: float, steps: int) -> LearningRateSchedule:
    return Constant(learning_rate)


def plateau(learning_rate: float, steps: int) -> LearningRateSchedule:
    return Constant(learning_rate)


def step(learning_rate: float, steps: int, every: float = 1 / 3, factor: float = 0.1) -> LearningRateSchedule:
    _check("every", "above 0 and at most 1", every, 0 < every <= 1)
    _check_share("factor", factor)
    return schedules.ExponentialDecay(learning_rate, max(1, round(every * steps)), factor, staircase=True)


def multi_step(
    learning_rate: float, steps: int, at: Sequence[float] = (0.5, 0.75), factor: float = 0.1
) -> LearningRateSchedule:
    in_order = len(at) > 0 and all(0 < first < second for first, second in zip(at, [*at[1:], 1.0], strict=True))
    _check("at", "ascending shares above 0 and below 1", at, in_order)
    _check_share("factor", factor)
    boundaries = [max(1, round(share * steps)) - 1 for share in at]  # Keras keeps a value up to its boundary
    return schedules.PiecewiseConstantDecay(boundaries, [learning_rate * factor**drop for drop in range(len(at) + 1)])


def exponential(learning_rate: float, steps: int, final: float = 0.01) -> LearningRateSchedule:
    _check("final", "above 0 and at most 1", final, 0 < final <= 1)
    return schedules.ExponentialDecay(learning_rate, steps, final)


def linear(learning_rate: float, steps: int, final: float = 0.0) -> LearningRateSchedule:
    _check_share("final", final)
    return schedules.PolynomialDecay(learning_rate, steps, learning_rate * final)


def cosine(learning_rate: float, steps: int, final: float = 0.0) -> LearningRateSchedule:
    _check_share("final", final)
    return schedules.CosineDecay(learning_rate, steps, alpha=final)


def cosine_restarts(
    learning_rate: float,
    steps: int,
    cycles: int = 4,
    growth: float = 1.0,
    factor: float = 1.0,
    final: float = 0.0,
) -> LearningRateSchedule:
    _check_cycles(cycles, steps)
    _check("growth", "at least 1", growth, growth >= 1)
    _check_share("factor", factor)
    _check_share("final", final)
    first = steps / sum(growth**cycle for cycle in range(cycles))
    return schedules.CosineDecayRestarts(learning_rate, first, t_mul=growth, m_mul=factor, alpha=final)


def cyclic(
    learning_rate: float, steps: int, cycles: int = 4, lowest: float = 0.1, factor: float = 1.0
) -> LearningRateSchedule:
    _check_cycles(cycles, steps)
    return Cyclic(learning_rate, steps / cycles, lowest, factor)


def one_cycle(
    learning_rate: float, steps: int, rise: float = 0.3, start: float = 0.04, final: float = 4e-6
) -> LearningRateSchedule:
    return OneCycle(learning_rate, steps, rise, start, final)


def _check(name: str, what: str, value: object, holds: bool) -> None:
    if not holds:
        raise ValueError(f"Expected {name} to be {what}. Received: {name}={value!r}.")


def _check_share(name: str, value: float) -> None:
    _check(name, "from 0 to 1", value, 0 <= value <= 1)


def _check_cycles(cycles: int, steps: int) -> None:
    _check("cycles", f"a whole number from 1 to {steps}", cycles, isinstance(cycles, int) and 1 <= cycles <= steps)
