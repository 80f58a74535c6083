PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: help setup demo test fast lint mutants accuracy oracle lines clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(READY) ## make .venv and install backlit with everything into it

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[all,dev]'
	touch $(READY)

demo: $(READY) ## the tour: from a parabola to handwritten digits, as text and as out/tour.html
	mkdir -p out
	$(BIN)/backlit tour --out out/tour.html

test: lint ## lint, types and all tests
	$(BIN)/python -m pytest -q -n 2

fast: $(READY) ## the tests to run while you write, in half a minute
	$(BIN)/python -m pytest -q -n 2 -m "not slow" --ignore tests/oracle tests

lint: $(READY) ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

mutants: $(READY) ## break every backward rule on purpose; each must be caught
	$(BIN)/python tests/mutants.py

accuracy: $(READY) ## the largest error of every op against mpmath; writes docs/accuracy.md
	$(BIN)/python -m tests.accuracy.page

oracle: $(READY) ## a thousand networks against PyTorch (installs it)
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pytest -q -s tests/oracle

lines: ## lines of code, room by room
	@for room in src/backlit src/backlit/*/; do \
		printf '%6d  %s\n' "$$(find $$room -name '*.py' | xargs cat | wc -l)" "$$room"; done

clean: ## remove what setup and demo made
	rm -rf .venv out
