# Everything a developer or a stranger needs. `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format bench faults lock clean

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: $(STAMP) ## make .venv with everything pinned in requirements.lock

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $(STAMP)

demo: setup ## the whole service on this machine with simulated people; Ctrl-C stops it
	@$(BIN)/bluevest up --demo $(ARGS)

test: setup ## all tests, in parallel, against real PostgreSQL and Valkey
	$(BIN)/python -m pytest $(ARGS)

check: setup ## ruff, mypy --strict, import directions: warnings are errors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: setup ## let ruff put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure the line against a floor: order to text in milliseconds
	$(BIN)/python -m benchmarks $(ARGS)

faults: setup ## kill every part once while an order is under way
	$(BIN)/python -m pytest tests/faults $(ARGS)

lock: setup ## pin the newest allowed versions again, with hashes and without index addresses
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements.lock

clean: ## remove what setup and the demo made
	rm -rf .venv var *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
