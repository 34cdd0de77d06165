import json

import pytest
from mlflow import MlflowClient

from kerashar.callbacks import CSVLog, MLflowLog
from kerashar.files import write_json
from kerashar.models import load_model, save_model
from tests.callbacks.tiny_run import RECIPE, FailAt, fit, tiny_model

pytestmark = [
    pytest.mark.once,
    # MLflow's own models; SQLAlchemy names the strategy that it gives up.
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated"),
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """One store for all tests, since making it takes a second."""
    return tmp_path_factory.mktemp("runs")


def stored(runs):
    client = MlflowClient(f"sqlite:///{runs / 'mlflow.db'}")
    found = client.search_runs([client.get_experiment_by_name("kerashar").experiment_id])
    return client, {run.info.run_name: run for run in found}, len(found)


def test_keeps_recipe_figures_model_and_state(runs, tmp_path):
    folder, model = runs / "whole", tiny_model()
    write_json(folder / "recipe.json", RECIPE)
    with MLflowLog(folder, RECIPE) as log:
        history = fit(model, CSVLog(folder), log)
        save_model(model, folder / "model.keras")
        log.log_test({"accuracy": 0.5})
    client, found, _ = stored(runs)
    run = found["whole"]
    assert run.info.status == "FINISHED"
    assert run.data.params == {"model": "tiny", "epochs": "3", "model_settings.hidden": "4"}
    assert run.data.metrics["test_accuracy"] == 0.5
    points = client.get_metric_history(run.info.run_id, "val_loss")
    assert [(point.step, point.value) for point in points] == list(enumerate(history["val_loss"], start=1))
    assert {item.path for item in client.list_artifacts(run.info.run_id)} == {
        "recipe.json",
        "history.csv",
        "model.keras",
    }
    kept = client.download_artifacts(run.info.run_id, "model.keras", str(tmp_path))
    assert load_model(kept).count_params() == model.count_params()


def test_a_run_that_failed_says_so_and_goes_on_under_its_name(runs):
    folder, model = runs / "parts", tiny_model()
    with pytest.raises(ValueError, match="on purpose"), MLflowLog(folder, RECIPE) as log:
        fit(model, log, FailAt(2))
    client, found, count = stored(runs)
    assert found["parts"].info.status == "FAILED"
    fit(model, MLflowLog(folder, RECIPE), initial_epoch=1)
    _, again, count_again = stored(runs)
    assert count_again == count
    assert again["parts"].info.run_id == found["parts"].info.run_id
    assert again["parts"].info.status == "FINISHED"
    points = client.get_metric_history(found["parts"].info.run_id, "loss")
    assert [point.step for point in points] == [1, 2, 3]
    # A training from the start is another run; figures of the test windows join it later.
    fit(model, MLflowLog(folder, RECIPE), epochs=1)
    MLflowLog(folder, RECIPE).log_test({"accuracy": 0.25}, look=2)
    assert stored(runs)[2] == count + 1
    new = client.get_run(json.loads((folder / "mlflow.json").read_text())["run_id"])
    assert new.info.run_id != found["parts"].info.run_id
    assert new.data.metrics["test_look_2_accuracy"] == 0.25
