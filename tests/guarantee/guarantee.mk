# SPDX-License-Identifier: MIT
# What the tests of the guarantee need: guests, tools, and VMMs that lack a precaution.
#   make check-guarantee: in a few minutes; part of `make check`
#   make soak: the same for SOAK times as long (default: 20), in the test VM as well

GUARANTEE := $(B)/tests/guarantee
SOAK ?= 20

GUARANTEE_GUESTS := $(patsubst tests/guarantee/guests/%.c,$(GUARANTEE)/%.elf,$(wildcard tests/guarantee/guests/*.c))
GUARANTEE_TOOL_O := $(patsubst tests/guarantee/tools/%.c,$(B)/obj/tests/guarantee/tools/%.o,$(wildcard tests/guarantee/tools/*.c))
GUARANTEE_TOOLS  := $(GUARANTEE)/allocations_fail.so $(GUARANTEE)/arena_watch $(GUARANTEE)/memory_taker $(GUARANTEE)/supervisor \
                    $(GUARANTEE)/vmm-malloc_on_map_path $(GUARANTEE)/vmm-no_ballast_thread \
                    $(GUARANTEE)/vmm-no_tables_ahead $(GUARANTEE)/vmm-maps_refused \
                    $(GUARANTEE)/vmm-large_entries $(GUARANTEE)/vmm-ram_large_entries \
                    $(GUARANTEE)/vmm-calls_of_one_cpu_refused \
                    $(GUARANTEE)/map_primitive_fails-no_rescue \
                    $(GUARANTEE)/reserve_allocation_fails-no_abandon \
                    $(GUARANTEE)/arena_hole_closed-no_plug $(GUARANTEE)/guest_without_pages-allocates.elf \
                    $(GUARANTEE)/merging $(GUARANTEE)/vmm-merging_allowed $(GUARANTEE)/vmm-forbidden_call

$(GUARANTEE)/%.elf: $(B)/guest-obj/tests/guarantee/guests/%.o $(B)/libnano.a guest/nano/nano.ld
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(GUEST_LDFLAGS) -o $@ $< $(B)/libnano.a

# Its malloc() and mmap() are declared with attributes that it cannot repeat.
$(GUARANTEE)/allocations_fail.so: tests/guarantee/tools/allocations_fail.c
	@mkdir -p $(@D)
	$(call says,LD)$(CC) -D_GNU_SOURCE $(WARN) -Wno-missing-prototypes -O1 -g -fPIC -fno-builtin -shared -MMD -MP -o $@ $<

$(GUARANTEE)/arena_watch: $(B)/obj/tests/guarantee/tools/arena_watch.o
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(GUARANTEE)/merging: $(B)/obj/tests/guarantee/tools/merging.o
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(GUARANTEE)/supervisor: $(B)/obj/tests/guarantee/tools/supervisor.o
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(GUARANTEE)/memory_taker: $(B)/obj/tests/guarantee/tools/memory_taker.o
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

WITHOUT = $(CC) $(CFLAGS) $(LDFLAGS) -Wl,--wrap=$(1) -o $@ $^ $(VMM_LIBS)

$(GUARANTEE)/vmm-malloc_on_map_path: $(B)/obj/tests/guarantee/tools/malloc_on_map_path.o $(VMM_O) $(PROTO_O)
	@mkdir -p $(@D)
	$(call says,LD)$(call WITHOUT,windows_commit_map)

$(GUARANTEE)/vmm-forbidden_call: $(B)/obj/tests/guarantee/tools/forbidden_call.o $(VMM_O) $(PROTO_O)
	@mkdir -p $(@D)
	$(call says,LD)$(call WITHOUT,windows_commit_map)

$(GUARANTEE)/vmm-no_ballast_thread: $(B)/obj/tests/guarantee/tools/no_ballast_thread.o $(VMM_O) $(PROTO_O)
	@mkdir -p $(@D)
	$(call says,LD)$(call WITHOUT,ballast_thread_start)

$(GUARANTEE)/vmm-no_tables_ahead: $(B)/obj/tests/guarantee/tools/no_tables_ahead.o $(VMM_O) $(PROTO_O)
	@mkdir -p $(@D)
	$(call says,LD)$(call WITHOUT,memory_prefault)

$(GUARANTEE)/vmm-large_entries: $(B)/obj/tests/guarantee/tools/arena_large_entries.o \
    $(B)/obj/tests/guarantee/tools/ram_large_entries.o $(VMM_O) $(PROTO_O)
	@mkdir -p $(@D)
	$(call says,LD)$(call WITHOUT,arena_place$(comma)--wrap=ram_place)

$(GUARANTEE)/vmm-ram_large_entries: $(B)/obj/tests/guarantee/tools/ram_large_entries.o $(VMM_O) $(PROTO_O)
	@mkdir -p $(@D)
	$(call says,LD)$(call WITHOUT,ram_place)

$(GUARANTEE)/vmm-maps_refused: $(B)/obj/tests/guarantee/tools/maps_refused.o $(VMM_O) $(PROTO_O)
	@mkdir -p $(@D)
	$(call says,LD)$(call WITHOUT,memory_map)

$(GUARANTEE)/vmm-calls_of_one_cpu_refused: $(B)/obj/tests/guarantee/tools/calls_of_one_cpu_refused.o $(VMM_O) $(PROTO_O)
	@mkdir -p $(@D)
	$(call says,LD)$(call WITHOUT,injection_should_fail -Wl$(comma)--wrap=pthread_setname_np)

$(GUARANTEE)/vmm-merging_allowed: $(B)/obj/tests/guarantee/tools/merging_allowed.o $(VMM_O) $(PROTO_O)
	@mkdir -p $(@D)
	$(call says,LD)$(call WITHOUT,prctl)

comma := ,
TEST_WITHOUT = $(CC) $(CPPFLAGS) $(CMOCKA_WARN) -O1 -g $(SANITIZE) -pthread -Wl,--wrap=$(1) -o $@ $^ -lcmocka $(VMM_LIBS)

$(GUARANTEE)/map_primitive_fails-no_rescue: tests/unit/map_primitive_fails.c tests/guarantee/tools/no_rescue.c $(SAN)/libvmm.a
	@mkdir -p $(@D)
	$(call says,LD)$(call TEST_WITHOUT,rescue_may_help)

$(GUARANTEE)/reserve_allocation_fails-no_abandon: tests/unit/reserve_allocation_fails.c tests/guarantee/tools/no_abandon.c $(SAN)/libvmm.a
	@mkdir -p $(@D)
	$(call says,LD)$(call TEST_WITHOUT,windows_abandon)

$(GUARANTEE)/arena_hole_closed-no_plug: tests/unit/arena_hole_closed.c tests/guarantee/tools/no_plug.c $(SAN)/libvmm.a
	@mkdir -p $(@D)
	$(call says,LD)$(call TEST_WITHOUT,memory_guard$(comma)--wrap=memory_map)

$(GUARANTEE)/guest_without_pages-allocates.elf: $(B)/guest-obj/tests/guest/guest_without_pages.o \
    $(B)/guest-obj/tests/guarantee/tools/guest_allocates.o $(B)/libnano.a guest/nano/nano.ld
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(GUEST_LDFLAGS) -Wl,--wrap=hf_platform_pin -o $@ $(filter %.o %.a,$^)

.PHONY: soak
soak: dependencies
	@$(MAKE) --no-print-directory -j$(shell nproc) WERROR=1 tests
	@BUILD=$(B) SOAK=$(SOAK) tests/run.sh npt guarantee $(if $(ONLY),only '$(ONLY)')

-include $(GUARANTEE_TOOL_O:.o=.d) $(wildcard $(GUARANTEE)/*.d $(B)/guest-obj/tests/guarantee/guests/*.d)
