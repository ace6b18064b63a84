# `make` alone says what there is. Every task works in a fresh checkout after `make setup`.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test browser lint fix docs

help:  ## Say what there is.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup:  ## Make .venv with everything that development needs.
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python .venv install -q -e '.[test]'

run:  ## Start the dashboard on http://127.0.0.1:8501, with the sandbox unless an account is configured.
	$(BIN)/klenty-dashboard

test:  ## Run the tests: all, or those of T, as in `make test T=tests/web`.
	$(BIN)/python -m pytest $(T)

browser:  ## Run the tests that need an installed Chromium.
	$(BIN)/python -m pytest -m browser $(T)

lint:  ## Check style, types and import rules.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix:  ## Mend what can be mended by itself.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs:  ## Print the tables of docs/settings.md.
	@$(BIN)/python -m dashboard.settings
