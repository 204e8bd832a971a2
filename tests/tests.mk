# SPDX-License-Identifier: MIT
# Tests. `make check` installs what is missing, builds and runs everything.
#   make check-unit, check-tsan, check-fuzz, check-guest, check-system, check-guarantee,
#   check-libvirt, check-npt, check-ept, check-linux, check-debian: a part
#   make check ONLY=wdm_*: tests by name
#   make check-releases, check-kernels: on other releases of Debian, and with other kernels of Debian's;
#   make check-packages: the Debian packages, on Debian 12 and 13;
#   not part of make check, for they take too long

SAN     := $(B)/san
SAN_O   := $(patsubst %.c,$(SAN)/%.o,$(filter-out vmm/main.c,$(VMM_C)) $(wildcard vmm/client/*.c))
SAN_MAIN := $(SAN)/vmm/main.o

$(SAN)/%.o: %.c | $(PROTO_H) $(DSDT)
	@mkdir -p $(@D)
	$(call says,CC,$<)$(CC) $(CPPFLAGS) $(WARN) -O1 -g $(SANITIZE) -pthread -MMD -MP -c -o $@ $<

# An archive: each test takes only what it names.
$(SAN)/libvmm.a: $(SAN_O) $(PROTO_O)
	@rm -f $@
	$(call says,AR)$(AR) rcs $@ $^

$(SAN)/holdfast-vmm: $(SAN_MAIN) $(SAN)/libvmm.a
	$(call says,LD)$(CC) $(SANITIZE) -pthread -o $@ $^ $(VMM_LIBS)

$(SAN)/holdfast-exporter: $(patsubst %.c,$(SAN)/%.o,$(wildcard vmm/exporter/*.c vmm/metrics/*.c)) $(SAN)/libvmm.a
	$(call says,LD)$(CC) $(SANITIZE) -pthread -o $@ $^ $(EXPORTER_LIBS)

# cmocka 2 calls assert_in_range() deprecated; cmocka 1 has nothing else.
CMOCKA_WARN := $(WARN) -Wno-deprecated-declarations

UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*.c))

$(B)/tests/unit/%: tests/unit/%.c $(SAN)/libvmm.a
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(CPPFLAGS) $(CMOCKA_WARN) -O1 -g $(SANITIZE) -pthread -MMD -MP -o $@ $< $(SAN)/libvmm.a \
	    -lcmocka $(VMM_LIBS)

# The filters of a build with sanitizers allow what these ask for.
$(B)/obj/libvmm.a: $(filter-out $(B)/obj/vmm/main.o,$(VMM_O)) $(PROTO_O)
	@rm -f $@
	$(call says,AR)$(AR) rcs $@ $^

$(B)/tests/unit/sandbox_%: tests/unit/sandbox_%.c $(B)/obj/libvmm.a
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(CPPFLAGS) $(CMOCKA_WARN) -O1 -g -pthread -MMD -MP -o $@ $< $(B)/obj/libvmm.a -lcmocka $(VMM_LIBS)

include tests/fuzz/fuzz.mk

GUEST_TESTS := $(patsubst tests/guest/%.c,$(B)/tests/guest/%.elf,$(wildcard tests/guest/*.c))

$(B)/tests/guest/%.elf: $(B)/guest-obj/tests/guest/%.o $(B)/libnano.a guest/nano/nano.ld
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(GUEST_LDFLAGS) -o $@ $< $(B)/libnano.a

SYSTEM_TOOLS := $(patsubst tests/system/%.c,$(B)/tests/system/%,$(wildcard tests/system/*.c))

$(B)/tests/system/%: tests/system/%.c $(PROTO_O)
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(CPPFLAGS) $(WARN) -O1 -g -pthread -MMD -MP -o $@ $< $(PROTO_O) -lprotobuf-c

include tests/tsan.mk
include tests/guarantee/guarantee.mk
include tests/libvirt/libvirt.mk

include tests/linux/linux.mk

.PHONY: tests check check-unit check-tsan check-fuzz check-guest check-system check-guarantee check-libvirt check-npt check-ept check-linux check-debian \
    test-vm-dependencies debian-vm-dependencies debian-staged
tests: programs guests $(UNIT_TESTS) $(TSAN_TESTS) $(FUZZ_TESTS) $(GUEST_TESTS) $(SYSTEM_TOOLS) \
    $(SAN)/holdfast-vmm $(SAN)/holdfast-exporter $(GUARANTEE_GUESTS) $(GUARANTEE_TOOLS) $(LIBVIRT_GUESTS) $(LIBVIRT_TOOLS)

# Without what the test VM needs, its tests are skipped, and tell why.
test-vm-dependencies: build-dependencies
	@deploy/dependencies.sh test-vm || true

# The same for the Debian VM's, which starts with what is installed there.
debian-vm-dependencies: build-dependencies
	@deploy/dependencies.sh debian-vm || true

# With the libraries that another release of Debian has only in other versions.
debian-staged: programs guests
	@rm -rf $(B)/debian/staged $(B)/debian/libraries
	@$(MAKE) --no-print-directory -s install PREFIX=/usr DESTDIR=$(abspath $(B))/debian/staged >/dev/null
	@BUILD=$(B) bash tests/debian/libraries.bash

# The dependencies come first, in a make of their own: a fresh machine has not even protoc.
check check-libvirt check-npt check-ept check-linux: test-vm-dependencies
check check-linux: linux-kernels
check-debian: debian-vm-dependencies
check check-unit check-tsan check-fuzz check-guest check-system check-guarantee check-libvirt check-npt check-ept check-linux check-debian: dependencies
	@$(MAKE) --no-print-directory -j$(shell nproc) WERROR=1 tests $(if $(filter check check-linux,$@),linux-tests) $(if $(filter check-debian,$@),debian-staged)
	@BUILD=$(B) $(if $(filter check,$@),EPT=some) tests/run.sh $(if $(filter check,$@),npt ept linux unit tsan fuzz guest system guarantee libvirt,$(@:check-%=%)) $(if $(ONLY),only '$(ONLY)')

# Without it, its test is skipped, and tells why.
.PHONY: prometheus
prometheus: dependencies
	@BUILD=$(B) deploy/prometheus/fetch.sh || true
check check-system: prometheus

RELEASES ?= trixie sid
.PHONY: check-releases
check-releases:
	@deploy/dependencies.sh releases
	@BUILD=$(B) tests/releases/check.sh $(RELEASES)

# RELEASES, PARTS: tests/packages/check.sh has which; it takes roots of its own.
.PHONY: check-packages
check-packages: test-vm-dependencies
	@deploy/dependencies.sh tests releases
	@$(MAKE) --no-print-directory -j$(shell nproc) WERROR=1 tests linux-tests
	@BUILD=$(B) PARTS='$(PARTS)' tests/packages/check.sh $(if $(filter command line environment,$(origin RELEASES)),$(RELEASES))

KERNELS ?= 6.1-cloud 6.12-cloud newest-cloud
.PHONY: check-kernels
check-kernels: dependencies test-vm-dependencies
	@$(MAKE) --no-print-directory -j$(shell nproc) WERROR=1 tests
	@BUILD=$(B) ONLY='$(ONLY)' tests/kernels/check.sh $(KERNELS)

# Neither is built: CBMC and spin read the sources. ONLY: names of them.
.PHONY: prove model analyze numbers
prove:
	@BUILD=$(B) MISTAKES=$(MISTAKES) tests/proofs/run.sh $(ONLY) || [ $$? -eq 77 ]
model:
	@tests/models/run.sh $(ONLY) || [ $$? -eq 77 ]

# With the headers that the build makes.
analyze: dependencies
	@deploy/dependencies.sh analyze || true
	@$(MAKE) --no-print-directory -s programs
	@BUILD=$(B) tests/analyze/run.sh

# What a text on security may quote; SECONDS for each target that is fuzzed.
numbers: dependencies
	@$(MAKE) --no-print-directory -s programs
	@BUILD=$(B) tests/numbers.sh $(SECONDS)

.SECONDARY:
-include $(wildcard $(SAN)/vmm/*.d $(SAN)/vmm/*/*.d $(B)/tests/*/*.d $(B)/guest-obj/tests/guest/*.d)
