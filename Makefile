# `make help` lists what there is to make.
.POSIX:
.SUFFIXES:
.PHONY: all build prepare demo test test-swift test-c test-python test-cli test-guide test-example test-neon test-bench test-family test-long fuzz bench bench-frechet bench-growth bench-likelihoods bench-setup wheel reference man docs lint install uninstall clean help

CC = cc
PREFIX = /usr/local
SHARE = $(PREFIX)/share
DESTDIR =
SECONDS = 60
SEED =
MNIST =
VERSION = 0.1.0
# Debian's compiler and headers; the library itself is described in the README.
LIBRARIES = libopenblas-dev libpng-dev libjpeg62-turbo-dev libgif-dev zlib1g-dev libjansson-dev libsndfile1-dev pkg-config
SWIFT_BUILD = swift build -c release --scratch-path .build-release -Xswiftc -static-stdlib -Xswiftc -use-ld=lld
SWIFT_TEST = swift test -c release -Xswiftc -enable-testing --no-parallel
PYTHON = $(shell .ci/test-python)

all: build ## build/libswiftgan.so and build/swiftgan

prepare:
	@.ci/check-swift
	@.ci/install-packages $(LIBRARIES)

# The library stays in memory after dlclose (nodelete): its threads, thread-specific data and fork handlers do.
build: prepare
	@mkdir -p build
	$(SWIFT_BUILD) --product swiftgan -Xlinker -soname=libswiftgan.so.0 -Xlinker -z -Xlinker nodelete -Xlinker --version-script="$(CURDIR)/include/exports.map"
	@strip -o build/libswiftgan.so.tmp .build-release/release/libswiftgan.so
	@mv build/libswiftgan.so.tmp build/libswiftgan.so
	@ln -sf libswiftgan.so build/libswiftgan.so.0
	$(SWIFT_BUILD) --product swiftgan-cli
	@strip -o build/swiftgan.tmp .build-release/release/swiftgan-cli
	@mv build/swiftgan.tmp build/swiftgan

demo: ## the build, then three minutes of training on Fashion-MNIST, pictures in demo/
	@.ci/check-swift
	@.ci/install-packages $(LIBRARIES) dataset-fashion-mnist
	@$(MAKE) --no-print-directory build
	@build/swiftgan train /usr/share/datasets/fashion-mnist --minutes 2.9 --width 32 --average 0.99 --out demo --overwrite
	@echo
	@echo 'demo/samples.png: images that the generator made; demo/progress.png: the same latents over the training, animated;'
	@echo 'demo/curve.png: both costs; demo/model.safetensors: the model. What to try next:'
	@echo '  more training  build/swiftgan resume demo --minutes 3'
	@echo '  C              make -C bindings/c example'
	@echo '  Python         PYTHONPATH=bindings/python python3 -c "import swiftgan; print(swiftgan.Model.load(\"demo/model.safetensors\").sample(4).shape)"'
	@echo '  Swift          swift run -c release --package-path bindings/swift Ring'

test: ## every test: Swift, C, Python, the command, the example package, the benchmark's own code
	@.ci/check-swift
	@.ci/install-packages $(LIBRARIES) gcc g++ binutils
	@$(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory test-swift test-c test-python test-cli test-guide test-example test-bench

test-swift: prepare
	$(SWIFT_TEST)

test-c: build
	Tests/C/run.sh build/libswiftgan.so
	Tests/C/install.sh
	$(MAKE) -C bindings/c test

test-python: build
	PYTHONPATH=bindings/python $(PYTHON) -m pytest -q -rs bindings/python/tests

test-cli: build
	$(PYTHON) -m pytest -q -rs -p no:cacheprovider Tests/CLI

test-guide: build ## every command of docs/guide.md and README, with few steps
	docs/test.sh

test-example: prepare
	swift run -c release --package-path bindings/swift --scratch-path .build-example Ring 50
	swift run -c release --package-path bindings/swift --scratch-path .build-example Own 50
	swift run -c release --package-path bindings/swift --scratch-path .build-example OwnPenalty 50
	swift run -c release --package-path bindings/swift --scratch-path .build-example OwnFamily 50
	swift run -c release --package-path bindings/swift --scratch-path .build-example Readme
	Tests/Collision/run.sh

# Without the rivals: what the benchmark computes itself.
test-bench:
	$(PYTHON) -m pytest -q -rs -p no:cacheprovider Tests/Benchmarks

test-neon: ## the kernels for 64-bit ARM, under an emulator
	@.ci/check-swift
	@.ci/install-packages qemu-user-static libc6-dev-arm64-cross libgcc-12-dev-arm64-cross
	Tests/Kernels/neon.sh

test-long: build ## learning runs, an hour or more; with MNIST=folder also learning from 100 labels and stacked digits
	SWIFTGAN_LONG=1 SWIFTGAN_MNIST=$(MNIST) $(SWIFT_TEST) --filter Long
	OPENBLAS_NUM_THREADS=1 PYTHONPATH=bindings/python $(PYTHON) Tests/Learning/reinforcement.py
	Tests/Toy/run.sh

test-family: ## a family of one file and one line, added to a copy of this checkout, works through every door
	Tests/Toy/run.sh

bench-frechet: build ## Fréchet distances after the same training by PyTorch (bench-setup, dataset-fashion-mnist)
	@Tests/Benchmarks/.venv/bin/python -c 'import torch' 2>/dev/null || { echo "bench-frechet compares with PyTorch, which is not there: please run 'make bench-setup'" >&2; exit 1; }
	Tests/Benchmarks/.venv/bin/python Tests/Benchmarks/frechet.py

bench-likelihoods: build ## bits per element after the same training by PyTorch (bench-setup, dataset-fashion-mnist; SPEECH=folder of WAV files)
	@Tests/Benchmarks/.venv/bin/python -c 'import torch' 2>/dev/null || { echo "bench-likelihoods compares with PyTorch, which is not there: please run 'make bench-setup'" >&2; exit 1; }
	Tests/Benchmarks/.venv/bin/python Tests/Benchmarks/likelihoods.py $(if $(SPEECH),--speech $(SPEECH))

fuzz: build ## damaged files and configurations, SECONDS=60 of them
	Tests/Fuzz/run.sh $(SECONDS) $(SEED)

bench-setup: ## the rivals: PyTorch, JAX, ONNX Runtime and OpenVINO in a virtual environment of its own, C++ programs with dlib and LibTorch
	Tests/Benchmarks/setup.sh

bench: build ## against the rivals; QUICK=1 takes less than eight minutes, ONLY=steps,sampling some parts, ALL=1 also rivals that lose by far
	Tests/Benchmarks/run.sh

bench-growth: build ## how a step's time and memory grow with batch, width, side, depth, classes and columns; QUICK=1: under two minutes
	Tests/Benchmarks/run.sh growth.py

reference: build ## docs/configuration.md and the header's list of data formats anew, after a change of a setting
	build/swiftgan schema | python3 docs/configuration.py >docs/configuration.md
	build/swiftgan help data | python3 docs/formats.py include/swiftgan.h

man: build ## the manual pages anew, after a change of the command's options
	Sources/swiftgan-cli/man/generate.sh

docs: build ## build/docs, the documentation of the Swift package as web pages
	.ci/make-docs

wheel: build ## dist/swiftgan-*.whl, a Python package with the library and all that it needs inside
	.ci/make-wheel

lint: ## format and warnings
	@.ci/check-swift
	@.ci/lint

install: build ## library, header, pkg-config and CMake files, command with manual and completions, documentation under PREFIX (/usr/local)
	install -d "$(DESTDIR)$(PREFIX)"/lib/pkgconfig "$(DESTDIR)$(PREFIX)"/lib/cmake/swiftgan "$(DESTDIR)$(PREFIX)"/include "$(DESTDIR)$(PREFIX)"/bin
	install -m 755 build/libswiftgan.so "$(DESTDIR)$(PREFIX)"/lib/libswiftgan.so.$(VERSION)
	ln -sf libswiftgan.so.$(VERSION) "$(DESTDIR)$(PREFIX)"/lib/libswiftgan.so.0
	ln -sf libswiftgan.so.0 "$(DESTDIR)$(PREFIX)"/lib/libswiftgan.so
	install -m 644 include/swiftgan.h "$(DESTDIR)$(PREFIX)"/include/swiftgan.h
	install -m 755 build/swiftgan "$(DESTDIR)$(PREFIX)"/bin/swiftgan
	install -d "$(DESTDIR)$(SHARE)"/man/man1 "$(DESTDIR)$(SHARE)"/bash-completion/completions "$(DESTDIR)$(SHARE)"/zsh/site-functions "$(DESTDIR)$(SHARE)"/fish/vendor_completions.d
	install -m 644 Sources/swiftgan-cli/man/*.1 "$(DESTDIR)$(SHARE)"/man/man1
	build/swiftgan --generate-completion-script bash > "$(DESTDIR)$(SHARE)"/bash-completion/completions/swiftgan
	build/swiftgan --generate-completion-script zsh > "$(DESTDIR)$(SHARE)"/zsh/site-functions/_swiftgan
	build/swiftgan --generate-completion-script fish > "$(DESTDIR)$(SHARE)"/fish/vendor_completions.d/swiftgan.fish
	case '$(PREFIX)' in /usr|/usr/local) rpath= ;; *) rpath=' -Wl,-rpath,$${libdir}' ;; esac; \
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' -e "s|@RPATH@|$$rpath|" include/swiftgan.pc.in > "$(DESTDIR)$(PREFIX)"/lib/pkgconfig/swiftgan.pc
	install -m 644 include/cmake/swiftgan-config.cmake "$(DESTDIR)$(PREFIX)"/lib/cmake/swiftgan/
	sed -e 's|@VERSION@|$(VERSION)|' include/cmake/swiftgan-config-version.cmake.in > "$(DESTDIR)$(PREFIX)"/lib/cmake/swiftgan/swiftgan-config-version.cmake
	install -d "$(DESTDIR)$(SHARE)"/doc/swiftgan/docs/pictures "$(DESTDIR)$(SHARE)"/doc/swiftgan/examples "$(DESTDIR)$(SHARE)"/swiftgan
	install -m 644 LICENSE README.md CHANGELOG.md "$(DESTDIR)$(SHARE)"/doc/swiftgan
	install -m 644 docs/licenses.md docs/guide.md docs/configuration.md "$(DESTDIR)$(SHARE)"/doc/swiftgan/docs
	install -m 644 docs/pictures/* "$(DESTDIR)$(SHARE)"/doc/swiftgan/docs/pictures
	install -m 644 bindings/c/*.c bindings/c/example.h "$(DESTDIR)$(SHARE)"/doc/swiftgan/examples
	install -m 644 bindings/c/valgrind.supp "$(DESTDIR)$(SHARE)"/swiftgan
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" -eq 0 ]; then ldconfig; fi

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)"/lib/libswiftgan.so* "$(DESTDIR)$(PREFIX)"/include/swiftgan.h "$(DESTDIR)$(PREFIX)"/bin/swiftgan "$(DESTDIR)$(PREFIX)"/lib/pkgconfig/swiftgan.pc
	rm -rf "$(DESTDIR)$(PREFIX)"/lib/cmake/swiftgan "$(DESTDIR)$(SHARE)"/doc/swiftgan "$(DESTDIR)$(SHARE)"/swiftgan
	rm -f "$(DESTDIR)$(SHARE)"/man/man1/swiftgan.1 "$(DESTDIR)$(SHARE)"/man/man1/swiftgan-*.1
	rm -f "$(DESTDIR)$(SHARE)"/bash-completion/completions/swiftgan "$(DESTDIR)$(SHARE)"/zsh/site-functions/_swiftgan "$(DESTDIR)$(SHARE)"/fish/vendor_completions.d/swiftgan.fish

clean: ## everything that was built
	rm -rf build dist .build .build-release .build-* demo

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22
