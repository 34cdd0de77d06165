# Everything runs in .venv, which these targets make from a bare Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test docs chaos export-matrix clean

demo: .venv/demo
	$(BIN)/kerashar search modern_tcn --data watch --space quick --trials 12

test: .venv/dev
	$(BIN)/python tests/run_all.py

# The documentation site, into site/; `.venv/bin/mkdocs serve` shows it while you write.
docs: .venv/dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Kills searches and studies at random moments, for some minutes: what docs/reliability.md tells of.
chaos: .venv/dev
	KERAS_BACKEND=torch $(BIN)/python -m tests.search.chaos --seeds 20
	KERAS_BACKEND=torch $(BIN)/python -m tests.studies.chaos --seeds 10

# Tries every model in every export format on real data, for some minutes, and writes the table of docs/export.md.
export-matrix: .venv/dev
	KERAS_BACKEND=tensorflow $(BIN)/python -m tests.export.matrix

.venv/demo: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[demo]'
	touch $@

.venv/dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv build dist site *.egg-info
