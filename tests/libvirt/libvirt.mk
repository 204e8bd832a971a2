# SPDX-License-Identifier: MIT
# What the tests with libvirt need: guests, a client of the monitor.
#   make check-libvirt: in a minute or two; part of `make check`

LIBVIRT_GUESTS := $(patsubst tests/libvirt/guests/%.c,$(B)/tests/libvirt/%.elf,$(wildcard tests/libvirt/guests/*.c))

$(B)/tests/libvirt/%.elf: $(B)/guest-obj/tests/libvirt/guests/%.o $(B)/libnano.a guest/nano/nano.ld
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(GUEST_LDFLAGS) -o $@ $< $(B)/libnano.a

LIBVIRT_TOOLS := $(B)/tests/libvirt/qmp

$(B)/tests/libvirt/qmp: $(B)/obj/tests/libvirt/tools/qmp.o
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

-include $(wildcard $(B)/guest-obj/tests/libvirt/guests/*.d)
