# SPDX-License-Identifier: MIT

.PHONY: dependencies build-dependencies
dependencies:
	@deploy/dependencies.sh

build-dependencies:
	@deploy/dependencies.sh build

# FILE=PATH: the file that the guest reads.
.PHONY: demo
demo: build-dependencies
	@$(MAKE) --no-print-directory -s -j$(shell nproc) programs guests
	@BUILD=$(B) FILE='$(subst ','\'',$(value FILE))' deploy/demo.sh

.PHONY: demo-linux
demo-linux: build-dependencies linux-kernels
	@$(MAKE) --no-print-directory -s -j$(shell nproc) programs linux-tests
	@BUILD=$(B) deploy/demo-linux.sh

# ---- install ----

# The Linux modules' sources, complete in one directory: `dkms add` takes it.
LINUX_SOURCE := src/holdfast-$(VERSION)
LINUX_NAMES := $(shell sed -n 's/^obj-m += \([a-z_]*\)\.o$$/\1/p' guest/linux/Kbuild)
LINUX_INSTALLED := \
    $(foreach file,guest/linux/Kbuild $(shell find guest/linux -name '*.[ch]'),\
        $(file):$(patsubst %/,%,$(LINUX_SOURCE)$(patsubst guest/linux%,%,$(dir $(file))))) \
    $(patsubst %,%:$(LINUX_SOURCE)/include/holdfast,include/holdfast/abi.h include/holdfast/linux.h) \
    $(B)/linux/dkms.conf:$(LINUX_SOURCE)

# What AppArmor reads is in /etc wherever the system's programs are; elsewhere it is only for reading.
APPARMOR := $(if $(filter /usr /usr/local,$(PREFIX)),/)etc/apparmor.d/abstractions/libvirt-qemu.d

# Under the names that they are installed by.
$(B)/tmpfiles/holdfast.conf: deploy/libvirt/holdfast.tmpfiles.conf
$(B)/apparmor/holdfast: deploy/libvirt/holdfast.apparmor
$(B)/sysusers/holdfast.conf: deploy/systemd/holdfast.sysusers.conf
$(B)/tmpfiles/holdfast.conf $(B)/apparmor/holdfast $(B)/sysusers/holdfast.conf:
	@mkdir -p $(@D)
	$(call says,CP)cp $< $@

# Where libraries are, under PREFIX: lib/x86_64-linux-gnu in a Debian package.
LIBDIR ?= lib
EXPORTER_UNITS := $(B)/prometheus/holdfast-exporter.service $(B)/prometheus/holdfast-exporter.socket
.PHONY: $(EXPORTER_UNITS)
$(EXPORTER_UNITS): $(B)/prometheus/%: deploy/prometheus/%
	@mkdir -p $(@D)
	$(call says,SED)sed 's|=/usr/bin/|=$(PREFIX)/bin/|' $< >$@

