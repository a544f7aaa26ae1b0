# `make demo` and `make test` set up what they need in .venv and nowhere else.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test torture bench accuracy check format lock clean

demo: $(READY)
	rm -rf demo
	$(BIN)/python -m scripts.demo demo

# A file of tests stays whole on one core. For a part of them: .venv/bin/pytest tests/stages
test: $(READY)
	$(BIN)/pytest --numprocesses auto --dist loadfile

# About two hours; see tests/torture/limits.py for what shortens it.
torture: $(READY)
	$(BIN)/pytest -m torture

# Two hours on two quiet cores; a few minutes with QUICK=1. Needs NSD.
bench: $(READY)
	$(BIN)/python -m scripts.bench $(if $(QUICK),--quick)

# Two minutes: tables of how often inference is right, against the truth of a world.
accuracy: $(READY)
	rm -rf accuracy
	$(BIN)/python -m scripts.accuracy accuracy

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Pinned with hashes for every platform, without index addresses.
lock: $(READY)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --group dev --output-file requirements.lock pyproject.toml

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mailcensus needs Python 3.11 or later")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf .venv demo accuracy build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
