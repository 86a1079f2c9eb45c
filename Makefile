# The two commands are `make run` and `make test`; `make help` lists the others.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help install dev run check format lint types layers dead docs docs-check unit test bench lock train clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## install Hearth into .venv

$(VENV)/.installed: pyproject.toml requirements/install.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Hearth needs Python 3.11 or newer; name one with: make install PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "installing Hearth into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/install.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

dev: $(VENV)/.dev ## install the development tools too

$(VENV)/.dev: $(VENV)/.installed requirements/dev.txt
	@echo "installing the development tools ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

run: install ## start the daemon if none answers, and talk to the embedded model
	@$(BIN)/hearth serve --background
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/hearth run guide; \
	 else $(BIN)/hearth run guide "What is Hearth?" </dev/null; fi

check: dev format lint types layers dead docs-check unit ## everything that is fast: under a minute

format:
	@$(BIN)/ruff format --check --quiet . || { echo "run: $(BIN)/ruff format ." >&2; exit 1; }

lint:
	@$(BIN)/ruff check --quiet .

types:
	@$(BIN)/mypy src tests training scripts benchmarks

layers:
	@$(BIN)/lint-imports >/tmp/hearth-layers.$$$$ 2>&1 || { cat /tmp/hearth-layers.$$$$; rm -f /tmp/hearth-layers.$$$$; exit 1; }; \
	 rm -f /tmp/hearth-layers.$$$$

dead:
	@$(BIN)/vulture

docs: dev ## write the generated parts of docs/
	@$(BIN)/python scripts/docs.py

docs-check:
	@$(BIN)/python scripts/docs.py --check

unit:
	@$(BIN)/pytest -q -m "not slow" -n 2

test: check ## all checks and tests
	@$(BIN)/pytest -q -m slow

bench: dev ## measure, side by side (see benchmarks/)
	@$(BIN)/python -m benchmarks

train: dev ## train the embedded model anew (up to an hour on two cores)
	@$(BIN)/python -m training

lock: dev ## pin the dependencies anew
	@$(BIN)/uv pip compile --quiet pyproject.toml requirements/install.in -o requirements/install.txt \
	  --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --upgrade
	@$(BIN)/uv pip compile --quiet pyproject.toml requirements/dev.in -c requirements/install.txt -o requirements/dev.txt \
	  --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --upgrade

clean: ## remove what can be made again
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
