# One command each. `make` alone says which.
#
# Everything is installed from hashed requirements into the project's own .venv (and .venv-deploy for the deployment
# tools, which pin too much to live with the rest). A Python of 3.11 or newer with venv is all that must be there.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

# The first Python that runs, is new enough, and can make a virtual environment. The system's own comes first: it is built
# with optimizations that pyenv leaves out unless told otherwise, and runs the tests in five sixths of the time.
PYTHON ?= $(shell for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.14; do \
	$$candidate -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v $$candidate && break; done)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export SAM_CLI_TELEMETRY := 0

DEV := .venv/bin
DEPLOY := .venv-deploy/bin
# The requirements are complete and hashed, so nothing is left for pip to resolve.
INSTALL := -m pip install --quiet --require-hashes --no-deps

.PHONY: help
help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

# ---------------------------------------------------------------- what is installed where

.venv/bin/python .venv-deploy/bin/python:
	@test -n "$(PYTHON)" || { echo "No Python of 3.11 or newer that can make a virtual environment was found." \
		"On Debian: apt-get install python3 python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(@D:/bin=)

.venv/.demo: requirements-demo.txt | .venv/bin/python
	$(DEV)/python $(INSTALL) -r $<
	@touch $@

.venv/.dev: requirements-dev.txt | .venv/bin/python
	$(DEV)/python $(INSTALL) -r $<
	@touch .venv/.demo $@

.venv-deploy/.deploy: requirements-deploy.txt | .venv-deploy/bin/python
	$(DEPLOY)/python $(INSTALL) -r $<
	@touch $@

.PHONY: setup
setup: .venv/.dev .venv-deploy/.deploy ## install everything that developing and deploying need

# ---------------------------------------------------------------- try, test, measure

.PHONY: demo test bench year faults screenshots
demo: .venv/.demo ## play the whole story on this machine, without AWS or Slack (ARGS="--story" for the terminal)
	$(DEV)/python -m demo $(ARGS)

# Both installations go side by side, and so do the checks and the domain, which is measured. Then three workers take two
# cores, since a browser or a server is waited for now and then, a third of the tests each until one is done, so that what
# a module sets up is set up once. What Python compiles is kept, and is compiled before three workers do.
test: export PYTHONDONTWRITEBYTECODE :=
test: ## run every check and every test
	@$(MAKE) --no-print-directory -j2 setup
	@$(MAKE) --no-print-directory -j2 checks domain
	PATH="$(CURDIR)/$(DEPLOY):$$PATH" $(DEV)/python -m pytest --ignore=tests/domain -n 3 --dist worksteal $(ARGS)

.PHONY: checks domain laws
checks: .venv/.dev
	$(DEV)/ruff check
	$(DEV)/ruff format --check
	$(DEV)/mypy
	PYTHONPATH=.ci $(DEV)/lint-imports
	$(DEV)/python -m pytest --ignore=tests/domain --collect-only -qq >/dev/null

domain: .venv/.dev
	$(DEV)/python -m pytest tests/domain -q \
		--cov=orchestrator.domain --cov-branch --cov-fail-under=100 --cov-report=term-missing:skip-covered

laws: .venv/.dev ## draw 25 times as many examples for every law, and others each time
	$(DEV)/python -m pytest -m hypothesis --hypothesis-profile=thorough -n 2 $(ARGS)

bench: .venv/.demo ## measure calls, time and memory of large scans
	$(DEV)/python -m benchmark $(ARGS)

year: .venv/.demo ## play 52 weeks beside an oracle, and write docs/year.md and docs/year.svg (ARGS="--weeks 6")
	$(DEV)/python -m benchmark.year --docs docs $(ARGS)

faults: .venv/.dev ## break everything a run meets, case by case, and write down what became of it (docs/reliability.md)
	$(DEV)/python -m pytest tests/faults --every-fault -n 2 $(ARGS)

screenshots: .venv/.dev ## take the pictures in docs/ from the demo
	$(DEV)/python -m demo.screenshots $(ARGS)

# ---------------------------------------------------------------- deploy

OPERATE := PATH="$(CURDIR)/$(DEPLOY):$$PATH" PYTHONPATH=.ci PYTHONDONTWRITEBYTECODE=1 $(DEPLOY)/python -m deployment

.PHONY: live-check
live-check: .venv/.demo ## try on a throw-away function whether AWS is as the rules take it (REGION=us-west-2 ARGS=--quick)
	@test -n "$(REGION)" || { echo "Which region? make live-check REGION=us-west-2" >&2; exit 2; }
	PYTHONPATH=.ci $(DEV)/python -m live_check --region "$(REGION)" $(ARGS)

.PHONY: deploy package manifest bundles lock
deploy: .venv-deploy/.deploy ## build and deploy what samconfig.toml says, and check that it is in service (ENV=default)
	$(OPERATE) deploy --config-env $(or $(ENV),default)

package: .venv-deploy/.deploy ## build, upload, and write the template and parameters a pipeline deploys (ENV=default)
	$(OPERATE) package --config-env $(or $(ENV),default)

manifest: .venv-deploy/.deploy ## print the Slack app's manifest (URL=https://… COMMAND=/snapstart NAME="SnapStart cleaner")
	@$(OPERATE) manifest "$(URL)" $(if $(COMMAND),--command "$(COMMAND)") $(if $(NAME),--name "$(NAME)")

bundles: .venv-deploy/.deploy ## build both bundles and print their sizes and cold start times
	$(OPERATE) bundles

# What ships is what was tested: the smaller lists are constrained by the developers' one.
COMPILE := $(DEV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
lock: .venv/.dev ## compile the hashed requirements again (ARGS=--upgrade for newer versions)
	$(COMPILE) $(ARGS) --group dev -o requirements-dev.txt
	$(COMPILE) --constraint requirements-dev.txt --group demo -o requirements-demo.txt
	$(COMPILE) --constraint requirements-dev.txt --group bot -o bot/requirements.txt
	$(COMPILE) --constraint requirements-dev.txt --group orchestrator -o orchestrator/requirements.txt
	$(COMPILE) $(ARGS) --override .ci/overrides.txt --group deploy -o requirements-deploy.txt

# ---------------------------------------------------------------- called by `sam build`, which sets ARTIFACTS_DIR

# Wheels for the Lambda runtime, whatever machine builds. What records the building machine is dropped, so that the same
# sources always give the same bundle, and so are botocore's descriptions of the 400 services that are never called (four
# fifths of the bundle), and what our dependencies bring for other uses than ours. Lambda can not write bytecode beside
# the code, so it is compiled here when there is a Python of the runtime's version: the imports of a cold start then take
# a third of the time.
LEFT_OUT := bin boto3/data boto3/examples botocore/data/*/*/examples-1.json botocore/data/lambda/2014-11-11 \
	dateutil/zoneinfo/*.tar.gz slack slack_bolt/adapter slack_sdk/audit_logs slack_sdk/rtm slack_sdk/rtm_v2 slack_sdk/scim \
	slack_sdk/socket_mode slack_sdk/web/async_client.py slack_sdk/web/legacy_client.py
define bundle
	python3 -m pip install --quiet --require-hashes --no-deps --no-compile --only-binary :all: --implementation cp \
		--python-version 3.13 --platform manylinux2014_aarch64 --target "$(ARTIFACTS_DIR)" -r $(1)/requirements.txt
	cd "$(ARTIFACTS_DIR)" && rm -rf $(LEFT_OUT) $(4)
	find "$(ARTIFACTS_DIR)" -path '*.dist-info/*' \( -name RECORD -o -name INSTALLER -o -name REQUESTED \) -delete
	find "$(ARTIFACTS_DIR)/botocore/data" -mindepth 1 -maxdepth 1 -type d $(foreach service,$(3),! -name $(service)) \
		-exec rm -rf {} +
	tar -cf "$(ARTIFACTS_DIR)/own.tar" --exclude __pycache__ --exclude requirements.txt \
		--exclude orchestrator/cli --exclude orchestrator/__main__.py $(2)
	tar -xf "$(ARTIFACTS_DIR)/own.tar" -C "$(ARTIFACTS_DIR)"
	rm "$(ARTIFACTS_DIR)/own.tar"
	python3.13 -m compileall -q --invalidation-mode unchecked-hash -s "$(ARTIFACTS_DIR)" -p /var/task "$(ARTIFACTS_DIR)" || true
endef

.PHONY: build-Bot build-Orchestrator
build-Bot:
	$(call bundle,bot,bot orchestrator/__init__.py orchestrator/domain orchestrator/slack/__init__.py \
		orchestrator/slack/message,lambda s3 secretsmanager)

build-Orchestrator:
	$(call bundle,orchestrator,orchestrator,lambda s3 secretsmanager cloudwatch cloudtrail cloudformation pricing \
		resourcegroupstaggingapi scheduler sns sts ce,slack_sdk/oauth)
