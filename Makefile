# SPDX-License-Identifier: MIT
# Everything is built under build/. `make help` lists the targets.
#   V=1       shows the commands
#   WERROR=1  makes the compiler's warnings errors, as the tests do

VERSION := 0.1.0

PREFIX  ?= /usr/local
DESTDIR ?=
B       := build

CC     ?= gcc
CXX    ?= g++
OBJCOPY ?= objcopy
# protoc-c goes away; where it is all there is, it does the same.
PROTOC ?= $(shell command -v protoc >/dev/null && command -v protoc-gen-c >/dev/null && echo protoc || echo protoc-c)
IASL   ?= iasl

WARN := -std=c11 -Wall -Wextra $(if $(filter 1,$(WERROR)),-Werror) -Wshadow -Wconversion -Wstrict-prototypes \
        -Wmissing-prototypes -Wpointer-arith -Wvla -Wundef
CPPFLAGS += -I. -Iinclude -I$(B)/proto -I$(B)/acpi -D_GNU_SOURCE -DHOLDFAST_VERSION='"$(VERSION)"'
CFLAGS   ?= -O2 -g
HARDEN   := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
ALL_CFLAGS = $(WARN) $(CFLAGS) $(HARDEN) -pthread -MMD -MP
LDFLAGS  += -pie -Wl,-z,relro,-z,now -pthread
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# $(call says,WORD)COMMAND in a rule: a short line in place of the command, and nothing with -s.
ifneq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
says = @
else
says = $(if $(filter 1,$(V)),,@printf '  %s %s\n' $(1) '$(if $(2),$(2),$@)';)
endif

.PHONY: all
all: programs guests

# ---- the control service's messages ----

PROTO_NAME := holdfast/control/v1/control
PROTO_C    := $(B)/proto/$(PROTO_NAME).pb-c.c
PROTO_H    := $(PROTO_C:.c=.h)
PROTO_O    := $(PROTO_C:.c=.o)

$(PROTO_C) $(PROTO_H) &: proto/$(PROTO_NAME).proto
	@mkdir -p $(B)/proto
	$(call says,PROTOC,$<)$(PROTOC) -Iproto --c_out=$(B)/proto $<

# Generated code is not held to our warnings.
$(PROTO_O): $(PROTO_C)
	$(call says,CC)$(CC) $(CPPFLAGS) -std=gnu11 $(CFLAGS) $(HARDEN) -c -o $@ $<

# ---- the ACPI table that is code ----

DSDT := $(B)/acpi/dsdt.hex

$(DSDT): vmm/boot/dsdt.asl
	@mkdir -p $(@D)
	$(call says,IASL,$<)$(IASL) -vs -we -tc -p $(B)/acpi/dsdt $< >$(B)/acpi/log || { cat $(B)/acpi/log; exit 1; }

# ---- the VMM and its CLI ----

VMM_ROOMS := options process events sandbox windows memory arena hypercalls boot devices instructions machine control wire \
             libvirt vm
