#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In a root of its own: DKMS builds the modules of the package for each kernel that /srv/kernels names,
# without a warning, and signs them with the machine owner's key, which it makes. They are put into
# /srv/modules/KERNEL. In the end the package takes all of them away.
# shellcheck source=tests/packages/apt.bash
. /srv/tests/apt.bash
if [ "$release" = sid ]; then
    sources
    apt-cache depends linux-headers-amd64 | sed -n 's/^ *Depends: linux-headers-\([0-9].*\)/\1/p' >/srv/kernels
else
    sources "$release" "$release-backports"
fi
mapfile -t kernels </srv/kernels
[ ${#kernels[@]} -gt 0 ] || fail "$release has no headers of a kernel"
# Some headers bring their kernel. It is not booted here.
echo 'path-exclude=/etc/kernel/postinst.d/initramfs-tools' >/etc/dpkg/dpkg.cfg.d/no-initramfs
install dkms kmod openssl xz-utils
for kernel in "${kernels[@]}"; do
    install "linux-headers-$kernel"
done
install /srv/packages/holdfast-dkms_*.deb
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' /usr/src/holdfast-*/dkms.conf)

for kernel in "${kernels[@]}"; do
    dkms status "holdfast/$version" -k "$kernel" | grep -q installed || dkms install "holdfast/$version" -k "$kernel" ||
        fail "DKMS does not build for $kernel: $(cat "/var/lib/dkms/holdfast/$version/build/make.log")"
    log=/var/lib/dkms/holdfast/$version/$kernel/x86_64/log/make.log
    ! grep -B 3 -i 'warning' "$log" || fail "the compiler warns for $kernel"
    mkdir -p "/srv/modules/$kernel"
    for name in holdfast hfblk; do
        file=$(modinfo -k "$kernel" -F filename "$name") || fail "modinfo does not find $name for $kernel"
        [[ $(modinfo -F vermagic "$file") == "$kernel "* ]] || fail "$file is not for $kernel"
        [ -n "$(modinfo -F signer "$file")" ] || fail "$file is not signed: $(modinfo "$file")"
        case $file in
        *.xz) xz -dc "$file" >"/srv/modules/$kernel/$name.ko" ;;
        *) cp "$file" "/srv/modules/$kernel/$name.ko" ;;
        esac
    done
    echo "figure: $kernel, signed by $(modinfo -F signer "$file")"
done
cp /var/lib/dkms/mok.pub /srv/modules/

apt-get -qq -y purge holdfast-dkms
left=$(find /lib/modules /usr/src /var/lib/dkms -name '*holdfast*' -o -name '*hfblk*')
[ -z "$left" ] || fail "DKMS left behind: $left"
