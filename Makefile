# Every target does its own set-up. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | column -ts $$'\t'

.venv/.ready: requirements/dev.txt
	@echo "== Python environment from requirements/dev.txt"
	@python3 -m venv .venv
	@.venv/bin/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: venv
venv: .venv/.ready ## make the Python environment
