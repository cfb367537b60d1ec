# What one does with this project: make help

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# nomsgpack leaves out a format that nobody asks for (6 MB less); the others are parts of SQLite.
export GOFLAGS := -buildvcs=false -tags=nomsgpack,sqlite_fts5,sqlite_stat4
export CGO_ENABLED := 1
# Without the tables of a debugger, which nobody opens SQLite in: they take a quarter of its minute of compiling.
export CGO_CFLAGS := -O2

BIN := bin/ateliers
LINT := go tool -modfile=.ci/tools/go.mod golangci-lint
# The order of the tests is shuffled, but always in the same way: a failure speaks of the change. vet has a target of its own, and no
# debugger looks at what is linked here, which takes half the time without its tables.
SHUFFLE = 1843
TEST = go test -shuffle=$(SHUFFLE) -vet=off -ldflags=-w
# The two that take longest come first, so that none is left running alone at the end.
OTHERS = ./internal/web ./cmd/ateliers $$(go list ./... | grep -v -e internal/storm -e internal/journey)
# They ask for every route as everybody, one request after another, or furnish demos: the race detector would see nothing, and take four times as long.
SWEEPS = ^Test(Access|OddAddresses|OtherSitesChangeNothing|FormsWithoutTheirKeyChangeNothing|BrokenFormsAreRefusedWithAPage|AskSearchTakesAnything|SignaturePicture|Demo.*|Papers.*)$$
# How long these take is what they are about: nothing runs beside them. KILLS is what internal/storm has besides.
TIMED = ^TestOffline$$
KILLS = ^Test(RushWithKills|PowerCut|DamagedDatabase|MissingWAL|ForeignFile|DiskRefuses|FolderTakesNoFile|WaitingListRace|SentTwice|EveryBookingIsSynced|SecondServer|NoFailpointsInTheRealProgram|ProgramNamesItsModules)$$
# What quality.md asks for at night alone, and takes half a minute.
AT_NIGHT = ^TestKillAtEveryPoint$$
# How long each fuzz target goes on: make test-fuzz FUZZTIME=10m before a release
FUZZTIME = 10s
# What make test-nightly found out about faults.
REPORT := $(CURDIR)/bin/faults.md
# Where the demo listens: make demo ADDR=127.0.0.1:9000
ADDR ?= 127.0.0.1:8080

.PHONY: help
help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: build
build: ## Build bin/ateliers
	@mkdir -p bin
	go build -trimpath -ldflags='-s -w' -o $(BIN) ./cmd/ateliers

.PHONY: static
static: ## Build bin/ateliers without any library, for a container or another Linux
	@mkdir -p bin
	@# The linker warns of getaddrinfo and getpwuid_r in SQLite's driver and cgo: with netgo and osusergo nothing calls them.
	go build -trimpath -tags=nomsgpack,sqlite_fts5,sqlite_stat4,sqlite_omit_load_extension,netgo,osusergo \
		-ldflags='-s -w -linkmode external -extldflags "-static"' -o $(BIN) ./cmd/ateliers

.PHONY: release-check
release-check: build ## Before a release (SEC-52): modules unchanged, known holes, gosec, and bin/sbom.txt; needs a network
	go mod verify
	@# The list of known holes may be another: GOVULNDB=file:///path, made of golang/vulndb by its cmd/indexdb.
	@go tool -modfile=.ci/tools/go.mod govulncheck -db "$${GOVULNDB:-https://vuln.go.dev}" ./...; code=$$?; case $$code in 0|3) ;; \
		*) echo 'govulncheck could not look: is there a network? GOVULNDB names another list of known holes, such as file:///var/vulndb' >&2;; esac; exit $$code
	$(LINT) run -c .ci/golangci.yml --enable-only gosec ./...
	go version -m $(BIN) | tee bin/sbom.txt | grep -c $$'\tdep\t' | sed 's/$$/ modules in bin\/sbom.txt/'

.PHONY: demo
demo: build ## Try it: the programme of 2016 in the coming weeks, made-up families, nothing kept
	@$(BIN) demo --addr $(ADDR)

.PHONY: guides
guides: ## Take the pictures of docs/guides anew, and print the guides into bin
	@mkdir -p bin
	go test ./internal/journey -run '^TestGuides$$' -count 1 -update-guides -print-guides $(CURDIR)/bin

