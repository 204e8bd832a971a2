# SPDX-License-Identifier: MIT
# `make linux-modules`: the Linux modules, for the kernels that the tests run, as
# build/linux/KERNEL/modules/*.ko. Nothing is installed: deploy/linux/kernels.sh fetches the headers.
#   make linux-modules LINUX_KERNELS=6.12-amd64: for another one

LINUX_KERNELS ?= 6.12-cloud 6.1-cloud
LINUX_SOURCES := $(shell find guest/linux tests/linux/module -type f -name '*[!~]') $(wildcard include/holdfast/*.h)
LINUX_MODULES := $(LINUX_KERNELS:%=$(B)/linux/%/modules)

.PHONY: linux-kernels linux-modules
linux-modules: $(LINUX_MODULES)

# Where they cannot be had, the tests that run Linux are skipped, and tell why.
linux-kernels: test-vm-dependencies
	@for kernel in $(LINUX_KERNELS); do BUILD=$(B) deploy/linux/kernels.sh $$kernel || true; done

$(B)/linux/%/modules: $(LINUX_SOURCES) deploy/linux/modules.sh
	$(call says,KBUILD)BUILD=$(B) V=$(V) deploy/linux/modules.sh $*
