# The two commands of README's first screen are `run` and `test`; each sets up what it needs.
PYTHON ?=
PHOTO ?=
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint format bench gpu screenshot clean

run: $(VENV)/.base
	@packaging/system_libraries.sh window
	@$(BIN)/venus $(if $(PHOTO),"$(PHOTO)")

test: lint
	@packaging/system_libraries.sh test
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Every figure that README and the notes quote; see bench/__main__.py.
bench: $(VENV)/.test
	@packaging/system_libraries.sh test
	$(BIN)/python -m bench

# What only a graphics card can show, in one call; writes docs/gpu.md. Takes the Python that has a
# PyTorch for the card: make gpu PYTHON=python3
gpu:
	$(or $(PYTHON),$(BIN)/python) -m bench.gpu

# docs/window.jpg, as README shows it.
screenshot: $(VENV)/.test
	@packaging/system_libraries.sh test
	$(BIN)/python -m bench.screenshot docs/window.jpg

$(VENV)/.base: pyproject.toml
	@PYTHON="$(PYTHON)" packaging/python.sh $(VENV) base
	@touch $@

$(VENV)/.test: pyproject.toml
	@PYTHON="$(PYTHON)" packaging/python.sh $(VENV) test
	@touch $(VENV)/.base $@

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache
