# One command for each job. Everything runs in .venv, which is made on first use.
PYTHON ?= python3
PYTEST_ARGS ?=
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# Compiled modules are kept: else each worker of the tests, and each process that they start, compiles all anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test bench screenshots nightly check generate clean

demo: $(READY)          ## a CSMS with a mixed fleet charging on it
	$(BIN)/stationmaster demo

test: $(READY)          ## the whole suite
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not nightly" $(PYTEST_ARGS)

bench: $(READY)         ## figures, each beside its reference, from one run
	$(BIN)/stationmaster bench

screenshots: $(READY)   ## pictures of every page of the demo, for docs/pages.md (needs a Chromium)
	$(BIN)/python tools/screenshots.py

nightly: $(READY)       ## the long campaigns
	$(BIN)/python -m pytest -m nightly --timeout 7200 $(PYTEST_ARGS)
	$(BIN)/python -m pytest tests/property -m "not nightly" --hypothesis-profile nightly --timeout 7200 $(PYTEST_ARGS)
	$(BIN)/python tools/fuzz.py 300

check: $(READY)         ## style, types, import law, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate.py --check
	$(BIN)/python tools/wsdl.py --check
	$(BIN)/python tools/conformance.py --check
	$(BIN)/python tools/coverage.py --check

generate: $(READY)      ## write again what is generated: protocol types, WSDLs, conformance and coverage pages
	$(BIN)/python tools/generate.py
	$(BIN)/python tools/wsdl.py
	$(BIN)/python tools/conformance.py
	$(BIN)/python tools/coverage.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $(READY)
