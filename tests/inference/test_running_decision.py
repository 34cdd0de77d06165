import numpy as np
import pytest
from scipy.special import softmax

from kerashar.inference import RunningDecision
from kerashar.inference.stream_state import StreamState
from tests.support import random_signal

pytestmark = pytest.mark.once
LOGITS = 3 * random_signal(2, 40, 5)


def expected(kind, length):
    probabilities = softmax(LOGITS.astype("float64"), axis=-1)
    for end in range(1, LOGITS.shape[1] + 1):
        back = np.arange(end)[::-1]
        weights = (1 - 1 / length) ** back if kind == "exponential" else (back < length).astype("float64")
        yield np.einsum("t,btc->bc", weights / weights.sum(), probabilities[:, :end])


@pytest.mark.parametrize("kind", ["exponential", "windowed"])
@pytest.mark.parametrize("length", [1, 7, 100])
@pytest.mark.parametrize("chunks", [(40,), (1, 0, 12, 27)])
def test_equals_the_weighted_mean_for_any_chunking(kind, length, chunks, tmp_path):
    decision = RunningDecision(kind, length)
    state, start, outputs = decision.initial_state(classes=5, batch=2), 0, []
    for chunk in chunks:
        pooled, state = decision.step(LOGITS[:, start : start + chunk], state)
        state.save(tmp_path / "state.npz")
        state = StreamState.load(tmp_path / "state.npz")
        outputs.append(pooled)
        start += chunk
    outputs = np.concatenate(outputs, axis=1)
    np.testing.assert_allclose(outputs, np.stack(list(expected(kind, length)), axis=1), atol=1e-6)
    np.testing.assert_allclose(outputs.sum(axis=-1), 1, atol=1e-6)
    assert state.samples == 40


def test_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="Did you mean 'exponential'"):
        RunningDecision("exponentially")
    with pytest.raises(ValueError, match="length=0"):
        RunningDecision(length=0)
    decision = RunningDecision("windowed", 3)
    with pytest.raises(ValueError, match=r"\(1, steps, 5\).*shape=\(2, 40, 5\)"):
        decision.step(LOGITS, decision.initial_state(classes=5))
    with pytest.raises(ValueError, match="a state of RunningDecision"):
        decision.step(LOGITS, RunningDecision("windowed", 4).initial_state(classes=5, batch=2))
