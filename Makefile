# Thin wrappers around cmake/setup.sh and the CMake presets. `make help` lists them.
PRESET ?= release
PORT ?= 4747
OUT ?= dist
programs = nairi_mock_app nairi nairi_contract_app
# $(1): with the tests or without. Notices and errors come on stderr.
configure = cmake --preset $(PRESET) --log-level=NOTICE -DNAIRI_MOCK_TESTS=$(1) >/dev/null
# One line of progress on a terminal, silence elsewhere; errors always show.
ninja = $$([ -t 2 ] || echo --quiet)

.PHONY: help build quick demo serve test bench soak dist test-packages format clean
.PHONY: setup-build setup-test setup-bench setup-dist setup-packages
.DEFAULT_GOAL := help

help:
	@echo "make demo    build, then play the quickstart conversation against the fake"
	@echo "make serve   build, then serve the fake on 127.0.0.1:$(PORT) (PORT=... for another)"
	@echo "make build   build the optimized executables into build/bin/"
	@echo "make test    build and run all tests"
	@echo "make soak    an hour of mixed load: memory, descriptors, answers (SOAK_SECONDS=60: a minute)"
	@echo "make bench   measure speed and memory, beside nginx (takes seven minutes)"
	@echo "make dist    build what is given to people into $(OUT)/ (OUT=... for another folder)"
	@echo "make test-packages  test what lies there as a stranger would"
	@echo "make format  run clang-format over the sources"
	@echo "make clean   delete build/"
	@echo "Missing Debian packages are installed with apt (sudo is used when not root)."

setup-build setup-test setup-bench setup-dist setup-packages: setup-%:
	@cmake/setup.sh $*

# Tests are configured only by `make test`: the rest needs no test libraries.
# What plays a conversation is built first, and alone where no more is asked for.
build: quick
	@cmake --build build --target $(programs) -- $(ninja)

quick: setup-build
	@[ -f build/build.ninja ] || $(call configure,OFF)
	@cmake --build build --target nairi_mock_app nairi -- $(ninja)

demo: quick
	@tests/quickstart/demo.sh build/bin

serve: quick
	@exec build/bin/nairi-mock serve --port $(PORT)

test: setup-test
	@$(call configure,ON)
	@cmake --build build -- $(ninja)
	@ctest --preset $(PRESET)

bench: setup-bench
	@$(call configure,ON)
	@cmake --build build --target nairi_mock_app engine_bench epoll_loop -- $(ninja)
	@tests/bench/run.py build

soak: setup-test
	@[ -f build/build.ninja ] || $(call configure,OFF)
	@cmake --build build --target nairi_mock_app -- $(ninja)
	@tests/soak/soak.py build/bin/nairi-mock

dist: setup-dist
	@packaging/all.sh build $(OUT)

test-packages: setup-packages
	@packaging/all.sh test $(OUT)

format:
	@git ls-files -co --exclude-standard '*.h' '*.cc' 'server/inspector/*.js' | xargs clang-format-14 -i

clean:
	@rm -rf build
