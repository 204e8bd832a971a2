#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What make says and what it lets pass: a line for each file, the commands with V=1; warnings are errors
# for the tests, and never in a guest that somebody else wrote. The packages that are missing are asked
# for by purpose, and a list of packages that cannot be renewed stops nothing.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}
unset MAKEFLAGS MFLAGS MAKELEVEL WERROR V

# ---- warnings ----

cat >"$WORK/warns.c" <<'END'
#include "nano.h"

int count = 1;
char narrow();
char narrow(int count)
{
    return count * 2;
}

int guest_main(void)
{
    int unused;
    typeof(count) longer = 2;
    return narrow(longer) != 4;
}
END
for werror in 0 1; do
    make B="$BUILD" WERROR=$werror guest SRC="$WORK/warns.c" OUT="$WORK/warns.elf" >"$WORK/output" 2>&1 ||
        complain "a guest with a warning is not built: $(cat "$WORK/output")"
    grep -q 'unused variable' "$WORK/output" || complain "make guest hides the warning"
    [ "$(grep -c 'warning:' "$WORK/output")" -eq 1 ] ||
        complain "make guest warns as it does of this tree's own files: $(grep 'warning:' "$WORK/output")"
done
make -s B="$BUILD" "$BUILD/holdfast-nano.pc" WERROR=1 && ! grep -e -Werror "$BUILD/holdfast-nano.pc" ||
    complain "holdfast-nano.pc makes warnings errors"
commands() { # WORD ...: all commands of make with these words
    make -n V=1 B="$WORK/none" "$@" 2>/dev/null
}
commands WERROR=1 programs guests >"$WORK/strict"
commands programs guests >"$WORK/ordinary"
[ "$(grep -c -e '-Wall' "$WORK/strict")" -gt 50 ] || complain "make -n shows hardly a command"
[ "$(grep -e '-Wall' "$WORK/strict" | grep -vc -e -Werror)" -eq 0 ] || complain "WERROR=1 leaves some files out"
! grep -m 1 -e -Werror "$WORK/ordinary" || complain "warnings are errors for everybody"
grep -q 'WERROR=1 tests' tests/tests.mk || complain "make check lets warnings pass"

# ---- what it prints ----

make B="$WORK/quiet" "$WORK/quiet/obj/vmm/options/size.o" PROTO_H= DSDT= >"$WORK/output" 2>&1 ||
    complain "one object cannot be made: $(cat "$WORK/output")"
[ "$(cat "$WORK/output")" = "  CC vmm/options/size.c" ] || complain "make does not print one line: $(cat "$WORK/output")"
make -s B="$WORK/silent" "$WORK/silent/obj/vmm/options/size.o" PROTO_H= DSDT= >"$WORK/output" 2>&1
[ ! -s "$WORK/output" ] || complain "make -s is not silent: $(cat "$WORK/output")"
make V=1 B="$WORK/loud" "$WORK/loud/obj/vmm/options/size.o" PROTO_H= DSDT= >"$WORK/output" 2>&1
grep -q -e '-c -o .*/vmm/options/size.o vmm/options/size.c' "$WORK/output" || complain "V=1 does not show the command"

# Each file that is made, not only what is compiled: one line, or its command.
one_step() { # WORD FILE
    rm -f "$WORK/steps/$2"
    make B="$WORK/steps" "$WORK/steps/$2" >"$WORK/output" 2>&1 || complain "$2 cannot be made: $(cat "$WORK/output")"
    [[ $(tail -n 1 "$WORK/output") == "  $1 "* ]] || complain "to make $2 does not print one line: $(cat "$WORK/output")"
    rm -f "$WORK/steps/$2"
    make V=1 B="$WORK/steps" "$WORK/steps/$2" 2>&1 | grep -qF "$WORK/steps/" ||
        complain "V=1 does not show how $2 is made"
    rm -f "$WORK/steps/$2"
    make -s B="$WORK/steps" "$WORK/steps/$2" >"$WORK/output" 2>&1
    [ ! -s "$WORK/output" ] || complain "make -s prints for $2: $(cat "$WORK/output")"
}
one_step PROTOC proto/holdfast/control/v1/control.pb-c.c
one_step IASL acpi/dsdt.hex
one_step SED holdfast-nano.pc
one_step SED linux/dkms.conf
one_step SED libvirt/holdfast.xml
one_step CP tmpfiles/holdfast.conf
one_step CP apparmor/holdfast
make -n B="$WORK/steps" LINUX_KERNELS=6.12-cloud linux-modules 2>&1 | grep -q 'KBUILD' ||
    complain "to build Linux modules prints no line"
make -n V=1 B="$WORK/steps" DESTDIR="$WORK/to" install 2>/dev/null | grep -q "^install .*$WORK/to" ||
    complain "V=1 does not show what make install does"
# A recipe hides only what prepares a step, what tells of itself, and other makes.
grep -nP '^\t@(?!mkdir -p|rm -r?f|echo |test |\[ |printf |command -v|for |\$\(MAKE\)|(BUILD=\$\(B\) .*)?(deploy|tests)/)' \
    Makefile ./*/*.mk ./*/*/*.mk && complain "these recipes hide their commands"

# ---- packages ----

# What stands in for apt here tells what it was asked, and cannot renew its lists.
mkdir "$WORK/bin"
cat >"$WORK/bin/apt-get" <<END
#!/bin/sh
echo "\$*" >>"$WORK/asked"
case "\$*" in *update) echo 'E: a list is broken' >&2; exit 100 ;; esac
END
printf '#!/bin/sh\nexit 1\n' >"$WORK/bin/dpkg-query"
printf '#!/bin/sh\nexec "$@"\n' >"$WORK/bin/sudo"
chmod 755 "$WORK/bin"/*
wanted() { # PURPOSE ...: the packages that are installed for it
    rm -f "$WORK/asked"
    PATH=$WORK/bin:$PATH deploy/dependencies.sh "$@" >/dev/null 2>&1 || complain "dependencies.sh $* fails"
    grep -v update "$WORK/asked"
}
wanted build >"$WORK/build"
grep -q ' gcc ' "$WORK/build" || complain "with a broken list nothing is installed"
! grep -E 'cmocka|clang-format|gnuplot|qemu' "$WORK/build" || complain "a demo asks for what tests need"
wanted >"$WORK/all"
grep -q ' gcc .* libcmocka-dev ' "$WORK/all" || complain "the tests' packages are not asked for"
for target in demo demo-linux; do
    make -n B="$BUILD" $target 2>/dev/null | grep 'dependencies.sh' | grep -vE 'build$|test-vm \|\| true$' &&
        complain "make $target asks for more than it needs"
done
[ "$failed" -eq 0 ]
