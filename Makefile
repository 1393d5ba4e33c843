# make check      every check and test, as CI runs them; sets up .venv on first use
# Another interpreter:  make check PYTHON=python3.12 VENV=.venv312

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.development
# `pip install .` into the same environment replaces the editable install; this file is the mark of the latter.
EDITABLE := $(wildcard $(VENV)/lib/python3*/site-packages/_abstract_claims_extractor.pth)

.PHONY: setup check lint test format figures floors wheel clean FORCE

setup: $(STAMP)

check: lint test

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(STAMP)
	$(BIN)/python -m pytest
	$(BIN)/python tools/floors.py check
	$(BIN)/python tools/readme_figures.py --check

format: $(STAMP)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Floors go up to the present scores; LOWER=yes also lowers those of scores that fell.
floors: $(STAMP)
	$(BIN)/python tools/floors.py raise $(if $(LOWER),--lower)

# The figures of README.md and gold/README.md.
figures: $(STAMP)
	$(BIN)/python tools/readme_figures.py

# The source archive first, then the wheel from it, so that what is published can be built again.
wheel: $(STAMP)
	$(BIN)/python -m build --no-isolation

clean:
	rm -rf $(VENV) dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .grimp_cache

# The pip of a fresh environment may be older than dependency groups (25.1).
$(STAMP): pyproject.toml $(if $(EDITABLE),,FORCE)
	@test -x $(BIN)/pip || { $(call require_version,$(PYTHON),choose one with: make $(MAKECMDGOALS) PYTHON=python3.12); }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@$(call require_version,$(BIN)/python,remove $(VENV) and choose one with: make PYTHON=python3.12)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

FORCE:

# $(1): an interpreter, $(2): what to do when it is too old or does not run
define require_version
$(1) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "Python 3.11 or later is needed; $(1) is $$($(1) --version 2>&1 | head -1); $(2)" >&2; exit 1; }
endef
