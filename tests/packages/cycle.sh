#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In a small root of its own: installs the packages with what they depend on and nothing else, upgrades
# them while a VM runs, removes and purges them. Then the root is as it was: the files of before, and no
# others, with the same owners, modes and content.
# shellcheck source=tests/packages/apt.bash
. /srv/tests/apt.bash
sources
# What a package depends on it has to name: all of it is there first, and installs nothing more.
depends=$(for deb in "${packages[@]}"; do dpkg-deb -f "$deb" Pre-Depends Depends; done |
    sed 's/^[A-Za-z-]*: //' | tr ',' '\n' | sed 's/^ *//' | grep -vE '^(lib)?holdfast' | sort -u | paste -sd ,)
apt-get -qq -y --no-install-recommends satisfy "$depends"

# What dpkg and apt write down for themselves is theirs; all else counts.
state() {
    find / /run -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /srv -o -path /tmp -o -path /var/log \
        -o -path /var/cache/apt -o -path /var/lib/apt -o -path /var/lib/dpkg \) -prune -o \
        -printf '%p %y %m %u:%g %l\n' | sort
    find / /run -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /srv -o -path /tmp -o -path /var/log \
        -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg \) -prune -o \
        -type f -exec sha256sum {} + | sort -k 2
    find /var/lib/dpkg -path '*/info/*' -printf '%p\n' | sort
}
installed() {
    dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | sort
}
state >/srv/before
installed >/srv/installed.before

# ---- install ----

install "${packages[@]}"
mapfile -t added < <(installed | comm -13 /srv/installed.before - | sed 's/^ii *//')
[ ${#added[@]} -eq ${#packages[@]} ] || fail "with the packages came others: ${added[*]}"
echo "figure: installed ${added[*]}"
changed=$(dpkg --verify holdfast)
[ -z "$changed" ] || fail "what is installed is not what was packed: $changed"
holdfast-vmm --version
holdfastctl --version
[ ! -e /usr/lib/sysusers.d/holdfast.conf ] || id -nG holdfast | grep -qw kvm ||
    fail "there is no user holdfast who may open /dev/kvm"

# ---- upgrade ----

profile=/etc/apparmor.d/abstractions/libvirt-qemu.d/holdfast
echo '# a line of the administrator' >>"$profile"
if [ -c /dev/kvm ]; then
    holdfast-vmm --name survivor --kernel /usr/share/holdfast/guests/busy_windows.elf --append busy \
        </dev/null >/srv/survivor.log 2>&1 &
    vm=$!
    for _ in {1..100}; do
        ! holdfastctl ping survivor >/dev/null 2>&1 || break
        sleep 0.2
    done
fi
maps() {
    holdfastctl stats --json survivor | sed -nE 's/^ *"maps": ([0-9]+).*/\1/p'
}
[ ! -c /dev/kvm ] || before=$(maps)
apt-get -qq -y reinstall "${packages[@]}"
install /srv/next/*.deb
for package in "${added[@]}"; do
    [[ $(dpkg-query -W -f '${Version}' "$package") == *.1 ]] || fail "$package was not upgraded"
done
grep -q 'of the administrator' "$profile" || fail "the upgrade took the administrator's line out of $profile"
if [ -c /dev/kvm ]; then
    kill -0 "$vm" || fail "the upgrade ended the VM: $(cat /srv/survivor.log)"
    [[ $(readlink "/proc/$vm/exe") == *'(deleted)' ]] || fail "the VM's program was not replaced"
    for _ in {1..100}; do
        [ "$(maps)" = "$before" ] || break
        sleep 0.2
    done
    [ "$(maps)" -gt "$before" ] || fail "the VM maps nothing any more after the upgrade"
    holdfastctl info survivor || fail "the new holdfastctl cannot ask the old VM"
    holdfastctl stop survivor
    wait "$vm" || [ $? -lt 128 ] || fail "the VM did not end in order"
    echo "figure: a VM survived the upgrade"
fi

# ---- remove, purge ----

apt-get -qq -y remove "${added[@]}"
[ -e "$profile" ] || fail "remove took the configuration $profile, which is for purge to take"
dpkg --purge "${added[@]}" # apt knows no package of which nothing is left
state >/srv/after
installed >/srv/installed.after
diff /srv/installed.before /srv/installed.after || fail "packages have changed"
# The user stays, without a password or a shell: files that were his must not become somebody else's.
diff /srv/before /srv/after | grep '^[<>]' | grep -vE ' /etc/(passwd|shadow|group|gshadow)-?( |$)' >/srv/difference || true
[ ! -s /srv/difference ] || fail "left behind or taken away: $(cat /srv/difference)"
echo "figure: nothing left behind"
