# SPDX-License-Identifier: MIT
# `make tsan`: the unit tests that have threads, built with ThreadSanitizer; part of `make check`.
#   make tsan HOLDFAST_SECONDS=600 ONLY=arena_storm: the storm of calls for as long as that

TSAN   := $(B)/tsan
TSAN_C := $(filter-out vmm/main.c vmm/memory/place.c,$(VMM_C)) $(wildcard vmm/client/*.c) tests/tsan/host.c
TSAN_O := $(TSAN_C:%.c=$(TSAN)/%.o)
# -Wno-tsan: it does not know fences; the only one is between a vCPU's thread and KVM.
TSAN_FLAGS := -Wno-tsan -O1 -g -fsanitize=thread -fno-omit-frame-pointer -pthread

$(TSAN)/%.o: %.c | $(PROTO_H) $(DSDT)
	@mkdir -p $(@D)
	$(call says,CC,$<)$(CC) $(CPPFLAGS) $(WARN) $(TSAN_FLAGS) -MMD -MP -c -o $@ $<

# An archive, as the one of the other sanitizers.
$(TSAN)/libvmm.a: $(TSAN_O) $(PROTO_O)
	@rm -f $@
	$(call says,AR)$(AR) rcs $@ $^

# Those that start threads, a server that is one, or an arena, which has some.
# Filters are for a build without sanitizers.
TSAN_C_TESTS := $(filter-out tests/unit/sandbox_%.c,$(shell grep -lE 'pthread_create|control_serving\.h|arena_create' tests/unit/*.c))
TSAN_TESTS   := $(TSAN_C_TESTS:tests/unit/%.c=$(B)/tests/tsan/%)

$(B)/tests/tsan/%: tests/unit/%.c $(TSAN)/libvmm.a
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(CPPFLAGS) $(CMOCKA_WARN) $(TSAN_FLAGS) -MMD -MP -Wl,--wrap=pthread_attr_setstack \
	    -o $@ $< $(TSAN)/libvmm.a -lcmocka $(VMM_LIBS)

.PHONY: tsan
tsan: check-tsan

-include $(wildcard $(TSAN)/vmm/*.d $(TSAN)/vmm/*/*.d $(TSAN)/tests/tsan/*.d)
