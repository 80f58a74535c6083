PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet
BUILT := build/player
EDITABLE := --no-build-isolation --config-settings build-dir=$(BUILT) \
	--config-settings cmake.define.CMAKE_COMPILE_WARNING_AS_ERROR=ON --editable
DEPENDENCIES := .venv/dependencies
READY := .venv/ready
PLAYER := CMakeLists.txt $(wildcard csrc/*) $(wildcard src/backlit/ops/*.py) \
	src/backlit/lower/compound.py
WATCHED := tests/lower tests/train # by asan and tsan

.PHONY: help setup demo test fast thorough lint mutants accuracy oracle asan tsan ulp bench \
	bench-setup wheel lines clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(READY) ## make .venv and install backlit with everything into it

$(DEPENDENCIES): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -c 'import tomllib; print("\n".join( \
		tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"]))' \
		| $(INSTALL) --requirement /dev/stdin cmake ninja
	$(INSTALL) $(EDITABLE) '.[all,dev]'
	touch $@

$(READY): $(PLAYER) | $(DEPENDENCIES) # compiles what changed, and nothing if nothing did
	$(INSTALL) --no-deps $(EDITABLE) .
	touch $@

demo: $(READY) ## the tour: from a parabola to handwritten digits, as text and as out/tour.html
	mkdir -p out
	$(BIN)/backlit tour --out out/tour.html

test: lint ## lint, types and all tests
	$(BIN)/python -m pytest -q -n 2

fast: $(READY) ## the tests to run while you write, in half a minute
	$(BIN)/python -m pytest -q -n 2 -m "not slow" --ignore tests/oracle tests

thorough: $(READY) ## 50 kills of a training, 10,000 damaged files of each kind
	KILLS=50 FUZZ=10000 $(BIN)/python -m pytest -q -s tests/cli/test_kill.py \
		tests/files/test_fuzz.py

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

# In an environment of its own, which sees the packages of .venv but not the player there
define watched
	$(PYTHON) -m venv --without-pip build/$@
	cd build/$@/lib/python*/site-packages && echo $(abspath .venv)/lib/python*/site-packages >all.pth
	CXXFLAGS=-O1 $(BIN)/python -m pip --python build/$@/bin/python install --quiet --no-deps \
		--no-build-isolation --config-settings build-dir=build/$@/cmake \
		--config-settings cmake.build-type=Debug \
		--config-settings cmake.define.BACKLIT_SANITIZE=$(1) --editable .
	LD_PRELOAD="$$($(CXX) -print-file-name=lib$@.so) $$($(CXX) -print-file-name=libstdc++.so)" \
		ASAN_OPTIONS=detect_leaks=0 build/$@/bin/python -m pytest -q --capture=sys \
		-m "not slow" $(2) $(WATCHED)
endef

asan: $(READY) ## the player's tests, with memory and undefined behaviour watched
	$(call watched,address)

# A program that was spoiled on purpose may race within its memory; that it stays there, asan watches.
tsan: $(READY) ## the player's tests, with its threads watched
	$(call watched,thread,-k "not any_word_may_be_wrong")

ulp: $(READY) ## the largest errors of the player's functions, over all floats
	$(BIN)/cmake --build $(BUILT) --target ulp
	$(BUILT)/ulp

bench-setup: $(READY) ## install what backlit is measured against
	$(INSTALL) --requirement bench/requirements.txt

bench: $(READY) ## measure backlit and its peers (after bench-setup)
	$(BIN)/python bench/run.py

wheel: $(READY) ## dist/: the sources, and a wheel for PYTHON (3.12: for all from 3.12 on)
	rm -rf dist
	$(BIN)/python -c 'from scikit_build_core.build import build_sdist; build_sdist("dist")'
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir dist dist/*.tar.gz

lines: ## lines of code, room by room
	@for room in src/backlit src/backlit/*/; do \
		printf '%6d  %s\n' "$$(find $$room -name '*.py' | xargs cat | wc -l)" "$$room"; done

clean: ## remove what all these made
	rm -rf .venv build dist out
