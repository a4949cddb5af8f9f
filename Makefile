# make run builds a release and runs the main job; make test is the whole check. Both install what they lack.
PREFIX ?= /usr/local
RELEASE := swift build -c release --static-swift-stdlib
BINARY := .build/release/pcie-harness
DOCC := $(dir $(shell command -v swift))docc

.PHONY: help run build programs qemu guest test test-zephyr lint bench docs completions install clean

help:
	@echo 'make run          build a release and run suites/dma.yaml; needs no simulator'
	@echo 'make programs     build the programs of the suites native*, pipe and warp-pipe*'
	@echo 'make qemu         QEMU, a Linux kernel and busybox for the suites qemu*, in .tools; about 30 s and 350 MB'
	@echo 'make guest        what the suites qemu* boot: a Linux guest with its agent, and firmware'
	@echo 'make test         build and run all tests'
	@echo 'make test-zephyr  build the Zephyr applications with the tree in ZEPHYR_BASE, and run the suites with them'
	@echo 'make lint         format and house rules'
	@echo 'make bench        measure, and fail on a broken gate'
	@echo 'make docs         the documentation as a web site, in .build/docs'
	@echo 'make completions  shell completions, in .build/completions'
	@echo 'make install      install below PREFIX=$(PREFIX)'

build:
	@.ci/setup run
	@echo 'build: a release; the first one takes a few minutes'
	@$(RELEASE) --product pcie-harness

run: build
	@mkdir -p harness-out
	@echo 'run: $(BINARY) run suites/dma.yaml --junit harness-out/dma.xml'
	@$(BINARY) run suites/dma.yaml --junit harness-out/dma.xml

programs:
	@echo 'programs: Twister/apps and the other C programs of the suites, in Suites/build'
	@$(MAKE) --no-print-directory -s -C Twister/apps OUT=$(CURDIR)/Suites/build

qemu:
	@.ci/qemu

PROGRAM ?= $(firstword $(wildcard $(BINARY) .build/debug/pcie-harness))
# The files that a Linux guest boots with, and firmware: for riscv64, and of 64 KiB that does nothing but cli and hlt.
guest: qemu
	@[ -n '$(PROGRAM)' ] || { echo 'guest: nothing is built that packs the archive; run make or swift build first'; exit 1; }
	@$(MAKE) --no-print-directory -s -C Boards/guest OUT=$(CURDIR)/Suites/build
	@$(MAKE) --no-print-directory -s -C Boards/firmware/riscv64 OUT=$(CURDIR)/Suites/build
	@mkdir -p Suites/build/linux
	@ln -f .tools/boot/vmlinux Suites/build/linux/vmlinux 2>/dev/null || cp .tools/boot/vmlinux Suites/build/linux/vmlinux
	@printf '\372\364\353\375%.0s' $$(seq 16384) >Suites/build/halt.bin
	@$(PROGRAM) initramfs Suites/build/linux/initramfs \
	  init=Suites/build/guest-agent bin/busybox=.tools/boot/busybox \
	  lib/uio.ko=.tools/boot/uio.ko lib/uio_pci_generic.ko=.tools/boot/uio_pci_generic.ko

# Without a network the suites with QEMU are skipped, those of an older recipe too, but not where nobody reads that.
test:
	@.ci/setup test
	@.ci/qemu || { [ -z "$$CI" ] && rm -f .tools/complete && echo 'test: without QEMU; its suites are skipped'; }
	@echo 'test: building; the first time takes a few minutes'
	@swift build --build-tests
	@[ ! -e .tools/complete ] || $(MAKE) --no-print-directory -s guest PROGRAM=.build/debug/pcie-harness
	@swift test --skip-build

# Images of Zephyr; the tree is the user's own. A debug build of the program is enough.
test-zephyr: programs
	@[ -n '$(PROGRAM)' ] || { echo 'test-zephyr: pcie-harness is not built; run make or swift build first'; exit 1; }
	@.ci/zephyr $(PROGRAM)

lint:
	@echo 'lint: format'
	@swift format lint --strict --parallel -r Sources Tests Package.swift
	@echo 'lint: house rules'
	@swift test --filter TidyTests

bench:
	@.ci/setup bench
	@echo 'bench: building a release, and the benchmark once more without hooks for faults'
	@$(RELEASE)
	@$(RELEASE) --product Benchmark --scratch-path .build-without-hooks -Xswiftc -DWITHOUT_FAULT_HOOKS
	@.build/release/Benchmark --without-hooks .build-without-hooks/release/Benchmark

docs:
	@$(DOCC) convert Sources/PCIeHarness/Documentation.docc --output-dir .build/docs \
	  --fallback-display-name pcie-harness --fallback-bundle-identifier pcie-harness --warnings-as-errors
	@echo 'docs: .build/docs; read them with: docc preview, or any web server'

completions: build
	@mkdir -p .build/completions
	@$(BINARY) --generate-completion-script bash > .build/completions/pcie-harness.bash
	@$(BINARY) --generate-completion-script zsh > .build/completions/_pcie-harness
	@$(BINARY) --generate-completion-script fish > .build/completions/pcie-harness.fish
	@echo 'completions: .build/completions'

install: completions
	install -D -s -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/pcie-harness
	install -D -m 644 .build/completions/pcie-harness.bash \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pcie-harness
	install -D -m 644 .build/completions/_pcie-harness $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_pcie-harness
	install -D -m 644 .build/completions/pcie-harness.fish \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/pcie-harness.fish

clean:
	rm -rf .build .build-asan .build-fuzz .build-without-hooks
