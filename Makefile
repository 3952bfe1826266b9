# `make help` lists the targets. Nothing but git, make and python3 (3.11 or later) is needed.
SHELL := /bin/bash
BIN := .venv/bin
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test check bench fix docs lock stop

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

install: .venv/.base ## create .venv with the pinned dependencies of the application

demo: .venv/.base ## prepare and serve the demo on http://127.0.0.1:8000
	@$(BIN)/egide demo

test: .venv/.dev ## run every test, the browser's where Chromium is installed
	@$(if $(CHROMIUM),,echo "Chromium is missing: the browser tests (tests/browser) are not run.")
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(if $(CHROMIUM),,-m "not browser")

check: .venv/.dev ## run the linters, the types, the fences and Django's own checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/yamllint --strict .
	$(BIN)/djlint --check --lint --quiet egide
	$(BIN)/codespell README.md CONTRIBUTING.md SECURITY.md requirements scripts .ci
	$(BIN)/egide manage makemigrations --check --dry-run
	EGIDE_TLS=1 $(BIN)/egide manage check --deploy --fail-level WARNING

bench: .venv/.base .venv/openfisca/.bench ## run the benchmarks and print their ratios
	for file in benchmarks/bench_*.py; do PYTHONPATH=. $(BIN)/python "$$file" || exit 1; done

fix: .venv/.dev ## format, and repair what the linters can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint --reformat --quiet egide

docs: .venv/.base ## write the reference pages from the declarations
	@$(BIN)/egide docs

lock: ## pin and hash again the dependencies of requirements/*.in (needs uv)
	for name in base dev bench; do uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-header \
	  requirements/$$name.in -o requirements/$$name.txt || exit 1; done

stop: ## stop the embedded PostgreSQL servers of this checkout
	@! test -x $(BIN)/egide || $(BIN)/egide stop

# A stamp is newer than what it was made from: a second start installs nothing.
.venv/.python: scripts/venv
	sh scripts/venv .venv
	touch $@

.venv/.base: .venv/.python requirements/base.txt requirements/base.in pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

.venv/.dev: .venv/.base requirements/dev.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

# OpenFisca-France pins other versions of our libraries: it has an environment of its own.
.venv/openfisca/.bench: .venv/.python requirements/bench.txt
	sh scripts/venv .venv/openfisca
	.venv/openfisca/bin/python -m pip install --quiet --require-hashes -r requirements/bench.txt
	touch $@