# SOURCE:DIRECTORY for each installed file, the directory under $(PREFIX).
INSTALLED := \
    $(B)/holdfast-vmm:bin $(B)/holdfastctl:bin $(B)/holdfast-exporter:bin \
    $(foreach page,$(wildcard deploy/man/*.[134578]),$(page):share/man/man$(subst .,,$(suffix $(page)))) \
    deploy/completion/holdfastctl:share/bash-completion/completions \
    deploy/completion/zsh/_holdfastctl:share/zsh/site-functions \
    deploy/completion/fish/holdfastctl.fish:share/fish/vendor_completions.d \
    $(patsubst %,%:include/holdfast,$(wildcard include/holdfast/*.h)) \
    $(patsubst %,%:include/holdfast/wdm,$(wildcard include/holdfast/wdm/*.h)) \
    $(B)/libnano.a:lib/holdfast guest/nano/nano.ld:lib/holdfast guest/nano/nano.h:lib/holdfast \
    $(B)/holdfast-nano.pc:lib/pkgconfig \
    $(B)/libholdfast.so.1:$(LIBDIR) $(B)/libholdfast.a:$(LIBDIR) $(B)/holdfast.pc:$(LIBDIR)/pkgconfig \
    proto/$(PROTO_NAME).proto:share/holdfast/proto/$(dir $(PROTO_NAME)) \
    $(patsubst %,%:share/doc/holdfast,README.md CHANGELOG.md LICENSE) \
    $(patsubst %,%:share/doc/holdfast/examples,$(wildcard guest/examples/*.[ch] deploy/examples/*)) \
    $(B)/libvirt/holdfast.xml:share/doc/holdfast/examples \
    $(B)/guest/busy_windows.elf:share/holdfast/guests \
    deploy/libvirt/README.md:share/doc/holdfast/libvirt \
    $(B)/tmpfiles/holdfast.conf:lib/tmpfiles.d $(B)/apparmor/holdfast:$(APPARMOR) \
    deploy/linux/60-holdfast.rules:lib/udev/rules.d \
    $(patsubst %,%:lib/systemd/system,$(EXPORTER_UNITS)) \
    $(patsubst %,%:share/doc/holdfast/prometheus,deploy/prometheus/holdfast.rules.yml deploy/prometheus/scrape.yml \
        deploy/grafana/holdfast.json) \
    $(B)/systemd/holdfast@.service:lib/systemd/system $(B)/sysusers/holdfast.conf:lib/sysusers.d \
    $(B)/systemd/example.conf:share/doc/holdfast/examples \
    $(LINUX_INSTALLED)

source_of = $(firstword $(subst :, ,$(1)))
directory_of = $(lastword $(subst :, ,$(1)))
path_of = $(DESTDIR)$(if $(filter /%,$(call directory_of,$(1))),,$(PREFIX)/)$(call directory_of,$(1))/$(notdir $(call source_of,$(1)))

# What a guest is compiled and linked with outside of this tree.
NANO_CFLAGS = $(filter-out $(WARN) -O2 -g -MMD -MP -I%,$(GUEST_CFLAGS))
NANO_LDFLAGS = $(subst guest/nano/,$${libdir}/,$(GUEST_LDFLAGS))

# They name programs by their path.
$(B)/systemd/%: deploy/systemd/%.in FORCE
	@mkdir -p $(@D)
	$(call says,SED)sed 's|@PREFIX@|$(PREFIX)|' $< >$@

.PHONY: FORCE
FORCE:

.PHONY: install uninstall $(B)/holdfast-nano.pc $(B)/holdfast.pc $(B)/linux/dkms.conf $(B)/libvirt/holdfast.xml
$(B)/libvirt/holdfast.xml: deploy/libvirt/holdfast.xml
	@mkdir -p $(@D)
	$(call says,SED)sed 's|>/usr/|>$(PREFIX)/|' $< >$@

$(B)/linux/dkms.conf: guest/linux/dkms.conf.in
	@mkdir -p $(@D)
	$(call says,SED)sed 's|@VERSION@|$(VERSION)|' $< >$@ && set -- $(LINUX_NAMES) && i=0 && for name; do \
	    printf 'BUILT_MODULE_NAME[%d]="%s"\nDEST_MODULE_LOCATION[%d]="/updates/dkms"\n' \
	        $$i $$name $$i; i=$$((i + 1)); done >>$@

$(B)/holdfast-nano.pc: deploy/holdfast-nano.pc.in
	@mkdir -p $(@D)
	$(call says,SED)sed -e 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' \
	    -e 's|@CFLAGS@|$(NANO_CFLAGS)|; s|@LDFLAGS@|$(NANO_LDFLAGS)|' $< >$@

$(B)/holdfast.pc: deploy/holdfast.pc.in
	@mkdir -p $(@D)
	$(call says,SED)sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' $< >$@

install: programs $(B)/libnano.a $(B)/holdfast-nano.pc $(B)/holdfast.pc $(B)/linux/dkms.conf \
    $(B)/libvirt/holdfast.xml $(B)/guest/busy_windows.elf \
    $(B)/tmpfiles/holdfast.conf $(B)/apparmor/holdfast $(EXPORTER_UNITS) $(B)/sysusers/holdfast.conf \
    $(B)/systemd/holdfast@.service $(B)/systemd/example.conf
	$(if $(filter 1,$(V)),,@)$(foreach file,$(INSTALLED),install -D -m $(if $(filter %:bin,$(file)),755,644) \
	    $(call source_of,$(file)) '$(call path_of,$(file))' &&) true
	$(if $(filter 1,$(V)),,@)ln -sf libholdfast.so.1 '$(DESTDIR)$(PREFIX)/$(LIBDIR)/libholdfast.so'
	@echo "installed Holdfast $(VERSION) under $(DESTDIR)$(PREFIX)"

# Directories go if they are Holdfast's own and nothing else is in them.
uninstall:
	$(if $(filter 1,$(V)),,@)rm -f $(foreach file,$(INSTALLED),'$(call path_of,$(file))') '$(DESTDIR)$(PREFIX)/$(LIBDIR)/libholdfast.so'
	@for directory in include/holdfast lib/holdfast share/holdfast share/doc/holdfast $(LINUX_SOURCE); do \
	    find '$(DESTDIR)$(PREFIX)'/$$directory -depth -type d -empty -delete 2>/dev/null; done; true
	@echo "removed Holdfast from $(DESTDIR)$(PREFIX)"

# ---- Debian packages ----

# For the release of Debian that runs here, under $(B)/deb.
.PHONY: deb
deb:
	@deploy/dependencies.sh build deb
	@BUILD=$(B) deploy/debian/build.sh

# ---- help ----

define HELP
make               the programs and the example guests, under $(B)/
make demo          a guest reads a file of the host through a window (FILE=PATH: which file)
make demo-linux    a Linux guest swaps on a file of the host through a window, also while the host's
                   memory cgroup is full
make check         all tests; check-unit, check-tsan, check-fuzz, check-guest, check-system,
                   check-guarantee, check-libvirt, check-npt, check-ept, check-linux: a part of
                   them, of which make check has only some of check-ept
                   (ONLY='wdm_*': those of this name). Both install Debian packages that are missing
make check-debian  installs Holdfast in a Debian VM of each release, with systemd and AppArmor, and
                   tests it there (ONLY='libvirt_*': those of this name)
make check-releases  builds and tests on Debian 13 and sid, in roots of their own, which takes root
                   and, the first time, an hour (RELEASES=trixie: on one)
make check-packages  the Debian packages on Debian 12 and 13, in roots of their own: built, installed,
                   upgraded under a running VM, purged; and the modules that DKMS builds, in Linux
                   guests (RELEASES=trixie: on one; PARTS='build cycle': only these)
make check-kernels  the guest tests, and maps in a full memory cgroup, on a host with each of
                   Debian's 6.1, 6.12 and newest kernels, in the test VM (KERNELS=6.1-cloud: on one)
make linux-modules the Linux modules, for Debian's kernels, under $(B)/linux
                   (LINUX_KERNELS=6.12-amd64: for others than $(LINUX_KERNELS))
make tsan          the unit tests that have threads, with ThreadSanitizer (HOLDFAST_SECONDS=600:
                   so long for its storm of calls); the same as check-tsan
make fuzz          lists what can be fuzzed, guided by coverage; TARGET=kernel SECONDS=600 does it
make fuzz-corpus   takes what make fuzz has found for TARGET into tests/fuzz/corpus, as little as
                   reaches all of it
make prove         proves by CBMC what the VMM does with every argument, for what stands in
                   tests/proofs/README.md (MISTAKES=1: and that the proofs find mistakes)
make analyze       gcc's -fanalyzer, clang-tidy and cppcheck look for mistakes in the sources
make numbers       the figures that a text on security may quote: system calls, inputs tried, proofs
                   (SECONDS=60: so long for each of two fuzz targets)
make model         has spin look at every order of events in the models of tests/models
make soak          the tests of the guarantee for longer, SOAK=20 times as many calls
make bench         measures the calls
make bench-linux   measures the Linux block device beside QEMU's virtio-blk, in the test VM
make guest         builds a guest from one C file: SRC=my.c OUT=my.elf
make install       under PREFIX ($(PREFIX)); DESTDIR= stages it; make uninstall
make deb           the Debian packages, for this release of Debian, under $(B)/deb
make dependencies  installs the Debian packages that building and testing need
make clean         removes $(B)/
V=1                shows the commands; WERROR=1 makes the compiler's warnings errors, as make check does
endef

.PHONY: help
help:
	$(info $(HELP))@:
