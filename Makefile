# Every target is one call of bootstrap.py, which also works where make does not (Windows: py bootstrap.py demo).
PYTHON ?= $(or $(shell python3.11 -c "print('python3.11')" 2>/dev/null),python3)

# The shell reads the query from its environment, so that any quotes in it stay as they are.
export Q ?= SHOW TABLES

.DEFAULT_GOAL := help
.PHONY: help demo real run query ui ui-real sample setup setup-office wheelhouse generate docs test lint extras-test fmt audit requirements clean coverage-study wild-benchmark specification-benchmark survey-benchmark flow-benchmark soak offline fuzz

help:
	@$(PYTHON) bootstrap.py help
demo:
	@$(PYTHON) bootstrap.py demo
real:
	@$(PYTHON) bootstrap.py real
run:
	@$(PYTHON) bootstrap.py run
query:
	@$(PYTHON) bootstrap.py query "$$Q"
ui:
	@$(PYTHON) bootstrap.py ui
ui-real:
	@$(PYTHON) bootstrap.py ui-real
sample:
	@$(PYTHON) bootstrap.py sample
setup:
	@$(PYTHON) bootstrap.py setup
setup-office:
	@$(PYTHON) bootstrap.py setup-office
wheelhouse:
	@$(PYTHON) bootstrap.py wheelhouse
generate:
	@$(PYTHON) bootstrap.py generate
docs:
	@$(PYTHON) bootstrap.py docs
test:
	@$(PYTHON) bootstrap.py test
lint:
	@$(PYTHON) bootstrap.py lint
extras-test:
	@$(PYTHON) bootstrap.py extras-test
fmt:
	@$(PYTHON) bootstrap.py fmt
audit:
	@$(PYTHON) bootstrap.py audit
requirements:
	@$(PYTHON) bootstrap.py requirements
clean:
	@$(PYTHON) bootstrap.py clean
coverage-study:
	@$(PYTHON) bootstrap.py coverage-study
wild-benchmark:
	@$(PYTHON) bootstrap.py wild-benchmark
specification-benchmark:
	@$(PYTHON) bootstrap.py specification-benchmark
survey-benchmark:
	@$(PYTHON) bootstrap.py survey-benchmark
flow-benchmark:
	@$(PYTHON) bootstrap.py flow-benchmark
soak:
	@$(PYTHON) bootstrap.py soak
offline:
	@$(PYTHON) bootstrap.py offline
fuzz:
	@$(PYTHON) bootstrap.py fuzz
