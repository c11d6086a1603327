# What can be done here: `make help`. It needs python3 (3.11 or newer) with its venv module, and nothing else.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
RUN := $(VENV)/bin/python -m
INSTALL := $(RUN) pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt
# What is imported is compiled then, once: the tests start hundreds of processes, and most of what is installed is never
# imported.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test crash check lint types imports coverage bench constraints clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/ready ## Try the bot in the browser, with invented people; another port: make demo PORT=8080
	@$(VENV)/bin/thscp demo --port $(PORT)

test: $(VENV)/ready-to-test ## Run all tests
	@$(RUN) pytest --numprocesses auto --dist worksteal

crash: $(VENV)/ready-to-test ## Kill bots while they send, and count what is lost or sent twice: about a quarter of an hour
	@$(RUN) tests.crash

check: lint types imports test ## Everything that CI runs: lint, types, import contracts, tests

lint: $(VENV)/ready-to-test ## Look at the style
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .

types: $(VENV)/ready-to-test ## Check the types
	@$(RUN) mypy

imports: $(VENV)/ready-to-test ## Check that imports go one way
	@$(VENV)/bin/lint-imports

coverage: $(VENV)/ready-to-test ## Run all tests and show which lines they reach; it takes half as long again
	@$(RUN) pytest --numprocesses auto --dist worksteal --cov --cov-report=term

bench: $(VENV)/ready-to-test build/compare/ready ## Measure search, the guard, speed and memory
	@$(RUN) bench

# Presidio brings spaCy, which wants other versions than ours: it has an environment of its own.
build/compare/ready: pyproject.toml
	@$(PYTHON) -m venv build/compare
	@build/compare/bin/python -m pip install --quiet --disable-pip-version-check 'presidio-analyzer==2.2.366'
	@touch $@

constraints: ## Pin the newest packages that pyproject.toml allows
	@rm -rf build/fresh
	@$(PYTHON) -m venv build/fresh
	@build/fresh/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'setuptools>=77'
	@build/fresh/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[dev]'
	@{ echo "# Every package that gets installed, exactly. Made by 'make constraints'; pyproject.toml says what is wanted."; \
	   build/fresh/bin/python -m pip freeze --all --exclude pip --exclude-editable; } > constraints.txt
	@rm -rf build/fresh

clean: ## Remove what was set up; nothing that people wrote
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage

# The two stamps: a second run finds them and starts at once, until pyproject.toml or constraints.txt changes.
# setuptools comes first and builds without isolation, so that the pinned one is used and not the newest.
$(VENV)/ready: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || \
	  { echo "$(PYTHON) was not found. On Debian: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, and $(PYTHON) is older. Name a newer one: make demo PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV), once: about half a minute."
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) setuptools
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@

$(VENV)/ready-to-test: $(VENV)/ready
	@echo "Adding what the tests and the checks need, once."
	@$(INSTALL) --no-build-isolation --editable '.[dev]'
	@touch $@
