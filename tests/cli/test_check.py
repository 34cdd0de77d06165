import json

import pytest

from tests.cli.support import expect_one_line_error, kerashar

pytestmark = pytest.mark.once


def test_check_says_what_fails_and_exits_1(tmp_path):
    recipe = {"model": "cnn_lstm", "data": "watch", "batch_size": 16, "learning_rate": 5.0}
    (tmp_path / "recipe.json").write_text(json.dumps(recipe))
    done = kerashar("check", "--recipe", "recipe.json", "--set", "dropout=0.0", "--out", "out", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    results = {result["name"]: result for result in json.loads((tmp_path / "out" / "checks.json").read_text())}
    assert [name for name, result in results.items() if result["passed"] is False] == ["learning_rate_range"]
    assert "the recipe's is 5" in results["learning_rate_range"]["seen"]
    assert "1 of 10 checks failed: learning_rate_range" in done.stdout
    assert results["causality"]["passed"] is None
    assert "<svg" in (tmp_path / "out" / "learning_rate.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "--data", "watch"], ["model", "--recipe"]),
        (["check", "tcm", "--data", "watch"], ["Did you mean 'tcn'"]),
    ],
)
def test_mistakes_give_one_line(arguments, words, tmp_path):
    expect_one_line_error(kerashar(*arguments, cwd=tmp_path), *words)
