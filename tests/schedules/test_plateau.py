import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kerashar.callbacks.plateau import Plateau
from kerashar.optimizers import create_optimizer
from kerashar.schedules import create_schedule

FIGURES = [(0.5, 1.0), (0.6, 1.0), (0.6, 0.9), (0.6, 0.9), (0.5, 0.1), (0.4, 1.0), (0.4, 1.0), (0.7, 1.0)]
LOWERED = [0, 0, 0, 0, 0, 1, 1, 2, 2]  # with patience 2, before each epoch and after the last


def figures(pairs):
    return [{"val_macro_f1": score, "val_loss": loss} for score, loss in pairs]


@pytest.mark.once
def test_counts_epochs_that_are_none_the_better():
    history = figures(FIGURES)
    assert [Plateau(0.5, 2, history[:epochs]).reductions() for epochs in range(len(history) + 1)] == LOWERED


@pytest.mark.once
@hypothesis_settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2]), st.sampled_from([0.3, 0.4]))), st.integers(1, 4))
def test_is_one_waiting_clock_restarted_by_progress_and_by_reductions(pairs, patience):
    reductions, waited, best = 0, 0, (-1.0, 0.0)
    for score, loss in pairs:
        better = (score, -loss) > best
        best = max(best, (score, -loss))
        waited = 0 if better else waited + 1
        if waited == patience:
            reductions, waited = reductions + 1, 0
    assert Plateau(0.5, patience, figures(pairs)).reductions() == reductions


class Follow(keras.callbacks.Callback):
    """Puts given figures into the history, and takes down how far a weight with the gradient 1 goes in each epoch."""

    def __init__(self, history):
        super().__init__()
        self.history = history
        self.moved = []

    def on_epoch_begin(self, epoch, logs=None):
        self.weight = float(np.squeeze(self.model.get_weights()[0]))

    def on_epoch_end(self, epoch, logs=None):
        self.history += figures([FIGURES[epoch]])
        self.moved.append(self.weight - float(np.squeeze(self.model.get_weights()[0])))


def fit(history, first, last, model=None):
    if model is None:
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
        schedule = create_schedule("plateau", 0.5, 100)
        model.compile(create_optimizer("sgd", schedule), lambda y_true, y_pred: y_pred)
    follow = Follow(history)
    ones = np.ones((4, 1))
    callbacks = [Plateau(0.5, 2, history), follow]  # it has to see the epoch that a callback after it has added
    model.fit(ones, ones, batch_size=4, initial_epoch=first, epochs=last, callbacks=callbacks, verbose=0)
    return model, follow.moved


def test_lowers_the_rate_of_training_and_a_resumed_run_the_same():
    history = []
    model, moved = fit(history, 0, 6)
    expected = [0.5 * 0.5**count for count in LOWERED[:8]]
    np.testing.assert_allclose(moved, expected[:6], rtol=1e-4)
    _, again = fit(history[:6], 6, 8)
    np.testing.assert_allclose(again, expected[6:], rtol=1e-4)
    _, further = fit(history, 6, 8, model)  # a second fit of the lowered model
    np.testing.assert_allclose(further, expected[6:], rtol=1e-4)


@pytest.mark.once
def test_lowers_the_rate_inside_a_loss_scale():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    optimizer = create_optimizer("sgd", create_schedule("cosine", 0.5, 100, warmup_steps=10))
    model.compile(keras.optimizers.LossScaleOptimizer(optimizer), "mse")
    plateau = Plateau(0.5, 2, figures([(0.5, 1.0)] * 3))
    plateau.set_model(model)
    plateau.on_train_begin()
    plateau.on_epoch_begin(3)
    optimizer.build(model.trainable_variables)
    optimizer._iterations.assign(10)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.25)


@pytest.mark.once
def test_refuses():
    for arguments in ((1.0, 2), (0.0, 2), (0.5, 0)):
        with pytest.raises(ValueError, match=r"Received: (factor|patience)="):
            Plateau(*arguments, [])
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(create_optimizer("sgd", 0.5), "mse")
    plateau = Plateau(0.5, 2, [])
    plateau.set_model(model)
    with pytest.raises(ValueError, match="Expected a schedule for Plateau to lower"):
        plateau.on_train_begin()
