# SPDX-License-Identifier: MIT
# `make bench` and `make bench-linux` measure and judge nothing. What they print goes to build/bench, too.

BENCH := $(B)/bench

$(BENCH)/%.elf: $(B)/guest-obj/tests/bench/%.o $(B)/libnano.a guest/nano/nano.ld
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(GUEST_LDFLAGS) -o $@ $< $(B)/libnano.a

BENCH_RAW_O   := $(patsubst %,$(B)/obj/tests/bench/%.o,raw bare_vm)
BENCH_START_O := $(B)/obj/tests/bench/start.o

$(BENCH)/raw: $(BENCH_RAW_O)
$(BENCH)/start: $(BENCH_START_O)
$(BENCH)/raw $(BENCH)/start:
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

.PHONY: bench
bench:
	@deploy/dependencies.sh build bench
	@$(MAKE) --no-print-directory programs $(BENCH)/guest.elf $(BENCH)/operators.elf $(BENCH)/load.elf $(BENCH)/raw \
	    $(BENCH)/start $(GUARANTEE)/map_storm.elf
	@tests/bench/run $(B)

.PHONY: bench-linux
bench-linux: linux-kernels
	@deploy/dependencies.sh build bench
	@$(MAKE) --no-print-directory -s -j$(shell nproc) programs linux-tests
	@tests/bench/linux $(B)

-include $(BENCH_RAW_O:.o=.d) $(BENCH_START_O:.o=.d) $(wildcard $(B)/guest-obj/tests/bench/*.d)
