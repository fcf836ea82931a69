# Everything that people run. `make help` lists it. Downloads and built test systems are kept outside the repository, in $(CACHE).
CACHE   ?= $(or $(ALLUXIO_MESOS_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/alluxio-mesos)
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  = -s -w -X main.version=$(VERSION)
GO       = go
BUILD    = CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)'
LINT     = $(CACHE)/bin/golangci-lint-$(shell sed -n 's|.*golangci/golangci-lint/v2 \(v[0-9.]*\).*|\1|p' scripts/tools.mod)

.PHONY: help build release demo check test test-all faults lint race fuzz simulate bench docs keys prerequisites clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

build: ## build bin/alluxio-mesos for this machine
	$(BUILD) -o bin/alluxio-mesos ./cmd/alluxio-mesos

release: ## build static binaries for Linux amd64 and arm64 in dist/
	GOOS=linux GOARCH=amd64 $(BUILD) -o dist/alluxio-mesos-linux-amd64 ./cmd/alluxio-mesos
	GOOS=linux GOARCH=arm64 $(BUILD) -o dist/alluxio-mesos-linux-arm64 ./cmd/alluxio-mesos

demo: prerequisites build ## run Alluxio on Mesos on this machine; Ctrl-C cleans up, DEMO_ONCE=1 ends by itself
	$(GO) run ./integration/demo $(if $(DEMO_ONCE),--once)

UNIT = $$($(GO) list ./... | grep -v /integration/)
check: lint ## before each commit: linters and unit tests without genuine Mesos, of what has changed since the last time
	$(GO) test -skip Genuine $(UNIT)

test: prerequisites lint build ## everything but test-all: linters, unit tests, 1,000 seeds, the whole system on genuine Mesos and Alluxio
	$(MAKE) simulate SEEDS=1000
	$(GO) test -timeout 40m ./...

test-all: build ## the whole system with Alluxio 1.4.0 and 1.5.0 and with Mesos 1.4.3, 1.7.3 and 1.10.0, and what takes many minutes, too
	@scripts/install-prerequisites.sh --all
	$(GO) test -timeout 120m -tags testall ./integration/...

ROUNDS ?= 1
faults: prerequisites ## break one thing at a time, ROUNDS times, and print the recovery times; UPDATE=1 puts them into docs/reliability.md
	scripts/faults.sh $(ROUNDS)

race: ## unit tests under the race detector
	$(GO) test -race -timeout 20m $(UNIT)

FUZZTIME ?= 30s
fuzz: ## every fuzz target for FUZZTIME
	scripts/fuzz.sh $(FUZZTIME)

SEEDS ?= 10000
FIRST ?= 1
simulate: ## the scheduler's simulator: SEEDS seeds from FIRST on, a crash at every moment of a story, restored copies of the state
	GOGC=400 $(GO) test ./scheduler/cluster -run 'TestSimulate|TestACrashAt|TestACopyOf' -first $(FIRST) -seeds $(SEEDS) -timeout 120m

bench: prerequisites build ## benchmarks beside their peers; the numbers of docs/performance.md
	scripts/bench/run.sh

docs: ## rewrite docs/configuration.md from the table of keys
	$(GO) test ./config -run TheConfigurationPage -update

keys: ## rewrite the table of Alluxio's properties from the classes of its versions
	$(GO) test -tags testall ./integration/testkit/realalluxio -run TestTheTableOfAlluxiosPropertiesIsWhatTheirClassSays -update

lint: $(LINT) ## linters; go.mod requires what is imported and nothing else
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(GO) run ./scripts/words docs/decisions.md CHANGELOG.md cmd/alluxio-mesos/earlier_status.go
	$(LINT) run ./...

$(LINT): scripts/tools.mod
	mkdir -p $(@D)
	@# Module mirrors fail for moments.
	cd scripts && for wait in 2 4 8 16 0; do \
		$(GO) build -modfile=tools.mod -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint && exit; sleep $$wait; done; exit 1

prerequisites: ## install what is missing on Debian, or say the one command that does
	@scripts/install-prerequisites.sh

clean: ## remove what was built in this folder
	rm -rf bin dist
