# SPDX-License-Identifier: MIT
# Targets of libFuzzer, one file each: tests/fuzz/target.h. `make check` replays their corpora, and
# tries some inputs made by chance, with gcc's sanitizers; that needs no clang. HOLDFAST_SEED and
# HOLDFAST_SECONDS change those.
#   make fuzz                                   lists the targets
#   make fuzz TARGET=kernel SECONDS=600         looks for new inputs, guided by coverage, on all cores
#   make fuzz-corpus TARGET=kernel              takes those that reach more into the tree's corpus

FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_TESTS   := $(FUZZ_TARGETS:%=$(B)/tests/fuzz/%)

$(B)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/driver/replay.c guest/lib/status_names.c $(SAN)/libvmm.a
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(CPPFLAGS) $(CMOCKA_WARN) -O1 -g $(SANITIZE) -pthread -MMD -MP -o $@ $(filter %.c %.a,$^) \
	    -lcmocka $(VMM_LIBS)

# ---- with clang ----

FUZZ       := $(B)/fuzz
CLANG      ?= clang
SECONDS    ?= 60
FUZZ_C     := $(filter-out vmm/main.c,$(VMM_C))
FUZZ_O     := $(FUZZ_C:%.c=$(FUZZ)/%.o) $(FUZZ)/proto.o
# gcc is the compiler whose warnings count.
FUZZ_FLAGS := -std=gnu11 -w -O2 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
              -fno-omit-frame-pointer -pthread

$(FUZZ)/%.o: %.c | $(PROTO_H) $(DSDT)
	@mkdir -p $(@D)
	$(call says,CLANG,$<)$(CLANG) $(CPPFLAGS) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<

$(FUZZ)/proto.o: $(PROTO_C)
	@mkdir -p $(@D)
	$(call says,CLANG,$<)$(CLANG) $(CPPFLAGS) $(FUZZ_FLAGS) -c -o $@ $<

$(FUZZ)/libvmm.a: $(FUZZ_O)
	@rm -f $@
	$(call says,AR)$(AR) rcs $@ $^

$(FUZZ)/bin/%: tests/fuzz/%.c guest/lib/status_names.c $(FUZZ)/libvmm.a
	@mkdir -p $(@D)
	$(call says,CLANG,$<)$(CLANG) $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer -MMD -MP -o $@ $(filter %.c %.a,$^) \
	    -lcmocka $(VMM_LIBS)

.PHONY: fuzz fuzz-corpus
fuzz fuzz-corpus:
ifeq ($(TARGET),)
	@tests/fuzz/driver/fuzz.sh list
else
	@[ -e tests/fuzz/$(TARGET).c ] || { echo "there is no target $(TARGET); make fuzz lists them" >&2; exit 1; }
	@deploy/dependencies.sh build tests fuzz || true
	@command -v $(CLANG) >/dev/null || { echo "skipped: $(CLANG) is not there and cannot be" \
	    "installed; make check-fuzz replays the corpora without it" >&2; exit 77; }
	@$(MAKE) --no-print-directory -j$(shell nproc) $(FUZZ)/bin/$(TARGET)
	@BUILD=$(B) tests/fuzz/driver/fuzz.sh $(if $(filter fuzz,$@),run $(TARGET) $(SECONDS),keep $(TARGET))
endif

-include $(wildcard $(FUZZ)/vmm/*.d $(FUZZ)/vmm/*/*.d $(FUZZ)/bin/*.d)
