# `make demo` and `make test` need Python 3.11 or newer and make; all else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help demo run test lint format schema clean

help:  ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(STAMP)  ## the main job offline, on bundled sample feeds
	$(BIN)/monitor demo

run: $(STAMP)  ## the main job once, on the live sources of config.yaml
	$(BIN)/monitor once --force

test: lint  ## lint, types and tests
	$(BIN)/pytest -q -n auto --dist loadfile

lint: $(STAMP)  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)  ## rewrite the code in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(STAMP)  ## write config.schema.json anew
	$(BIN)/monitor schema > config.schema.json.tmp && mv config.schema.json.tmp config.schema.json

clean:  ## remove what these targets made
	rm -rf .venv build demo-output .pytest_cache .mypy_cache .ruff_cache

$(STAMP): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