VMM_C := $(wildcard vmm/*.c $(VMM_ROOMS:%=vmm/%/*.c))
# What holdfastctl and the exporter have in common.
METRICS_C := $(wildcard vmm/metrics/*.c) $(addprefix vmm/wire/,runtime_directory.c vm_name.c)
CTL_C := $(wildcard vmm/ctl/*.c) $(METRICS_C) vmm/cause.c vmm/error.c vmm/utf8.c \
         $(addprefix vmm/options/,size.c amount.c quota.c budget.c config.c config_read.c option.c option_file.c options.c settings.c \
         wanted.c) \
         $(addprefix vmm/process/,limits.c made_file.c inherited.c) vmm/boot/way.c vmm/sandbox/mode.c \
         $(addprefix vmm/memory/,object_spec.c object_path.c guarantee_mode.c) vmm/devices/console_where.c
EXPORTER_C := $(wildcard vmm/exporter/*.c) $(METRICS_C) vmm/cause.c vmm/error.c vmm/utf8.c vmm/process/limits.c
VMM_O := $(VMM_C:%.c=$(B)/obj/%.o)
CTL_O := $(CTL_C:%.c=$(B)/obj/%.o)
EXPORTER_O := $(EXPORTER_C:%.c=$(B)/obj/%.o)

SECCOMP_LIBS := $(shell pkg-config --libs libseccomp 2>/dev/null || echo -lseccomp)
VMM_LIBS := -lprotobuf-c -lZydis -ljansson -lzstd -llzma $(SECCOMP_LIBS)
CLIENT_LIBS := -lprotobuf-c
CTL_LIBS := $(CLIENT_LIBS) -ljansson -lncursesw -ltinfo
EXPORTER_LIBS := $(CLIENT_LIBS) -lmicrohttpd

# Not in all rooms: some system headers cast it away.
$(B)/obj/vmm/windows/%.o: WARN += -Wcast-qual

$(B)/obj/%.o: %.c Makefile | $(PROTO_H) $(DSDT)
	@mkdir -p $(@D)
	$(call says,CC,$<)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# Where locks are, no const is cast away: not even a lock changes through a pointer to const.
$(foreach room,arena devices machine,$(B)/obj/vmm/$(room)/%.o): WARN += -Wcast-qual

$(B)/holdfast-vmm: $(VMM_O) $(PROTO_O)
	$(call says,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(VMM_LIBS)

# With the library in it, so that it runs where it was built.
$(B)/holdfastctl: $(CTL_O) $(B)/libholdfast.a
	$(call says,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CTL_LIBS)

$(B)/holdfast-exporter: $(EXPORTER_O) $(B)/libholdfast.a
	$(call says,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(EXPORTER_LIBS)

# ---- the client library ----

CLIENT_C := $(wildcard vmm/client/*.c vmm/wire/*.c) vmm/cause.c vmm/error.c vmm/utf8.c vmm/options/size.c \
            vmm/process/made_file.c $(addprefix vmm/memory/,object_spec.c object_path.c)
CLIENT_O := $(CLIENT_C:%.c=$(B)/pic/%.o) $(B)/pic/control.pb-c.o
CLIENT_SO := $(B)/libholdfast.so.1
PIC := $(HARDEN:-fPIE=-fPIC) -fvisibility=hidden

$(B)/pic/%.o: %.c Makefile | $(PROTO_H)
	@mkdir -p $(@D)
	$(call says,CC,$<)$(CC) $(CPPFLAGS) $(WARN) $(CFLAGS) $(PIC) -pthread -MMD -MP -c -o $@ $<

$(B)/pic/control.pb-c.o: $(PROTO_C)
	@mkdir -p $(@D)
	$(call says,CC,$<)$(CC) $(CPPFLAGS) -std=gnu11 $(CFLAGS) $(PIC) -c -o $@ $<

$(CLIENT_SO): $(CLIENT_O) vmm/client/libholdfast.map
	$(call says,LD)$(CC) $(CFLAGS) $(filter-out -pie,$(LDFLAGS)) -shared -Wl,-soname,$(@F) -Wl,-z,defs \
	    -Wl,--version-script=vmm/client/libholdfast.map -o $@ $(CLIENT_O) $(CLIENT_LIBS)

# One object, whose names are its own but for those of client.h: whoever links it may have others of
# the same name.
$(B)/libholdfast.a: $(CLIENT_O)
	@rm -f $@
	$(call says,AR)$(LD) -r -o $(B)/pic/libholdfast.o $^ && \
	    $(OBJCOPY) --localize-hidden $(B)/pic/libholdfast.o && $(AR) rcs $@ $(B)/pic/libholdfast.o

.PHONY: programs
programs: $(B)/holdfast-vmm $(B)/holdfastctl $(B)/holdfast-exporter $(CLIENT_SO) $(B)/libholdfast.a

include guest/guest.mk
include guest/linux/linux.mk
include tests/tests.mk
include tests/bench/bench.mk
include deploy/deploy.mk

.PHONY: clean
clean:
	rm -rf $(B)

-include $(VMM_O:.o=.d) $(CTL_O:.o=.d) $(EXPORTER_O:.o=.d) $(CLIENT_O:.o=.d)
