# What one does with this project: make help

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# nomsgpack leaves out a format that nobody asks for (6 MB less); the others are parts of SQLite.
export GOFLAGS := -buildvcs=false -tags=nomsgpack,sqlite_fts5,sqlite_stat4
export CGO_ENABLED := 1

BIN := bin/ateliers
LINT := go tool -modfile=.ci/tools/go.mod golangci-lint
# Where the demo listens: make demo ADDR=127.0.0.1:9000
ADDR ?= 127.0.0.1:8080

.PHONY: help
help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: build
build: ## Build bin/ateliers
	@mkdir -p bin
	go build -trimpath -ldflags='-s -w' -o $(BIN) ./cmd/ateliers

.PHONY: demo
demo: build ## Try it: the programme of 2016 in the coming weeks, made-up families, nothing kept
	@$(BIN) demo --addr $(ADDR)

.PHONY: test
test: ## Run every test, with the race detector; installs what the tests need where it lacks
	@.ci/prepare
	go test -race -shuffle=on -timeout 20m ./...

.PHONY: test-nightly
test-nightly: ## The same with the long rounds of the storm and fuzzing; takes hours
	@.ci/prepare
	ATELIERS_TEST_NIGHTLY=1 go test -race -shuffle=on -timeout 6h ./...
	@grep -rHo '^func Fuzz[A-Za-z0-9_]*' --include='*_test.go' internal cmd | sed 's/:func / /' | while read -r file name; do \
		echo "$$name in $$(dirname $$file)"; go test -run '^$$' -fuzz "^$$name\$$" -fuzztime 10m "./$$(dirname $$file)" || exit 1; \
	done

.PHONY: check
check: check-fast ## Look for mistakes without running: format, vet, golangci-lint (minutes the first time)
	$(LINT) run -c .ci/golangci.yml ./...

.PHONY: check-fast
check-fast: ## The part of check that takes seconds: format and vet
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt -w $$unformatted"; exit 1; }
	go vet ./...

.PHONY: bench
bench: ## Measure: bookings and pages per second on the real server, papers, first page
	go test -run '^$$' -bench 'LastPost|Catalogue' -benchtime 30000x ./internal/storm
	go test -run '^$$' -bench Start -benchtime 20x ./internal/storm
	go test -run '^$$' -bench . ./internal/document
