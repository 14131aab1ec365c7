# What a fresh machine needs: Python 3.11 to 3.13 and make. `make run` and `make test` do the rest in .venv.
.PHONY: help run test check fuzz bench docs clean
.DEFAULT_GOAL := help

BIN := .venv/bin
STORE := news.duckdb
# The extractors we are measured against stand apart, and only where there are pages to measure on: they bring an encoding
# detector (cchardet) that trafilatura and feedparser use as soon as it is there.
PEERS := $(if $(wildcard ../shared/data/extraction),.venv/peers)
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

help:
	@echo "make run     install, load the seed archive into $(STORE), show its stories and one SQL answer"
	@echo "make test    install with the test tools, run the tests"
	@echo "make check   format, lint, types, architecture"
	@echo "make fuzz    the tests of properties on newly drawn examples"
	@echo "make bench   speed on generated articles; extraction and language beside others, into docs/benchmarks.md"
	@echo "make docs    docs/schema.md, written from the comments in the store"
	@echo "make clean   remove .venv and what building leaves behind; never a store"

run: .venv/installed
	$(BIN)/wirehouse backfill --store $(STORE) seeds
	$(BIN)/wirehouse stories --limit 8 --store $(STORE)
	$(BIN)/wirehouse sql --store $(STORE) "SELECT language, count(*) AS articles, count(DISTINCT story_id) AS stories, count(duplicate_of) AS copies FROM articles GROUP BY language ORDER BY articles DESC, language"
	@echo "Next: source .venv/bin/activate, then wirehouse --help; README.md has a tour."

test: .venv/installed-tools
	$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder  # all cores; files whole, because what they start is shared within them; the long ones come first

check: .venv/installed-tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

fuzz: .venv/installed-tools
	$(BIN)/python -m pytest -q -n auto --hypothesis-profile=drawn $$(grep -rl '^from hypothesis\|^import hypothesis' tests --include='test_*.py')

docs: .venv/installed
	$(BIN)/python -m tasks.store.describe > docs/schema.md

bench: .venv/installed $(PEERS:%=%/installed)
	$(BIN)/python -m tests.bench.pipeline
	$(BIN)/python -m tests.bench.workers --write
	$(BIN)/python -m tests.bench.language --write
	$(BIN)/python -m tests.bench.lines --write
	$(or $(PEERS),.venv)/bin/python -m tests.bench.extraction --write
	$(or $(PEERS),.venv)/bin/python -m tests.bench.copies --write
	$(BIN)/python -m tests.bench.lookup --write
	$(BIN)/python -m tests.bench.stories --write
	$(BIN)/python -m tests.bench.growth --write
	$(BIN)/python -m tests.bench.search --write
	$(BIN)/python -m tests.bench.topics --write
	$(BIN)/python -m tests.bench.entities --write
	$(BIN)/python -m tests.bench.scale --write
	$(BIN)/python -m tests.bench.million --write
	$(BIN)/python -m tests.bench.sweep --write

# The stamps: nothing is installed again until a dependency changes. The installation points at this folder
# (editable), so a change of the code needs none.
.venv/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/installed-tools: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e '.[test,check]'
	@touch $@ .venv/installed

# What cannot be installed is shown as "not installed".
.venv/peers/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]' || \
	  $(@D)/bin/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

# A name that is found may still not run (version managers leave such stubs), so each is asked for its version.
$(BIN)/python:
	@for name in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	  if $$name -c '$(SUPPORTED)' 2>/dev/null; then found=$$name; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "wirehouse needs Python 3.11, 3.12 or 3.13, and none was found; install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; \
	fi; \
	echo "Creating .venv with $$found ($$($$found --version))"; \
	$$found -m venv .venv || { rm -rf .venv; \
	  echo "$$found cannot create a virtual environment; on Debian and Ubuntu install the package python3-venv" >&2; exit 1; }

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
