PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
WITH_TRANSFORMERS := $(VENV)/.installed-transformers
FOR_EVALUATION := $(VENV)/.installed-for-evaluation
FOR_TESTS := $(VENV)/.installed-for-tests
INSTALL = PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable
MODEL := qwen2.5-coder-1.5b-instruct-q4_k_m
PORT ?= 8080
FILE ?= tests/data/dak-lak-cum-cong-nghiep.txt

.PHONY: run setup transformers evaluation test check demo browser redis clean

run: setup ## serve the web page and the HTTP interface
	@$(BIN)/diemtin serve --port $(PORT)

setup: $(INSTALLED) ## the virtual environment, the pinned packages and the model's weights
	@$(BIN)/diemtin models pull $(MODEL) > /dev/null

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt pip setuptools
	$(INSTALL) .
	@touch $@

transformers: $(WITH_TRANSFORMERS) ## what dedicated translation and summarization models need

$(WITH_TRANSFORMERS): $(INSTALLED)
	$(INSTALL) '.[transformers]'
	@touch $@

evaluation: $(FOR_EVALUATION) ## what 'diemtin eval' and 'diemtin bench summaries' need

$(FOR_EVALUATION): $(INSTALLED)
	$(INSTALL) '.[eval]'
	@touch $@

$(FOR_TESTS): $(INSTALLED)
	$(INSTALL) '.[test]'
	@touch $@

test: setup browser redis check ## every check and every test, the real model's included
	$(BIN)/python -m pytest

check: $(FOR_TESTS) ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

demo: setup ## digest FILE in the terminal
	@$(BIN)/diemtin digest $(FILE)

browser: $(FOR_TESTS) ## a Chromium for the web page's tests, where the machine has none
	@$(BIN)/python tests/browser.py

redis: $(FOR_TESTS) ## a Redis server for the workers' tests, where the machine has none
	@$(BIN)/python tests/redis_program.py

clean: ## remove the virtual environment; the weights stay in the user's cache
	rm -rf $(VENV) *.egg-info
