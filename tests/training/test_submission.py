import pytest

from kerashar.training import write_submission

pytestmark = pytest.mark.once
LABELS = {"test/cat/1.png": "cat", "test/dog/2.png": "dog"}


@pytest.mark.parametrize("names", [["2.png", "1.png"], ["2", "1"], ["test/dog/2.png", "test/cat/1.png"]])
def test_the_order_and_the_header_are_those_of_the_sample(names, tmp_path):
    (tmp_path / "sample.csv").write_text(
        "\ufeffFile,What\n" + "".join(f"{name},?\n" for name in names), encoding="utf-8"
    )
    write_submission(tmp_path / "sample.csv", tmp_path / "mine.csv", LABELS)
    assert (tmp_path / "mine.csv").read_text().split() == ["File,What", f"{names[0]},dog", f"{names[1]},cat"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b,c\n1,2,3\n", "two columns"),
        ("name,label\n", "two columns"),
        ("name,label\n3,?\n", "'3', which fits 0"),
        ("name,label\n1.png,?\n", "'1.png', which fits 2"),
    ],
)
def test_what_it_refuses(text, message, tmp_path):
    (tmp_path / "sample.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        write_submission(tmp_path / "sample.csv", tmp_path / "mine.csv", {**LABELS, "train/1.png": "cat"})
    assert not (tmp_path / "mine.csv").exists()
