import json
import math

import keras
import numpy as np
import pytest
import torch

from kerashar.schedules import Scaled, create_schedule, list_schedules

PEAK = 0.3
STEPS = 90
WARMUP = 10


def rates(schedule, steps):
    if keras.backend.backend() == "jax":  # as training calls it; uncompiled Keras' conditions compile at each call
        import jax

        schedule = jax.jit(schedule)
    return np.array([float(schedule(step)) for step in steps])


def after_warmup(name, **settings):
    """Rates at each step after the warm-up, one past the end included."""
    schedule = create_schedule(name, PEAK, WARMUP + STEPS, warmup_steps=WARMUP, **settings)
    return rates(schedule, range(WARMUP, WARMUP + STEPS + 1))


T = np.arange(STEPS + 1)
SHARE = T / STEPS


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("constant", {}, np.full(STEPS + 1, PEAK)),
        ("plateau", {}, np.full(STEPS + 1, PEAK)),
        ("step", {}, PEAK * 0.1 ** (T // 30)),
        ("step", {"every": 0.5, "factor": 0.5}, PEAK * 0.5 ** (T // 45)),
        ("multi_step", {}, PEAK * 0.1 ** ((T >= 45).astype(float) + (T >= 68))),  # 67.5 rounds to the even 68
        ("multi_step", {"at": [0.2], "factor": 0.0}, PEAK * (T < 18)),
        ("exponential", {}, PEAK * 0.01**SHARE),
        ("linear", {}, PEAK * (1 - SHARE)),
        ("linear", {"final": 0.5}, PEAK * (1 - SHARE / 2)),
        ("cosine", {}, PEAK * (1 + np.cos(np.pi * SHARE)) / 2),
        ("cosine", {"final": 0.2}, PEAK * (0.2 + 0.8 * (1 + np.cos(np.pi * SHARE)) / 2)),
        (
            "cosine_restarts",
            {"cycles": 3, "factor": 0.5, "final": 0.1},
            PEAK * (0.1 + 0.9 * 0.5 ** (T // 30) * (1 + np.cos(np.pi * (T % 30) / 30)) / 2),
        ),
        (
            "cosine_restarts",
            {"cycles": 2, "growth": 2.0},
            PEAK * (1 + np.cos(np.pi * np.where(T < 30, T / 30, np.where(T < 90, (T - 30) / 60, 0.0)))) / 2,
        ),
        ("cyclic", {"cycles": 3}, PEAK * (0.1 + 0.9 * (1 - np.abs(T % 30 / 15 - 1)))),
        (
            "cyclic",
            {"cycles": 3, "lowest": 0.5, "factor": 0.5},
            PEAK * (0.5 + 0.5 * 0.5 ** (T // 30) * (1 - np.abs(T % 30 / 15 - 1))),
        ),
    ],
)
def test_is_its_formula(name, settings, expected):
    np.testing.assert_allclose(after_warmup(name, **settings), expected, rtol=2e-5, atol=2e-7)


def in_torch(make, steps):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], PEAK)
    schedule = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "settings", "make"),
    [
        (
            "one_cycle",
            {},
            lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(
                optimizer, PEAK, total_steps=STEPS + 1, cycle_momentum=False
            ),
        ),
        (
            "one_cycle",
            {"rise": 0.45, "start": 0.1, "final": 0.01},
            lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(
                optimizer,
                PEAK,
                total_steps=STEPS + 1,
                pct_start=0.45,
                div_factor=10,
                final_div_factor=10,
                cycle_momentum=False,
            ),
        ),
        (
            "cyclic",
            {"cycles": 5, "factor": 0.5},
            lambda optimizer: torch.optim.lr_scheduler.CyclicLR(
                optimizer, PEAK / 10, PEAK, step_size_up=9, mode="triangular2", cycle_momentum=False
            ),
        ),
    ],
)
def test_is_pytorchs(name, settings, make):
    length = STEPS + 1 if name == "one_cycle" else STEPS
    schedule = create_schedule(name, PEAK, length, **settings)
    np.testing.assert_allclose(rates(schedule, range(STEPS)), in_torch(make, STEPS), rtol=2e-5, atol=2e-7)


def test_cosine_is_kerass_with_its_warmup():
    ours = create_schedule("cosine", PEAK, WARMUP + STEPS, warmup_steps=WARMUP)
    keras_own = keras.optimizers.schedules.CosineDecay(0.0, STEPS, warmup_target=PEAK, warmup_steps=WARMUP)
    steps = range(0, WARMUP + STEPS + 5)
    np.testing.assert_allclose(rates(ours, steps), rates(keras_own, steps), rtol=3e-7, atol=1e-8)


@pytest.mark.parametrize("name", list_schedules())
def test_warms_up_from_zero_without_a_jump_and_reloads(name):
    schedule = create_schedule(name, PEAK, WARMUP + STEPS, warmup_steps=WARMUP)
    first = float(create_schedule(name, PEAK, STEPS)(0))
    steps = range(WARMUP + 1)
    np.testing.assert_allclose(rates(schedule, steps), [first * step / WARMUP for step in steps], rtol=1e-6)
    assert float(schedule(0)) == 0.0
    config = json.loads(json.dumps(keras.optimizers.schedules.serialize(Scaled(schedule, 0.5))))
    again = keras.optimizers.schedules.deserialize(config)
    some = [0, 3, WARMUP, 50, WARMUP + STEPS - 1]
    np.testing.assert_allclose(rates(again, some), rates(schedule, some) / 2, rtol=1e-6)
    assert keras.optimizers.schedules.serialize(again) == config


@pytest.mark.once
@pytest.mark.parametrize("name", list_schedules())
def test_steps_of_any_dtype_give_one_finite_rate(name):
    schedule = create_schedule(name, PEAK, 5, warmup_steps=1)
    counter = keras.Variable(3, dtype="int64", trainable=False)
    for step in (3, np.int32(3), keras.ops.convert_to_tensor(3, "int32"), counter):
        rate = schedule(step)
        assert tuple(rate.shape) == ()
        assert float(rate) == pytest.approx(float(schedule(3.0)))
        assert 0 < float(rate) <= PEAK * 1.000001


@pytest.mark.once
@pytest.mark.parametrize("name", list_schedules())
def test_a_single_step_has_a_rate_or_a_reason(name):
    if name in ("cosine_restarts", "cyclic"):
        assert float(create_schedule(name, PEAK, 1, cycles=1)(0)) > 0
        with pytest.raises(ValueError, match="cycles to be a whole number from 1 to 1"):
            create_schedule(name, PEAK, 1)
    elif name == "one_cycle":
        with pytest.raises(ValueError, match="Expected more than 3 steps"):
            create_schedule(name, PEAK, 3)
    else:
        assert math.isclose(float(create_schedule(name, PEAK, 1)(0)), PEAK, rel_tol=1e-6)


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "cosin"}, "Did you mean 'cosine'"),
        ({"alpha": 0.1}, "Expected a known setting of cosine. Received: 'alpha'"),
        ({"learning_rate": 0.0}, "learning_rate=0.0"),
        ({"steps": 0}, "steps=0"),
        ({"warmup_steps": 100}, "steps=100, warmup_steps=100"),
        ({"warmup_steps": -1}, "warmup_steps=-1"),
        ({"final": 2.0}, "final=2.0"),
        ({"name": "step", "every": 0.0}, "every=0.0"),
        ({"name": "multi_step", "at": (0.75, 0.5)}, "ascending"),
        ({"name": "multi_step", "at": (0.5, 1.0)}, "ascending"),
        ({"name": "exponential", "final": 0.0}, "final=0.0"),
        ({"name": "cosine_restarts", "growth": 0.5}, "growth=0.5"),
        ({"name": "cyclic", "factor": 1.5}, "factor=1.5"),
        ({"name": "one_cycle", "rise": 1.0}, "rise=1.0"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        create_schedule(**{"name": "cosine", "learning_rate": 0.1, "steps": 100, **arguments})
