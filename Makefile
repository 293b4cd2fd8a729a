# What can be done here: setup, demo, test, check.  `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet

.PHONY: help setup demo test check format lock bench clean

help:
	@echo "make demo    play the shipped trial, write its report and serve it on http://127.0.0.1:8000"
	@echo "make test    run the tests (SQLite, PostgreSQL; the browser tests where a Chromium is found)"
	@echo "make check   format, lint, types, import contracts, house rules, and whether each test can be read"
	@echo "make setup   make .venv with charcot in it"

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Charcot needs Python 3.11 or newer. Choose one: make PYTHON=python3.12 setup")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@test ! -e demo-trial || { echo "demo-trial/ is there already: serving it. Remove it to play the trial anew."; exec $(BIN)/charcot serve demo-trial; }
	@test -e demo-trial || $(BIN)/charcot demo demo-trial

test: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house
	$(BIN)/python -m pytest -qq --collect-only >.pytest_cache/collected || { tail -30 .pytest_cache/collected; exit 1; }

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) --extra dev --output-file requirements.lock
	$(LOCK) --constraint requirements.lock --output-file deploy/requirements.lock

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
