# Lanting: `make run` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test setup compile lint sums clean
.DELETE_ON_ERROR:

run: setup
	@$(BIN)/python -m bot

test: $(VENV)/installed $(VENV)/cluster
	@$(BIN)/python -m pytest

setup: $(VENV)/migrated

compile: $(VENV)/installed # for this machine, with a C++ compiler: poems in a third of the time
	@$(BIN)/python -m vae compile

lint: $(VENV)/installed
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

$(VENV)/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Lanting needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=/path/to/python3.11.")'
	@echo "Setting up $(VENV) (first time: some minutes) ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock >&2
	@touch $@

$(VENV)/cluster: $(VENV)/installed requirements-cluster.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -r requirements-cluster.lock >&2 \
		|| echo "Ray cannot be installed here: the tests of the cluster will be skipped." >&2
	@touch $@

$(VENV)/migrated: $(VENV)/installed $(wildcard migrations/versions/*.py)
	@$(BIN)/python -m bot migrate >&2
	@touch $@

sums: # after a change of the tables or weights that ship
	@cd vae && sha256sum data/* weights/*.safetensors > SHA256SUMS

clean:
	rm -rf $(VENV) vae/compiled .pytest_cache .mypy_cache .ruff_cache .hypothesis
