# `make demo` and `make test` need Python 3.11 or newer and make; all else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
COMPILED := .venv/.compiled
# What is installed beside the program: `make EXTRAS=dev,channels test` tries chats too.
EXTRAS ?= dev

.DEFAULT_GOAL := help
.PHONY: help demo run test lint compiled format schema pins audit sbom image-test fuzz bench clean

help:  ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(STAMP)  ## the main job offline, on bundled sample feeds
	$(BIN)/monitor demo

run: $(STAMP)  ## the main job once, on the live sources of config.yaml
	$(BIN)/monitor once --force

test: lint compiled  ## lint, types and tests
	$(BIN)/pytest -q -n auto --dist loadfile --no-loadscope-reorder

lint: $(STAMP)  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Once, and not once for each process that runs tests.
compiled: $(COMPILED)
$(COMPILED): $(STAMP) $(wildcard tests/*.py tests/*/*.py)
	$(BIN)/pytest -q --collect-only >$@.log || { cat $@.log; exit 1; }
	@touch $@

format: $(STAMP)  ## rewrite the code in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(STAMP)  ## write config.schema.json anew
	$(BIN)/monitor schema > config.schema.json.tmp && mv config.schema.json.tmp config.schema.json

PIN := UV_CUSTOM_COMPILE_COMMAND="make pins" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
  --generate-hashes $(if $(UPGRADE),--upgrade)

pins: $(STAMP)  ## write the packages of the image, with hashes, anew (UPGRADE=1: also newer versions)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'
	$(PIN) --extra channels --extra datasette --no-emit-package pip --no-emit-package setuptools \
	  --output-file requirements.txt pyproject.toml
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
	  | $(PIN) --no-annotate --output-file requirements-build.txt -

# In a place of their own: what these tools bring along would change how the program itself reads feeds.
AUDIT := build/audit/bin
$(AUDIT)/.installed:
	$(PYTHON) -m venv build/audit
	$(AUDIT)/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.9' 'cyclonedx-bom>=7'
	@touch $@

audit: $(AUDIT)/.installed  ## ask for known flaws of the pinned packages
	@$(AUDIT)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
	  --requirement requirements.txt >build/audit.txt 2>&1 && cat build/audit.txt || { \
	  if grep -q '^Found [0-9]' build/audit.txt; then cat build/audit.txt; \
	  else echo 'Nothing is known: the service that knows of flaws could not be asked, or not of every package. The last it said:'; \
	    tail -n 1 build/audit.txt; fi; exit 1; }

sbom: $(AUDIT)/.installed  ## write the bill of materials of the pinned packages (CycloneDX) to build/sbom.json
	$(AUDIT)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible \
	  --output-format JSON --output-file build/sbom.json requirements.txt

image-test: $(STAMP)  ## build the image with podman, run it and look at what it does
	MONITOR_TESTS_IMAGE=1 $(BIN)/pytest -q tests/test_image.py

# One entry after the other, or the one that ENTRY names: feeds, rules, config, text, pages.
MINUTES ?= 5
fuzz: $(STAMP)  ## try strangers' bytes, MINUTES=5 for each entry; what is found is saved in build/fuzz
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS),fuzz]'
	$(BIN)/python -m tests.fuzz --seconds $$(($(MINUTES) * 60)) $(ENTRY)

# In a place of their own, as each is installed by whoever uses it. reader wants the last and does not say so.
PEERS := build/bench/peers/bin
$(PEERS)/.installed:
	$(PYTHON) -m venv build/bench/peers
	$(PEERS)/python -m pip install --quiet --disable-pip-version-check reader rss2email sgmllib3k
	@touch $@

# Of all parts, or of those that ONLY names: polls, parsing, fetching, startup, stored, classify, group, memory, report.
bench: $(STAMP) $(PEERS)/.installed  ## what it costs, beside its peers: benchmarks/RESULTS.md (QUICK=1: a small run)
	$(BIN)/python benchmarks/run.py $(if $(QUICK),--quick) $(foreach part,$(ONLY),--only $(part))

clean:  ## remove what these targets made
	rm -rf .venv build demo-output .pytest_cache .mypy_cache .ruff_cache

$(STAMP): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $@
