# Everything a person types. The environment is made, and kept up to date, by installers/bootstrap.sh.
PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup run demo test quick-test test-models check format lock pictures benchmarks clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup:  ## find or fetch Python and uv, install what requirements.lock names
	@installers/bootstrap.sh

run: setup  ## start trayassist in the tray (without a display: the demo)
	@installers/run.sh

demo: setup  ## remember the sample documents and ask three questions
	@$(PYTHON) -P -m trayassist demo

test: setup  ## run all tests (the X server tests start their own X server)
	@$(PYTHON) -m pytest -q -n 2 --dist worksteal

quick-test: setup  ## run the tests that need no X server
	@$(PYTHON) -m pytest -q -m "not e2e and not slow"

test-models: setup  ## fetch a small trained model (98 MB) and run the tests that ask trained models
	@$(PYTHON) -m tests.real_models
	@$(PYTHON) -m pytest -q -m models

check: setup  ## ruff, mypy --strict, import walls
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@PYTHONPATH=src:plugins .venv/bin/lint-imports --cache-dir .import_linter_cache | tail -n 12

format: setup  ## format the code
	@$(PYTHON) -m ruff format .
	@$(PYTHON) -m ruff check --fix .

lock: setup  ## write requirements.lock anew from pyproject.toml
	@installers/lock.sh

pictures: setup  ## make the pictures in docs/ (starts its own X server)
	@$(PYTHON) docs/make_pictures.py

benchmarks: setup  ## run every benchmark; each prints JSON
	@for file in benchmarks/*.py; do $(PYTHON) $$file || exit 1; done

clean:  ## remove the environment and caches
	@rm -rf .venv .bootstrap .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
