# SPDX-License-Identifier: MIT
# Guests: the nano kernel and the guest library make one C file bootable.
#   make guest SRC=my.c OUT=my.elf

GUEST_CFLAGS := $(WARN) -O2 -g -ffreestanding -fno-pic -mcmodel=small -mno-red-zone \
                -mgeneral-regs-only -fno-stack-protector -fcf-protection=none \
                -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -MMD -MP \
                -I. -Iinclude -Iguest/nano
GUEST_LDFLAGS := -nostdlib -static -no-pie -Wl,-T,guest/nano/nano.ld -Wl,--build-id=none \
                 -Wl,-z,noexecstack -Wl,-z,max-page-size=4096

NANO_O := $(patsubst %.c,$(B)/guest-obj/%.o,$(wildcard guest/nano/*.c guest/lib/*.c guest/lib/*/*.c)) \
          $(patsubst %.S,$(B)/guest-obj/%.o,$(wildcard guest/nano/*.S))

$(B)/guest-obj/%.o: %.c
	@mkdir -p $(@D)
	$(call says,CC,$<)$(CC) $(GUEST_CFLAGS) -c -o $@ $<

$(B)/guest-obj/%.o: %.S
	@mkdir -p $(@D)
	$(call says,CC,$<)$(CC) -c -o $@ $<

# An archive, so that a guest may define a weak function of the library itself.
$(B)/libnano.a: $(NANO_O)
	@rm -f $@
	$(call says,AR)$(AR) rcs $@ $^

$(B)/guest/%.elf: $(B)/guest-obj/guest/examples/%.o $(B)/libnano.a guest/nano/nano.ld
	@mkdir -p $(@D)
	$(call says,LD)$(CC) $(GUEST_LDFLAGS) -o $@ $< $(B)/libnano.a

EXAMPLES := $(patsubst guest/examples/%.c,$(B)/guest/%.elf,$(wildcard guest/examples/*.c))

.PHONY: guests guest
guests: $(EXAMPLES)

# The user's own code is not held to our warnings, nor to our standard of C, and none of them is an error.
USER_CFLAGS = -Wall -Wextra $(filter-out $(WARN),$(GUEST_CFLAGS))
guest: $(B)/libnano.a
	@test -n "$(SRC)" -a -n "$(OUT)" || \
	    { echo "make guest: say which file becomes which guest: make guest SRC=my.c OUT=my.elf" >&2; exit 2; }
	$(call says,CC,$(SRC))$(CC) $(USER_CFLAGS) $(GUEST_LDFLAGS) -MF $(B)/guest-obj/last.d -o $(OUT) $(SRC) $(B)/libnano.a

-include $(NANO_O:.o=.d)
