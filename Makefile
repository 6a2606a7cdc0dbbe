# `make` alone lists the targets. Needs Python >= 3.11, make and git; all else is installed into .venv.

PYTHON ?= python3
WORKERS ?= 2
CALLS ?= 2000
VENV := .venv
RUN := $(VENV)/bin/python

# A virtual environment holds absolute paths: the stamps of one folder mean nothing in a copy of it.
HERE := $(shell pwd | cksum | cut -d ' ' -f 1)
MADE := $(VENV)/.made-$(HERE)
INSTALLED := $(VENV)/.installed-$(HERE)

.DELETE_ON_ERROR:
.PHONY: help install upgrade demo test coverage search fuzz lint bench docs schemas trust-table clean system-parts

help:
	@echo "make demo      train a TabularVAE on handwritten digits, recorded in MLflow"
	@echo "make test      run the whole test suite"
	@echo "make coverage  run it with a table of the lines that no test reaches; takes half as long again"
	@echo "make search    let the property tests look for examples that they have not tried"
	@echo "make fuzz      feed each entry point for ten minutes with what nobody has written"
	@echo "make lint      ruff, mypy, import-linter, codespell, long calls"
	@echo "make bench     measure what the design promises"
	@echo "make docs      write the table of codes in docs/diagnostics.md and the pages of what is built in anew"
	@echo "make schemas   write the JSON Schemas in schemas/ anew"
	@echo "make trust-table  list anew what a config may name of trusted packages, to be read"
	@echo "make install   only create .venv and install into it"
	@echo "make upgrade   take the newest releases of all dependencies (but torch) into constraints.txt"
	@echo "make clean     remove what the other targets made, .venv included"

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit("Python >= 3.11 is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(INSTALLED): $(MADE) pyproject.toml constraints.txt
	@echo 'installing into $(VENV); torch alone is some hundred megabytes'
	$(RUN) -m pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

# Where Python is told to write no bytecode, each of the many processes of a test would compile all of it anew.
.PHONY: bytecode
bytecode: $(INSTALLED)
	@$(RUN) -m compileall -q -x serotiny/template serotiny

install: $(INSTALLED)

# Versions move when somebody asks for it, so that the release of another project never breaks ours overnight.
upgrade: $(MADE)
	grep '^torch==' constraints.txt >$(VENV)/torch.txt
	$(RUN) -m pip install -qq --disable-pip-version-check --constraint $(VENV)/torch.txt \
		--upgrade --upgrade-strategy eager --editable '.[dev]'
	{ grep '^#' constraints.txt; $(RUN) -m pip freeze --exclude-editable | sed 's/+.*//'; } >constraints.new
	mv constraints.new constraints.txt
	@touch $(INSTALLED)

# Small layers gain nothing from more threads, and lose much on a busy machine.
demo: export OMP_NUM_THREADS = 1
demo: $(INSTALLED)
	cd examples/digits && "$(CURDIR)/$(RUN)" -m digits.manifest
	cd examples/digits && "$(CURDIR)/$(VENV)/bin/serotiny" train ++trainer.max_epochs=30
	@echo "in this clone: $(VENV)/bin/mlflow ui --backend-store-uri sqlite:///examples/digits/mlflow.db"

# Each worker has one thread: two that spread over all cores would only wait for one another.
SUITE := env -u MLFLOW_TRACKING_URI $(RUN) -m pytest --numprocesses $(WORKERS) --dist loadfile
test coverage: export OMP_NUM_THREADS = 1
test coverage: export DO_NOT_TRACK = true
test: bytecode system-parts
	$(SUITE)

coverage: bytecode system-parts
	$(SUITE) --cov --cov-report term-missing:skip-covered

# Seconds for sequences of edits, of configs and of code.
EDITS_SECONDS = 600
# In `make test` the examples are the same each time: what a search finds must not turn somebody else's change red.
search: export OMP_NUM_THREADS = 1
search: $(INSTALLED)
	$(RUN) -m pytest --numprocesses $(WORKERS) --hypothesis-profile search tests/property tests/unit
	SEROTINY_TEST_CALLS=$(CALLS) $(RUN) -m pytest --timeout 0 --hypothesis-profile search tests/property/test_calls.py
	$(RUN) -m tests.property.edits $(EDITS_SECONDS)
	$(RUN) -m tests.property.code_edits $(EDITS_SECONDS)

# Seconds for each entry point.
FUZZ_SECONDS = 600
fuzz: export OMP_NUM_THREADS = 1
fuzz: $(INSTALLED)
	$(RUN) -m tests.property.fuzz $(FUZZ_SECONDS)
	@$(RUN) -c 'import atheris' 2>/dev/null || echo "fuzz: atheris is not installed (pip install -e '.[fuzz]'): Hypothesis alone has looked"
	! $(RUN) -c 'import atheris' 2>/dev/null || for target in $$(grep -o '^def test_[a-z_]*' tests/property/test_entry_points.py | cut -c5-); do \
		$(RUN) -m tests.property.coverage_guided $$target -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -len_control=0 || exit 1; \
	done

# The editors' YAML server, ajv, PostgreSQL, a browser, zsh and fish, as far as this machine allows; tests skip without them and say so.
system-parts:
	@.ci/system-parts

lint: $(INSTALLED)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m codespell_lib
	$(RUN) -m tests.lint.positional_arguments

bench: bytecode
	$(RUN) -m tests.benchmarks

docs: $(INSTALLED)
	$(RUN) -m tests.lint.codes_page
	$(RUN) -m tests.lint.reference_pages

schemas: $(INSTALLED)
	$(VENV)/bin/serotiny schema export --builtin schemas

trust-table: $(INSTALLED)
	$(RUN) -m tests.system.trust.walk

clean:
	rm -rf $(VENV) build dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache tests/node/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
