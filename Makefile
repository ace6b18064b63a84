# `make` alone says what there is. Every task works in a fresh checkout after `make setup`.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test browser lint fix docs lowest newest plain zones alone mutants licences

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

lint:  ## Check style, types, import rules, and that nothing looks like a secret.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/secrets.py

fix:  ## Mend what can be mended by itself.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs:  ## Print the tables of docs/settings.md.
	@$(BIN)/python -m dashboard.settings

lowest:  ## Test with the lowest versions that pyproject.toml allows, in .venv-lowest.
	$(PYTHON) -m venv --without-pip .venv-lowest
	$(BIN)/python .ci/lowest.py > .venv-lowest/constraints.txt
	$(PYTHON) -m pip --python .venv-lowest install -q -c .venv-lowest/constraints.txt -e '.[test]'
	.venv-lowest/bin/python -m pytest $(T)

newest:  ## Test with the newest versions that pyproject.toml allows, in .venv-newest.
	$(PYTHON) -m venv --without-pip .venv-newest
	$(PYTHON) -m pip --python .venv-newest install -q --upgrade --upgrade-strategy eager -e '.[test]'
	.venv-newest/bin/python -m pytest $(T)

plain:  ## Test in a locale without UTF-8.
	LC_ALL=POSIX PYTHONCOERCECLOCALE=0 PYTHONUTF8=0 $(BIN)/python -m pytest $(T)

zones:  ## Test in another zone, and in one whose clock goes back in the coming night.
	TZ='<+0545>-5:45' $(BIN)/python -m pytest $(T)
	TZ=$$($(BIN)/python .ci/changing_zone.py) $(BIN)/python -m pytest $(T)

alone:  ## Install the wheel alone and use it: version, a report, /readyz.
	.ci/alone $(PYTHON)

mutants:  ## Break the product in 300 small ways and count what the tests notice (half an hour).
	$(BIN)/python tests/mutation/mutate.py

licences:  ## Write docs/licences.md and the bill of materials from what is installed.
	$(BIN)/python .ci/licences.py
