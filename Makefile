# What people call: make demo, make serve, make test. `make help` lists the rest.
#   PYTHON               the Python to build with, 3.11 to 3.13 (default: python3)
#   COOPBOOKS_CHROMIUM   the browser of the dashboard's tests (default: what is on the PATH)

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
READY := $(VENV)/.ready
COOPBOOKS_CHROMIUM ?= $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))
export COOPBOOKS_CHROMIUM

# pyright would ask the network whether a newer release of itself exists.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint mypy pyright pytest test-long bench docs lock clean browser hledger

help:
	@echo 'make demo       the example cooperative'"'"'s year on the terminal'
	@echo 'make serve      the same cooperative in the browser'
	@echo 'make test       every check: ruff, mypy, pyright, and all tests with coverage'
	@echo 'make test-long  the property tests with many more examples'
	@echo 'make bench      how long loading, the rules, the writers and the open book take'
	@echo 'make docs       the pages that are made from the code'
	@echo 'make lock       new exact versions for requirements-dev.txt'
	@echo 'make clean      remove what these have made'

# The environment is made again when the lock or the packaging changes, and left alone otherwise.
$(READY): pyproject.toml requirements-dev.txt
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) or sys.exit("coopbooks needs Python 3.11, 3.12 or 3.13; this is %d.%d: make PYTHON=python3.13 ..." % sys.version_info[:2])'
	$(PYTHON) -m venv --clear $(VENV)
	$(RUN) pip install --quiet --require-hashes -r requirements-dev.txt
	$(RUN) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)
	@$(VENV)/bin/coopbooks demo --no-serve
	@echo 'Here `coopbooks` is $(VENV)/bin/coopbooks, and `make serve` opens these books in the browser.'

serve: $(READY)
	@$(VENV)/bin/coopbooks demo

test: lint mypy pyright pytest

lint: $(READY)
	$(RUN) ruff check .
	$(RUN) ruff format --check .

mypy: $(READY)
	$(RUN) mypy

pyright: $(READY)
	$(RUN) pyright --pythonpath $(VENV)/bin/python

pytest: $(READY) browser hledger
	$(RUN) pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --cov --cov-report=term

test-long: $(READY) browser hledger
	COOPBOOKS_LONG=1 $(RUN) pytest --override-ini faulthandler_timeout=0

docs: $(READY)
	$(VENV)/bin/python -c 'from coopbooks.records.reference import reference_page as page; print(page(), end="")' > docs/records.md
	$(VENV)/bin/python -c 'from coopbooks.statutes.reference import models_page as page; print(page(), end="")' > docs/models.md

bench: $(READY)
	$(VENV)/bin/python tests/bench/run.py
	$(VENV)/bin/python tests/bench/clients.py
	$(VENV)/bin/python tests/bench/two_clients.py

lock: $(READY)
	$(RUN) uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
		--custom-compile-command 'make lock' --group dev --extra fava --extra ics --extra import --extra pdf --extra xlsx \
		--output-file requirements-dev.txt pyproject.toml

browser:
	@test -n '$(COOPBOOKS_CHROMIUM)' || { echo 'The dashboard is tested in Chromium, and none is on the PATH: install it, or set COOPBOOKS_CHROMIUM' >&2; exit 2; }

hledger:
	@command -v hledger >/dev/null || { echo 'The books are added up by hledger too, and none is on the PATH: install the package hledger' >&2; exit 2; }

clean:
	rm -rf $(VENV) build dist coopbooks.egg-info .coverage .coverage.* htmlcov \
		.hypothesis .mypy_cache .pytest_cache .ruff_cache
	find coopbooks plugins reports ledgers tests -name __pycache__ -prune -exec rm -rf {} +
