# PETRA's commands. Everything runs in .venv, which `setup` makes; nothing else is needed but Python 3.11 and a C compiler.
PYTHON ?= $(firstword $(shell command -v python3 python3.11 python 2>/dev/null))
RUN := .venv/bin/python
# Parallel jobs share few cores: one thread each is faster than many that wait for one another.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench e2e schema

help: ## list the commands
	@sed -n 's/^\([a-z0-9]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

setup: ## make .venv, install the locked packages, build the front end (does only what is missing)
	@$(if $(PYTHON),$(PYTHON) tools/setup.py,echo "PETRA needs Python 3.11: install it and try again." >&2; exit 2)

demo: setup ## start PETRA with a synthetic cohort, or with your own folder: make demo DICOM=/path/to/dicom
	@$(RUN) -m tools.demo $(if $(DICOM),--dicom "$(DICOM)") $(if $(PORT),--port $(PORT)) $(ARGS)

test: setup ## run everything: lint, types, contracts, Python, TypeScript, browser
	@$(RUN) -m tools.run_tests

lint: setup ## ruff, mypy, import contracts, TypeScript checks
	@$(RUN) -m tools.run_tests --only lint

bench: setup ## measure computations and the viewer; clinical size: make bench ARGS="--matrix 512 --slices 260"
	@$(RUN) -m tools.bench $(ARGS)

e2e: setup ## only the browser tests
	@$(RUN) -m tools.run_tests --only e2e

schema: setup ## write docs/openapi.yaml and the TypeScript types that follow from it
	@$(RUN) -m tools.schema
