# Candor: every target that a person or CI needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/.installed
SAMPLES := var/.samples
CLIENTS := tests/clients/node_modules/.installed
# uv draws its progress on a terminal; a log needs none of it.
UV_QUIET = $(shell test -t 2 || echo --quiet)
COMPILE := yes
Q ?= How often must passwords be rotated?

.DEFAULT_GOAL := help
.PHONY: help setup ask run clients test test-all test-check test-sample coverage check format lint types contracts docs bench figures lock release clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Create .venv and install the locked dependencies (hashes checked)

$(STAMP): requirements-bootstrap.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make setup PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || { echo "Creating $(VENV) with $$($(PYTHON) --version) ..."; $(PYTHON) -m venv $(VENV); }
	@test -x $(UV) || echo "Installing uv into $(VENV) ..."
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@echo "Installing the locked packages into $(VENV) ($$(grep -c '^[a-zA-Z0-9]' requirements-dev.lock) at most) ..."
	@$(UV) pip sync $(UV_QUIET) --python $(BIN)/python --require-hashes requirements-dev.lock
	@$(if $(COMPILE),echo "Compiling them for a fast start (up to a minute) ...")
	@$(if $(COMPILE),$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements-dev.lock)
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(if $(COMPILE),$(BIN)/python -m compileall -q backend services use_cases)
	@$(BIN)/candor models install
	@touch $(STAMP)
	@echo "Candor is installed: $(BIN)/candor"

# The question goes through the environment as it is: a shell would run what it holds. "Not found" (exit
# code 3), a refusal (4) and an answer that may not hold (8) are replies, not failures of make.
ask: export CANDOR_QUESTION = $(value Q)
ask: setup $(SAMPLES)  ## Ask the sample documents a question: make ask Q="..."
	@$(BIN)/candor ask -- "$$CANDOR_QUESTION" || case $$? in 3|4|8) ;; *) exit 1 ;; esac

$(SAMPLES): $(STAMP) $(shell find samples/documents samples/tables -type f 2>/dev/null)
	@echo "Ingesting the samples (the first time, the embedding model is made ready) ..."
	@$(BIN)/candor ingest samples/documents
	@$(BIN)/candor ingest samples/tables
	@touch $(SAMPLES)

run: setup  ## Serve on http://127.0.0.1:8000
	@$(BIN)/candor serve

clients: $(CLIENTS)  ## Install the AI SDK's own clients (npm) for the tests

# Where npm is missing or cannot reach its registry, those tests are skipped, and the summary says so.
$(CLIENTS): tests/clients/package-lock.json
	@if ! command -v npm >/dev/null; then echo "!!! npm is missing: tests with the AI SDK's own clients will be skipped"; \
	elif cd tests/clients && npm ci --silent --no-audit --no-fund; then touch node_modules/.installed; \
	else echo "!!! npm ci failed: tests with the AI SDK's own clients will be skipped"; fi

# Compiled modules are kept whatever the environment says: every worker and every program that a test
# starts would compile hundreds of them anew.
test test-all test-check test-sample coverage: export PYTHONDONTWRITEBYTECODE =
# A few tests compile what they import; all the packages would take longer.
test-sample: COMPILE :=
coverage: export COVERAGE_FILE = $(CURDIR)/.coverage

test: setup clients  ## Run the tests on all cores, of long series of cases a sample
	@$(BIN)/pytest -n auto --dist worksteal

test-all: setup clients  ## Run all tests, each case of every series
	@$(BIN)/pytest -n auto --dist worksteal --hypothesis-profile=all

# Each commit tries another quarter of what is long, so that a check ends within 15 minutes on two cores.
test-check: setup clients
	@$(BIN)/pytest -n auto --dist worksteal --hypothesis-profile=check

test-sample: setup  ## Run one test of twelve, for another Python: make test-sample VENV=.venv-newest PYTHON=python3.13
	@$(BIN)/pytest -n 2 --dist worksteal --hypothesis-profile=sample tests/contracts tests/wire tests/services/documents tests/backend/composition

coverage: setup clients  ## Measure which lines and branches the tests reach
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n auto --dist worksteal
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --skip-covered --sort=cover

# The types are checked while tests wait for processes, pages and clients.
check: setup format lint contracts  ## All that CI runs: format, lint, types, import contracts, all tests
	@$(MAKE) --no-print-directory -j2 types test-check

format: setup clients  ## Is everything formatted?
	@$(BIN)/ruff format --check .
	@$(call console,biome format,format)

lint: setup clients  ## Lint
	@$(BIN)/ruff check .
	@$(call console,biome lint --error-on-warnings,lint)

types: setup clients  ## Check the types
	@$(BIN)/basedpyright --warnings
	@$(call console,tsc -p tsconfig.json,types)

# The console's scripts, with a program of npm's packages.
console = if test -e $(CLIENTS); then cd tests/clients && node_modules/.bin/$(1) $(if $(filter biome%,$(1)),--config-path=. $$(find ../../backend/console/static -name '*.js' -not -path '*/vendor/*')); \
	else echo "!!! npm is missing: the console's scripts were not checked ($(2))"; fi

contracts: setup  ## Check who may import whom
	@$(BIN)/lint-imports

docs: setup  ## Generate docs/reference from the code
	@$(BIN)/python -m backend.reference

bench: setup  ## Measure quality, speed and ingestion: make bench DATA=folder/with/collections
	@$(BIN)/python -m benchmarks.all $(DATA)

figures: setup  ## Weigh the house: code lines, modules, commands, options, settings, routes
	@$(BIN)/python -m benchmarks.house

lock: setup  ## Resolve the dependencies anew into requirements*.lock
	@echo 'uv==$(shell $(UV) --version | cut -d" " -f2)' | $(UV) pip compile --quiet --universal --generate-hashes --custom-compile-command "make lock" - -o requirements-bootstrap.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --custom-compile-command "make lock" pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

release: setup  ## Date the changelog, build wheel and image, commit and tag: make release VERSION=0.2.0
	@PYTHON=$(BIN)/python .ci/release "$(VERSION)"

clean:  ## Remove .venv, caches and var/ (asks first, for var/ holds what was recorded)
	@printf "Remove .venv, caches and var/ with all recorded answers? [y/N] "; read answer; [ "$$answer" = y ]
	@rm -rf .venv .venv-newest var tests/clients/node_modules .pytest_cache .ruff_cache .hypothesis .import_linter_cache
