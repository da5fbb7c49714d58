# Tasks of the project; CI calls the same ones. `make help` lists them.
SHELL := bash
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
  command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PORT ?= 8501
export OPENBLAS_NUM_THREADS ?= 1
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 2 ? 2 : n > 4 ? 4 : n)))
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

.PHONY: help app test lint types tests fuzz gpus mutate browser validate calibrate texts docs bench load audit sbom screenshots golden compat clean

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/app: requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile -r requirements.txt
	@touch $@

$(VENV)/dev: $(VENV)/app requirements-dev.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile -r requirements-dev.txt
	@touch $@

$(VENV)/docs: $(VENV)/dev requirements-docs.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-compile -r requirements-docs.txt
	@touch $@

app: $(VENV)/app ## set up and open the page
	$(BIN)/python -m estimator app --no-browser --port $(PORT)

test: lint types browser tests ## set up, lint, types, tests with browser and validation

lint: $(VENV)/dev ## ruff, bandit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check -q .
	$(BIN)/bandit -q -r estimator page app.py

types: $(VENV)/dev ## mypy --strict for estimator/
	$(BIN)/mypy

browser: $(VENV)/dev ## find or install Chromium for the browser tests
	@$(BIN)/python tests/browser/chromium.py || { test -z "$$CI"; }

tests: $(VENV)/dev ## all tests, in as many processes as there are cores (2 to 4; WORKERS=n)
	$(PYTEST)

fuzz: $(VENV)/dev ## some 200,000 hostile inputs, a quarter of an hour; SEED=n repeats a run
	@seed=$${SEED:-$$RANDOM$$RANDOM}; echo "seed $$seed"; \
	  HYPOTHESIS_PROFILE=fuzz $(PYTEST) tests/fuzz tests/model/test_same_numbers.py --hypothesis-seed=$$seed

gpus: $(VENV)/dev ## 200 GPUs of the database on three processes each, and at home
	GPUS=200 $(BIN)/python -m pytest -q -p no:xdist tests/parameters/test_names.py -k database

mutate: $(VENV)/dev ## change one law of physics/ at a time: which tests and validation rows notice; ONLY=power for one module
	$(BIN)/python -m tests.mutate.run $(ONLY)

validate: $(VENV)/dev ## hold the model against real silicon
	$(BIN)/python -m estimator validate --check

calibrate: $(VENV)/dev ## refit the fitted parameters
	$(BIN)/python -m estimator calibrate

texts: $(VENV)/dev ## write the API reference and the list of designs and processes
	$(BIN)/python -m docs.api
	$(BIN)/python -m docs.data

docs: texts $(VENV)/docs ## the same, and the documentation site into artifacts/docs
	$(BIN)/python -m docs.site

bench: $(VENV)/dev ## benchmarks
	$(BIN)/python benchmarks/run.py

load: $(VENV)/dev ## 50 visitors at once for 5 minutes
	$(BIN)/python benchmarks/load.py

audit: $(VENV)/dev ## bandit, and known vulnerabilities of the installed packages
	$(BIN)/bandit -q -r estimator page app.py
	@$(BIN)/python tests/house/audit.py

sbom: $(VENV)/dev ## bill of materials (CycloneDX) of what the page and the image install
	$(BIN)/python -m pip install -q --disable-pip-version-check cyclonedx-bom==7.5.0
	$(PYTHON) -m venv --clear artifacts/sbom
	artifacts/sbom/$(notdir $(BIN))/python -m pip install -q --disable-pip-version-check --no-compile -r requirements.txt
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o artifacts/sbom.json artifacts/sbom
	rm -r artifacts/sbom

screenshots: $(VENV)/dev ## pictures for the README
	$(BIN)/python tests/browser/screenshots.py

golden: $(VENV)/dev ## record changed results on purpose: make golden REASON="why"
	@$(BIN)/python tests/golden/record.py --reason "$$REASON"

compat: ## core of the tests under Python 3.11 to 3.14, oldest and newest libraries
	$(PYTHON) tests/compat/run.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .compat artifacts
