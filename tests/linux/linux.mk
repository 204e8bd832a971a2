# SPDX-License-Identifier: MIT
# What the tests that run Linux need: the modules, and programs that their guests run. Those are linked
# statically: a guest has no libraries.

LINUX_PROGRAMS := $(patsubst tests/linux/guests/%.c,$(B)/linux/programs/%,$(wildcard tests/linux/guests/*.c))

$(B)/linux/programs/%: tests/linux/guests/%.c
	@mkdir -p $(@D)
	$(call says,LD)$(CC) -Iinclude -D_GNU_SOURCE $(WARN) -O2 -static -o $@ $<

# The modules, for the kernels that there are headers of: with none there are no tests that run Linux.
.PHONY: linux-tests
linux-tests: $(LINUX_PROGRAMS) $(if $(wildcard guest/linux/Kbuild),\
    $(foreach kernel,$(LINUX_KERNELS),$(if $(wildcard $(B)/linux/$(kernel)/headers),$(B)/linux/$(kernel)/modules)))
