#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kernel.sh DIRECTORY: fetches Debian's cloud kernel and unpacks it as DIRECTORY/kernel, unless it is
# there; DIRECTORY/kernel/vmlinuz is a link to it. Nothing is installed, root is not needed.
# May fail, and says why on standard error.
set -eu
oldest=6.12 # KVM_PRE_FAULT_MEMORY, which makes second-level tables ahead, came with 6.11
mkdir -p "$1"
directory=$(cd "$1" && pwd)
[ ! -e "$directory/kernel/vmlinuz" ] || exit 0

new=$(mktemp -d "$directory/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
options=(-o APT::Sandbox::User=root -o Acquire::Retries=1 -o Acquire::http::Timeout=30)

package_name() { # of the newest kernel behind the packages that only point to one
    local pointer package
    for pointer in "linux-image-$oldest-cloud-amd64" linux-image-cloud-amd64; do
        package=$(apt-cache "${options[@]}" depends "$pointer" 2>/dev/null |
            sed -n 's/^ *Depends: *\(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
        [ -n "$package" ] && dpkg --compare-versions "${package#linux-image-}" ge "$oldest" &&
            { echo "$package"; return; }
    done
    return 1
}

fetch() {
    local package
    package=$(package_name) || return 1
    echo "fetching $package (35 MB, once)" >&2
    (cd "$new" && timeout 300 apt-get -qq "${options[@]}" download "$package" >log 2>&1)
}

# apt's own lists may be missing or older than the archive. Then lists that are ours alone, for to
# renew apt's takes root.
if ! fetch; then
    echo "fetching lists of packages" >&2
    mkdir -p "$new/lists/partial" "$new/cache/archives/partial"
    options+=(-o "Dir::State::Lists=$new/lists" -o "Dir::Cache=$new/cache")
    timeout 300 apt-get -qq "${options[@]}" update >&2 || true
    fetch || {
        [ ! -e "$new/log" ] || cat "$new/log" >&2
        echo "no test VM: apt-get cannot fetch Debian's cloud kernel, $oldest or later" >&2
        exit 1
    }
fi
dpkg -x "$new"/linux-image-*.deb "$new/kernel"
(cd "$new/kernel" && ln -s boot/vmlinuz-* vmlinuz)
[ -e "$new/kernel/vmlinuz" ] || { echo "no kernel in $(basename "$new"/*.deb)" >&2; exit 1; }
# Another run may have been faster.
mv -T "$new/kernel" "$directory/kernel" 2>/dev/null || [ -e "$directory/kernel/vmlinuz" ]
