# Everything that is done often. `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Cheap checks first, whatever -j says: cargo uses all cores by itself.
.NOTPARALLEL:

# Absolute, because tests run in the directory of their crate. Whoever sets them means their own.
export RINGFENCE_VALKEY ?= $(CURDIR)/target/engines/valkey/bin/valkey-server
export RINGFENCE_REDIS ?= $(or $(shell command -v redis-server),redis-server)
export RINGFENCE_PYTHON ?= $(CURDIR)/target/venv/bin/python

.PHONY: bench bench-quick soak help dev test engines fmt clippy doc doctest tests fuzz guard advisories sbom docs clean-dev unchanged

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

dev: ## Run everything on this machine: service, simulated AWS, a real engine (ARGS="--fresh" …)
	@scripts/install-tools engine
	@[ -x "$$RINGFENCE_VALKEY" ] || unset RINGFENCE_VALKEY; cargo run --locked --package ringfence -- dev $(ARGS)

test: engines fmt guard clippy doc doctest bench-quick tests unchanged ## Run all checks and tests

engines: ## Install what the tests run against: engines in several versions, clients, linters
	@scripts/install-tools valkey
	@scripts/install-tools redis
	@scripts/install-tools more-engines
	@scripts/install-tools python
	@scripts/install-tools node
	@scripts/install-tools linters
	@scripts/install-tools schemathesis

fmt: ## Check the formatting
	cargo fmt --all --check

clippy: ## Check the code, warnings denied
	cargo clippy --locked --workspace --all-targets -- -D warnings

doc: ## Check the documentation and its links, warnings denied
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

doctest: ## Run the examples in the documentation
	cargo test --locked --quiet --workspace --doc

# Last of all that runs tests, so that its summary is what one reads.
tests: engines ## Run the tests, on both engines
	if cargo nextest --version >/dev/null 2>&1; \
	then INSTA_UPDATE=no cargo nextest run --locked --workspace; \
	else INSTA_UPDATE=no cargo test --locked --workspace --lib --bins --tests; fi

# Not part of `test`, which checks the same properties on a few hundred inputs each. Without a
# sanitizer: the crate forbids unsafe code.
FUZZ_SECONDS ?= 60
fuzz: ## Search for access strings, globs and calls that break something (FUZZ_SECONDS=600 …)
	@cargo +nightly --version >/dev/null 2>&1 || \
	  { echo "fuzzing needs a nightly toolchain: rustup toolchain install nightly"; exit 1; }
	@cargo fuzz --version >/dev/null 2>&1 || \
	  { echo "fuzzing needs cargo-fuzz: cargo install --locked cargo-fuzz"; exit 1; }
	for target in access_string glob explain lint; do \
	  cargo +nightly fuzz run --sanitizer none --fuzz-dir crates/acl/fuzz $$target -- \
	    -max_total_time=$(FUZZ_SECONDS) -max_len=1024 -len_control=0 -timeout=10 \
	    -dict=crates/acl/fuzz/dictionaries/access_string.dict; \
	done

# Part of `test` is one run with a seed of its own.
SEEDS ?= 100
soak: engines ## Play long random runs with faults, each with another seed (SEEDS=1000, SOAK_FIRST=7, SOAK_TENANTS=200 …)
	SOAK_SEEDS=$(SEEDS) SOAK_TENANTS=$${SOAK_TENANTS:-100} \
	  cargo test --locked --package ringfence --test it -- --exact \
	  soak::whatever_happens_aws_ends_as_it_was_wanted

guard: ## Check licences, sources, that one TLS stack is all there is, and the files in deploy/
	@if terraform version >/dev/null 2>&1; then terraform fmt -check -diff -recursive deploy; fi
	@if kubectl version --client >/dev/null 2>&1; then kubectl kustomize deploy/kubernetes >/dev/null; fi
	@scripts/install-tools deny
	@target/tools/bin/cargo-deny --log-level error check bans licenses sources
	@for crate in ring openssl-sys native-tls h2@0.3; do \
	  if cargo tree --locked --workspace --edges normal --invert "$$crate" 2>/dev/null | grep -q .; then \
	    echo "$$crate is among the dependencies: cargo tree --edges normal --invert $$crate"; exit 1; \
	  fi; done

# Not part of `test`: the list of advisories is at GitHub, and what is published there today must not decide whether
# yesterday's commit passes.
advisories: ## Look for known faults in the dependencies (needs a road to GitHub)
	@scripts/install-tools deny
	target/tools/bin/cargo-deny --log-level warn check advisories

sbom: ## Write target/ringfence.cdx.json: what the program is made of, as CycloneDX
	@scripts/install-tools sbom
	PATH="$(CURDIR)/target/tools/bin:$$PATH" SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) \
	  cargo cyclonedx --quiet --format json --spec-version 1.5 --describe binaries
	mv ringfence_bin.cdx.json target/ringfence.cdx.json

bench: ## Measure everything and write BENCHMARKS.md; some of it with ARGS="burst read", which writes nothing
	@scripts/install-tools valkey
	@scripts/install-tools python
	cargo bench --locked --package ringfence --bench ringfence -- $(ARGS)

# With the build of the tests: what they measure means nothing here.
bench-quick: engines ## See that every benchmark still runs
	cargo bench --locked --profile dev --package ringfence --bench ringfence -- --quick > target/bench-quick.log || \
	  { cat target/bench-quick.log; exit 1; }

docs: ## Write the generated files anew
	UPDATE_DOCS=1 cargo test --locked --quiet --package ringfence --test it reference
	UPDATE_DOCS=1 cargo test --locked --quiet --package ringfence --test it every_command
	cargo run --locked --quiet --package ringfence -- openapi > target/ringfence.json
	mv target/ringfence.json openapi/ringfence.json

clean-dev: ## Forget what `make dev` has kept
	rm -rf .ringfence

# Only where nobody works: a run must not change what is committed, nor leave anything beside it.
unchanged:
	@if [ "$${CI:-}" = true ] && [ -n "$$(git status --porcelain)" ]; \
	then git status --short; git diff; echo "the run has changed the work tree"; exit 1; fi
