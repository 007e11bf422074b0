# What people type.  Each target sets up what it needs, once; PYTHON names a Python 3.11 or newer.

PYTHON ?= python3
# Where Linux machines find torch without CUDA; used if it answers.  TORCH_INDEX= turns it off.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
  --no-header --no-annotate --no-emit-index-url
# FRESH=1 also runs what is known to hold from an earlier run: published sites are built with it.
export CLAIMS_FRESH := $(FRESH)
# Material prints an advertisement for its successor at every build.
export NO_MKDOCS_2_WARNING := 1

# RECIPES=1 also installs what the recipes with a web service and a transformer need.
SITE := $(VENV)/.site $(if $(filter-out 0,$(RECIPES)),$(VENV)/.recipes)

.DEFAULT_GOAL := help
.PHONY: help site serve check test lint format bench lock clean

help:  ## say what can be typed
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1 \t\2/p' Makefile | expand -t 14

site: $(SITE)  ## check everything, then build the site into site/; OFFLINE=1: to be read as files
	OFFLINE=$(OFFLINE) $(BIN)/mkdocs build --strict
	$(if $(filter-out 0,$(OFFLINE)),$(BIN)/python -m zipfile -c site.zip site)

serve: $(SITE)  ## show the site at http://127.0.0.1:8000 and build it again on every save
	$(BIN)/mkdocs serve --livereload

check: $(SITE)  ## run all claims, examples, snippets and notebooks; build nothing
	$(BIN)/claims check

test: lint  ## pass every gate: format, lint, types, tests
	$(BIN)/python -m pytest

lint: $(VENV)/.test
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

format: $(VENV)/.test  ## format the Python code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(VENV)/.bench  ## measure this tool beside others; BENCH="--rows cold-20" measures less
	$(BIN)/python -m benchmarks $(BENCH)

lock:  ## write the locks anew (needs uv)
	$(LOCK) requirements/site.in pyproject.toml --extra mkdocs --extra notebooks \
	  -o requirements/site.txt
	$(LOCK) requirements/recipes.in --no-emit-package numpy -o requirements/recipes.txt
	$(LOCK) requirements/test.in -o requirements/test.txt
	$(LOCK) requirements/bench.in -o requirements/bench.txt

clean:  ## remove everything that was made here, the environment too
	rm -rf $(VENV) .cache .claims .mypy_cache .pytest_cache .ruff_cache site site.zip .site.staged .site.former

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11; name a newer one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.torch: requirements/torch.txt | $(VENV)/bin/python
	@index=; \
	if [ -n "$(TORCH_INDEX)" ]; then \
	  if $(BIN)/python -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=3)' \
	    $(TORCH_INDEX)/torch/ >/dev/null 2>&1; \
	  then index="--extra-index-url $(TORCH_INDEX)"; \
	  else echo "$(TORCH_INDEX) does not answer; taking torch from pip's own index"; fi; \
	fi; \
	echo "installing torch"; $(PIP) $$index -r $<
	@touch $@

$(VENV)/.site: requirements/site.txt pyproject.toml $(VENV)/.torch
	@echo "installing what the site needs"
	@$(PIP) --require-hashes -r requirements/site.txt
	@$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.recipes: requirements/recipes.txt $(VENV)/.site
	@echo "installing what some recipes need"
	@$(PIP) --require-hashes -r requirements/recipes.txt
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.recipes
	@echo "installing what the tests need"
	@$(PIP) --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.site
	@echo "installing what the benchmarks need"
	@$(PIP) --require-hashes -r requirements/bench.txt
	@touch $@
