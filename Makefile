# Everything a person types; `make help` tells.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON := .venv/bin/python
TESTS ?= tests

.PHONY: help run test check fast e2e format lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run ## Start Sluice here; PORT=8000 by default, Ctrl-C stops it
	@sh backend/setup.sh ffmpeg
	@$(if $(PORT),SLUICE_PORT=$(PORT)) $(PYTHON) -m sluice run

check: .venv/dev ## Lint, types and the fast tests
	$(PYTHON) -m ruff format --check backend tests
	$(PYTHON) -m ruff check backend tests
	$(PYTHON) -m mypy
	$(PYTHON) -m pytest -m "not e2e" $(TESTS)

test: .venv/dev tests/e2e/node_modules/.package-lock.json ## Every test: fast ones, real ffmpeg, real processes, a real browser
	@sh backend/setup.sh ffmpeg chromium
	$(PYTHON) -m pytest $(TESTS)

e2e: .venv/dev tests/e2e/node_modules/.package-lock.json ## Only the tests with real ffmpeg, processes and browser
	@sh backend/setup.sh ffmpeg chromium
	$(PYTHON) -m pytest -m e2e $(TESTS)

format: .venv/dev ## Format the code
	$(PYTHON) -m ruff check --fix backend tests
	$(PYTHON) -m ruff format backend tests

lock: ## Resolve the dependencies anew into the lock files (needs uv)
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		pyproject.toml -o requirements.lock
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		-c requirements.lock pyproject.toml --group dev -o requirements-dev.lock

clean: ## Remove what was installed and cached here; the data folder stays
	rm -rf .venv tests/e2e/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/run: requirements.lock pyproject.toml
	@sh backend/setup.sh venv requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock pyproject.toml
	@sh backend/setup.sh venv requirements-dev.lock
	@touch $@ .venv/run

tests/e2e/node_modules/.package-lock.json: tests/e2e/package-lock.json
	@sh backend/setup.sh npm tests/e2e
	@touch $@
