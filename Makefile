# Every target does all of its own set-up: a virtual environment in .venv, from the hashed
# requirement files. Nothing here needs root, a container, Node or a system database.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
# Three on two cores, since many tests wait for processes and disks; the tests of one file stay
# together, so that a costly fixture is made once per file,
# and tests/conftest.py says which files come first.
PARALLEL := -n 3 --dist loadfile --no-loadscope-reorder
# The tests that make a node, and so a database.
STORED := tests/store tests/services tests/network tests/edge
# Held at 100 %, branches included; the floor itself is in pyproject.toml.
COVERED := --cov=src/comity/kernel --cov=src/comity/protocols
UV_VERSION := 0.13.9
# Extras are kept: pip, asked for hashes, takes "coverage[toml]" for a package that nobody pinned.
UV_COMPILE = "$$tmp/bin/uv" --no-config --quiet pip compile --generate-hashes --universal \
	--no-header --no-strip-extras --python-version 3.11
MAKEFLAGS += --no-print-directory
# A check starts hundreds of processes: what one has compiled, the next shall find, also where the
# environment says that nothing compiled is to be kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN { FS = ":.*## " } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP) ## Make .venv from the hashed requirement files; done again only when they change.

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Comity needs Python 3.11 or newer, and $(PYTHON) is older." \
			"Name a newer one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Setting up $(VENV) (once; about a minute) ..."
	@$(BIN)/python -c "" 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes --requirement requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --editable .
	@touch $(STAMP)

.PHONY: demo
demo: $(STAMP) ## Play the story of an incident and a flaw among four nodes; KEEP=1 leaves them running.
	@$(BIN)/python -m tools.demo

.PHONY: run
run: $(STAMP) ## Run one node on this machine; ARGS="..." goes to "comity run".
	@$(BIN)/comity run $(ARGS)

.PHONY: test
test: $(STAMP) ## Run the tests, without slow ones; T="tests/kernel -k seal" a part, DB=postgres those that use one.
	@$(if $(DB),COMITY_TEST_DATABASE=$(DB)) $(BIN)/python -m pytest $(if $(T),$(T),$(PARALLEL) $(if $(DB),$(STORED)))

.PHONY: check
check: format-check lint types layers ## Run everything that must hold before a change lands.
	@$(BIN)/python -m pytest $(PARALLEL) -m "not long" $(COVERED)

.PHONY: check-long
check-long: format-check lint types layers ## Run "check" with far more generated inputs, new ones in every run.
	@COMITY_LONG=1 $(BIN)/python -m pytest $(PARALLEL) -m "" $(COVERED)

.PHONY: fix
fix: $(STAMP) ## Format the code and repair what the linter can repair by itself.
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: messages
messages: $(STAMP) ## Bring the catalogues of translations up to date, and compile them.
	@$(BIN)/python -m tools.messages

.PHONY: protocols
protocols: $(STAMP) ## Write what is generated for each protocol: its vectors, and parts of SPEC.md.
	@$(BIN)/python -m tools.vectors
	@$(BIN)/python -m tools.spec

.PHONY: format-check
format-check: $(STAMP) ## Check that the code is formatted.
	@$(BIN)/ruff format --check .

.PHONY: lint
lint: $(STAMP) ## Check the code with ruff, every rule but a few.
	@$(BIN)/ruff check .

.PHONY: types
types: $(STAMP) ## Check the types with mypy, strictly.
	@$(BIN)/mypy src tests $(wildcard tools/*.py)

.PHONY: layers
layers: $(STAMP) ## Check that no import runs against the arrows between the layers.
	@$(BIN)/lint-imports --no-logo

.PHONY: docs
docs: $(STAMP) ## Check the documents against the code and against each other.
	@$(BIN)/python -m pytest -q tests/docs

.PHONY: bench
bench: $(STAMP) ## Measure rates, and their ratios to floors measured in the same run.
	@$(BIN)/python -m tools.bench $(ARGS)

.PHONY: drill
drill: $(STAMP) ## Break a node in every way the documents promise to mend, and mend it.
	@$(BIN)/python -m tools.drill $(ARGS)

.PHONY: lock
lock: ## Choose versions anew and write the hashed requirement files; UPGRADE=1 takes newer ones.
	@set -eu; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	$(PYTHON) -m venv "$$tmp"; \
	"$$tmp/bin/pip" install --quiet --disable-pip-version-check uv==$(UV_VERSION); \
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements/run.txt; \
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) --group build -o requirements/build.txt; \
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml --extra postgres --group build --group dev \
		-c requirements/run.txt -c requirements/build.txt -o requirements/dev.txt

.PHONY: clean
clean: ## Remove .venv, caches and what the demonstration and the measurements left.
	@rm -rf $(VENV) .demo .pictures .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
		.coverage .coverage.* bench/results.json dist
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
