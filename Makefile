# make, or make help, lists what there is.

FUZZTIME ?= 5s
FUZZ_LONG ?= 10m
FUZZ_SHORT ?= 2m
RUNFLAGS ?=

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' $(MAKEFILE_LIST) | awk '{name = $$1; sub(/^[^:]*: /, ""); printf "  make %-8s %s\n", substr(name, 1, length(name) - 1), $$0}'

.PHONY: build
build: ## Build bin/understory, showing progress
	@echo 'Building bin/understory: about two minutes the first time, seconds afterwards.'
	@{ go build -v -o bin/understory ./cmd/understory 2>&1 || echo BUILD-STOPPED; } | awk -f .ci/progress.awk

.PHONY: run
run: build ## Build, then start the demonstration: a front page on loopback
	@bin/understory demo $(RUNFLAGS)

.PHONY: test
test: ## Install what the tests need where possible, then run all of them
	@.ci/prepare
	go test -shuffle=on -timeout 30m ./...
	./check fuzz $(FUZZTIME) $(FUZZTIME)

.PHONY: check
check: ## The gate: format, vet, static checks, walls, race, fuzzing, documents
	./check

.PHONY: fuzz
fuzz: ## Fuzz feed and sanitize for FUZZ_LONG each (10m), the others for FUZZ_SHORT (2m)
	./check fuzz $(FUZZ_LONG) $(FUZZ_SHORT)

.PHONY: bench
bench: ## Print the tables of bench/, or the one that TABLE names
	@cd bench && for table in $(if $(TABLE),$(TABLE),*/main.go); do echo "== $${table%/main.go}" && go run "./$${table%/main.go}" || exit 1; done

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin
