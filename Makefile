# Every target does its own set-up. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | column -ts $$'\t'

.venv/.ready: requirements/dev.txt
.docsvenv/.ready: requirements/docs.txt
.sbomvenv/.ready: requirements/sbom.txt
.venv/.ready .docsvenv/.ready .sbomvenv/.ready:
	@echo "== Python environment from $<"
	@python3 -c 'import ensurepip' 2>/dev/null || apt-get install --yes --quiet python3-venv
	@python3 -m venv $(@D)
	@$(@D)/bin/pip install --quiet --require-hashes -r $<
	@touch $@

.PHONY: venv
venv: .venv/.ready ## make the Python environment

.PHONY: demo
demo: ## a Kubernetes, the operator, a replica set, shown healthy
	@tests/cluster/demo

.PHONY: demo-down
demo-down: ## take the demo down; only the cache stays
	@tests/cluster/cluster down

.PHONY: test
test: check docs sbom unit image e2e ## everything that guards the project

.PHONY: check
check: venv ## format, lint, types, layers
	@echo "== ruff"
	@.venv/bin/ruff format --check --quiet . && .venv/bin/ruff check --quiet .
	@echo "== mypy"
	@.venv/bin/mypy operator/mongors tests
	@echo "== import-linter"
	@PYTHONPATH=operator .venv/bin/lint-imports --no-logo 2>/dev/null || PYTHONPATH=operator .venv/bin/lint-imports

.PHONY: unit
unit: venv ## unit and property tests: seconds, no network
	@echo "== unit and property tests"
	@.venv/bin/pytest -q --numprocesses auto tests/unit tests/property

.PHONY: image
image: venv ## the tests of the operator's image, which is built twice
	@echo "== the operator's image"
	@.venv/bin/pytest -q -p no:xdist tests/image

.PHONY: e2e
e2e: venv ## the tests on a real cluster, brought up and taken down; BACKEND=kind: a first look
	@tests/e2e/run

.PHONY: soak
soak: venv ## random faults and wishes, judged: MINUTES=30 SEED=n
	@tests/faults/run soak --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED))

.PHONY: bench
bench: venv ## measure side by side, write docs/performance.md: hours; ROUNDS=10 SETS="1 10 100"
	@tests/bench/run

.PHONY: crd
crd: venv ## write the CRD anew from the models, and the plain manifests that contain it
	@PYTHONPATH=operator $(PYTHON) -m mongors.api.crd > crds/mongors.io_mongoreplicasets.yaml
	@deploy/render

.PHONY: metrics
metrics: venv ## write docs/metrics.md anew from the metrics
	@PYTHONPATH=operator $(PYTHON) -m mongors.metrics.page > docs/metrics.md

.PHONY: reference
reference: venv ## write anew what is generated in docs/: fields, conditions, labels, measured times
	@PYTHONPATH=operator:tests $(PYTHON) -m docs.reference

.PHONY: docs
docs: .docsvenv/.ready ## build the documentation into build/site; a warning is an error
	@.docsvenv/bin/mkdocs build --quiet --strict

.PHONY: sbom
sbom: .sbomvenv/.ready ## write build/mongors.cdx.json: what the image holds beside its base
	@python3 -m venv --clear --without-pip build/installed
	@.sbomvenv/bin/pip --python build/installed install --quiet --require-hashes -r requirements/operator.txt
	@.sbomvenv/bin/cyclonedx-py environment build/installed --pyproject pyproject.toml \
	  --mc-type application --output-reproducible --output-file build/mongors.cdx.json
	@rm -rf build/installed

.PHONY: lock
lock: ## write requirements/*.txt anew
	@requirements/lock
