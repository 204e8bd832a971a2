#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make install: the programs run, the manual pages are found, guests build from what is installed,
# and make uninstall leaves nothing.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}
unset MAKEFLAGS MFLAGS MAKELEVEL
to=$WORK/to
root=$to/opt/hf

make -s B="$BUILD" install DESTDIR="$to" PREFIX=/opt/hf >"$WORK/output" 2>&1 ||
    { cat "$WORK/output"; exit 1; }
version=$(sed -n 's/^VERSION := //p' Makefile)
for program in holdfast-vmm holdfastctl holdfast-exporter; do
    "$root/bin/$program" --version | grep -qF "$program $version" ||
        complain "$program --version does not say $version"
done
for page in 1:holdfastctl 3:libholdfast 4:holdfast-linux 7:holdfast 7:holdfast-metrics 8:holdfast-vmm 8:holdfast-exporter; do
    man -M "$root/share/man" "${page%:*}" "${page#*:}" 2>/dev/null | grep -q "${page#*:}" ||
        complain "man does not find ${page#*:}(${page%:*})"
done
for file in bash-completion/completions/holdfastctl zsh/site-functions/_holdfastctl \
    fish/vendor_completions.d/holdfastctl.fish; do
    [ -f "$root/share/$file" ] || complain "${file%%/*} does not find the completion of holdfastctl"
done
# What other programs read lies where they read it.
grep -q '^d /run/holdfast-shared 2750 ' "$root/lib/tmpfiles.d/holdfast.conf" ||
    complain "systemd-tmpfiles is not told of /run/holdfast-shared"
[ -f "$root/etc/apparmor.d/abstractions/libvirt-qemu.d/holdfast" ] || complain "nothing for AppArmor"
make -s B="$BUILD" -n install DESTDIR=/x PREFIX=/usr |
    grep -qF "'/x/etc/apparmor.d/abstractions/libvirt-qemu.d/holdfast'" ||
    complain "with PREFIX=/usr, AppArmor's file is not in /etc"
find "$root" -type f -perm /022 | grep . && complain "others may write to these"
grep -rlIF -e "$PWD" -e "$to" "$root" && complain "these name where they were built"

# A guest, as the README builds it, only from installed files.
flags=$(PKG_CONFIG_PATH=$root/lib/pkgconfig pkg-config --define-variable=prefix="$root" \
    --cflags --libs holdfast-nano) || complain "pkg-config does not find holdfast-nano"
cp guest/examples/window.c "$WORK/my.c"
read -ra compiler <<<"${CC:-cc}"
# shellcheck disable=SC2086
(cd "$WORK" && "${compiler[@]}" -O2 -Wall -Wextra -Werror -o my.elf my.c $flags) ||
    complain "the guest does not build from what is installed"
read -ra compiler <<<"${CXX:-g++}"
cat >"$WORK/plus.cc" <<'END'
#include "holdfast/guest.h"
#include "nano.h"

int guest_main(void)
{
    CHECK(hf_init() == HF_OK);
    nano_exit(0);
}
END
# shellcheck disable=SC2086
(cd "$WORK" && "${compiler[@]}" -O2 -Wall -Wextra -Werror -fno-exceptions -fno-rtti -o plus.elf plus.cc $flags) ||
    complain "a guest in C++ does not build from what is installed"
for guest in my plus; do
    [ -z "$NO_KVM" ] && [ -e "$WORK/$guest.elf" ] || continue
    "$root/bin/holdfast-vmm" --kernel "$WORK/$guest.elf" >"$WORK/output" 2>&1 </dev/null ||
        complain "the guest $guest fails: $(cat "$WORK/output")"
done

# The Linux modules, as DKMS has them built: in a copy of what is installed.
headers=$BUILD/linux/6.12-cloud/headers
if [ -e "$headers" ]; then
    cp -r "$root/src/holdfast-$version" "$WORK/dkms"
    make -s -C "$headers" M="$WORK/dkms" CONFIG_DEBUG_INFO_BTF_MODULES= modules >"$WORK/output" 2>&1 ||
        complain "the Linux modules do not build from what is installed: $(tail -n 5 "$WORK/output")"
    (
        set -eu
        kernel_source_dir='' dkms_tree=''
        . "$WORK/dkms/dkms.conf"
        [ "$PACKAGE_VERSION" = "$version" ]
        for name in "${BUILT_MODULE_NAME[@]}"; do [ -e "$WORK/dkms/$name.ko" ]; done
        [ "${#BUILT_MODULE_NAME[@]}" -eq "$(find "$WORK/dkms" -name '*.ko' | wc -l)" ]
    ) || complain "dkms.conf does not name the modules that were built"
fi

make -s B="$BUILD" uninstall DESTDIR="$to" PREFIX=/opt/hf >/dev/null
find "$to" -type f -o -type l | grep . && complain "make uninstall leaves these"
[ "$failed" -eq 0 ]