.PHONY: test
test: ## Run every test, with the race detector; installs what the tests need where it lacks
	@# The packages come while the compiler is at work, where there is one.
	@command -v gcc >/dev/null || .ci/prepare
	@$(MAKE) --no-print-directory -j2 --output-sync=target prepare check-fast
	@# Four at a time, as they stand: what waits for a browser or for a killed server leaves the processors to the others.
	@$(MAKE) --no-print-directory -j4 --output-sync=target test-race test-browser test-kills test-fuzz test-sweeps
	@$(MAKE) --no-print-directory test-timed

# There is memory enough to let more garbage lie: to compile takes a quarter less. Not where memory itself is measured.
test-race test-browser test-fuzz test-sweeps check-fast: export GOGC = 400

.PHONY: prepare
prepare:
	@.ci/prepare

.PHONY: test-race
test-race:
	@# Each process with the race detector would sleep for a second before it ends: test binaries, and all that cmd starts.
	GORACE=atexit_sleep_ms=0 $(TEST) -race -timeout 45m -skip '$(SWEEPS)' $(OTHERS)

.PHONY: test-browser
test-browser:
	@# The program under journeys and the storm is one of its own, which the race detector does not see: it would slow down the tests alone.
	@# Tests and browser wait for one another: more tests at once than a small machine has processors leave none of these idle, and tablets wait for their polls.
	$(TEST) -timeout 45m -parallel 6 -skip '$(TIMED)' ./internal/journey

.PHONY: test-sweeps
test-sweeps:
	$(TEST) -run '$(SWEEPS)' ./internal/web ./cmd/ateliers

.PHONY: test-kills
test-kills:
	$(TEST) -timeout 20m -run '$(KILLS)' ./internal/storm

.PHONY: test-timed
test-timed:
	$(TEST) -run '$(TIMED)' ./internal/journey
	$(TEST) -timeout 20m -skip '$(KILLS)|$(AT_NIGHT)' ./internal/storm

.PHONY: test-fuzz
test-fuzz: export CGO_CFLAGS = -O0 # all is compiled once more, with traces: SQLite too, which no parser needs
test-fuzz: ## Let go's fuzzing look for what breaks each parser, FUZZTIME (10s) for each
	@.ci/fuzz $(FUZZTIME)

.PHONY: test-nightly
test-nightly: SHUFFLE = on
test-nightly: prepare ## The same with the long rounds of the model and the storm, and a report in bin/faults.md; takes two hours
	@# 500 runs of 1,000 steps. The race detector watches the short ones: here it would take three times as long.
	ATELIERS_TEST_NIGHTLY=1 ATELIERS_TEST_LONG_MODEL=1 go test -run '^TestModel$$' -timeout 2h ./internal/booking
	ATELIERS_TEST_NIGHTLY=1 $(TEST) -race -timeout 6h $(OTHERS)
	ATELIERS_TEST_NIGHTLY=1 $(TEST) -race -timeout 6h ./internal/journey
	@$(MAKE) --no-print-directory test-faults

.PHONY: test-faults
test-faults: SHUFFLE = on
test-faults: ## The storm of test-nightly alone, with its report
	@# What the faults did is told in a file with figures; a part of them needs root, to mount a small disk.
	@mkdir -p bin && printf '# What the faults did\n\n%s, commit %s, %s processors\n\n| criterion | test | what happened |\n|---|---|---|\n' "$$(date -u +%FT%RZ)" "$$(git rev-parse --short HEAD)" "$$(nproc)" > $(REPORT)
	ATELIERS_REPORT=$(REPORT) ATELIERS_TEST_NIGHTLY=1 $(TEST) -race -timeout 6h ./internal/storm
	@cat $(REPORT)

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
	@# The five minutes of an opening in half a one (docs/load.md)
	go test -run '^$$' -bench Opening -benchtime 1x ./internal/storm
	go test -run '^$$' -bench . ./internal/document
	go test -run '^$$' -bench FiveYears -benchtime 5x ./internal/past ./internal/web
	go test -run '^$$' -bench Workbook -benchtime 3x ./internal/table
