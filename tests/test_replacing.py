"""Functions that others stand in for."""

import threading
from types import SimpleNamespace

import pytest

from kerashar.replacing import replacing

pytestmark = pytest.mark.once


def test_what_was_there_comes_back():
    owner = SimpleNamespace(one=1, two=2)
    with replacing([(owner, "one", 10), (owner, "two", 20)]), replacing([(owner, "one", 100)]):
        assert (owner.one, owner.two) == (100, 20)
    with pytest.raises(KeyError), replacing([(owner, "one", 10)]):
        raise KeyError
    assert (owner.one, owner.two) == (1, 2)


def test_threads_wait_for_each_other():
    owner, seen = SimpleNamespace(name="original"), []

    def replace_too() -> None:
        with replacing([(owner, "name", "other")]):
            seen.append(owner.name)

    other = threading.Thread(target=replace_too)
    with replacing([(owner, "name", "first")]):
        other.start()
        other.join(0.1)  # which it would end in, if it didn't wait
        assert owner.name == "first"
        assert not seen
    other.join()
    assert seen == ["other"]
    assert owner.name == "original"
