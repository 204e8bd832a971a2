#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# deploy/linux/kernels.sh finds a kernel whose package is split into several, as Debian 14's are; says
# so when this release of Debian has no kernel of a version that is asked for; a package without a
# kernel in it is named; and the newest kernel is the one that the archive has at the time, looked for
# once a day. From repositories of the test's own, by apt. tests/kernels/check.sh skips a kernel that
# cannot be had.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}
for tool in apt-get apt-cache dpkg-deb zstd; do
    command -v $tool >/dev/null || { echo "$tool is not installed"; exit 77; }
done
repository=$WORK/repository
mkdir -p "$repository" "$WORK/apt/lists/partial" "$WORK/apt/cache/archives/partial"
: >"$repository/Packages"
: >"$WORK/apt/status"
cat >"$WORK/apt/config" <<END
Dir::Etc::sourcelist "$WORK/apt/sources";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$WORK/apt/lists";
Dir::State::status "$WORK/apt/status";
Dir::Cache "$WORK/apt/cache";
APT::Sandbox::User "root";
APT::Architecture "amd64";
END
echo "deb [trusted=yes] file:$repository ./" >"$WORK/apt/sources"
export APT_CONFIG=$WORK/apt/config BUILD=$WORK/build

# package NAME DEPENDS [VERSION]: of what lies in $WORK/NAME, if anything does.
package() {
    local directory=$WORK/$1 file=$1_${3:-1}_amd64.deb
    mkdir -p "$directory/DEBIAN"
    printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: nobody <nobody@localhost>\nDescription: a test\n' \
        "$1" "${3:-1}" >"$directory/DEBIAN/control"
    [ -z "$2" ] || echo "Depends: $2" >>"$directory/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$directory" "$repository/$file" >/dev/null || exit 1
    {
        cat "$directory/DEBIAN/control"
        echo "Filename: ./$file"
        echo "Size: $(stat -c %s "$repository/$file")"
        echo "SHA256: $(sha256sum <"$repository/$file" | cut -d ' ' -f 1)"
        echo
    } >>"$repository/Packages"
}

# kernel FILE TEXT: as much of a bzImage as says where the packed kernel is.
kernel() {
    local packed=$WORK/packed
    printf '%s' "$2" | zstd -q >"$packed"
    head -c 2048 /dev/zero >"$1"
    printf '\x01' | dd of="$1" bs=1 seek=$((0x1f1)) conv=notrunc status=none # one sector: it begins at 1024
    printf 'HdrS' | dd of="$1" bs=1 seek=$((0x202)) conv=notrunc status=none
    printf '\x00\x00\x00\x00%b' "\\x$(printf %02x $(($(stat -c %s "$packed") + 4)))\\x00\\x00\\x00" |
        dd of="$1" bs=1 seek=$((0x248)) conv=notrunc status=none
    dd if="$packed" of="$1" bs=1 seek=1024 conv=notrunc status=none
}

# split_kernel RELEASE: its packages, and version $version of the one that points to it.
split_kernel() {
    local release=$1 part
    for part in binary modules; do mkdir -p "$WORK/linux-$part-$release/usr/lib/modules/$release"; done
    kernel "$WORK/linux-binary-$release/usr/lib/modules/$release/vmlinuz" "the kernel $release"
    echo kvm >"$WORK/linux-modules-$release/usr/lib/modules/$release/kvm.ko"
    package linux-image-cloud-amd64 "linux-base-cloud-amd64, linux-image-$release" "$version"
    package "linux-image-$release" "dracut | initramfs-tools, linux-binary-$release, linux-modules-$release"
    package "linux-binary-$release" ''
    package "linux-modules-$release" ''
}

release=7.2.13+deb14-cloud-amd64
version=1
split_kernel "$release"
package linux-base-cloud-amd64 ''
# What says that it is a kernel and has none.
package linux-image-amd64 'linux-image-7.2.13+deb14-amd64'
package 'linux-image-7.2.13+deb14-amd64' ''

deploy/linux/kernels.sh --image 6.12-cloud >"$WORK/output" 2>&1 ||
    complain "a split package is not fetched: $(cat "$WORK/output")"
there=$BUILD/linux/6.12-cloud
[ "$(cat "$there/release" 2>&1)" = "$release" ] || complain "not the release that is there"
[ "$(cat "$there/vmlinux" 2>&1)" = "the kernel $release" ] || complain "the kernel is not unwrapped"
find "$there/image/" -name kvm.ko | grep -q . || complain "its modules are missing"

for _ in first again; do
    deploy/linux/kernels.sh --image 6.1-cloud >"$WORK/output" 2>&1
    status=$?
    [ $status -eq 77 ] && grep -q 'this release of Debian has no kernel 6.1' "$WORK/output" ||
        complain "status $status for a kernel that Debian has not: $(cat "$WORK/output")"
done

deploy/linux/kernels.sh --image 6.12-amd64 >"$WORK/output" 2>&1 && complain "a package without a kernel will do"
grep -q 'have no vmlinuz: linux-image-7.2.13' "$WORK/output" ||
    complain "it does not say what is missing: $(cat "$WORK/output")"

# The newest is in another repository than those that this machine has its packages from.
repository=$WORK/newest
mkdir -p "$repository"
: >"$repository/Packages"
there=$BUILD/linux/newest-cloud
export NEWEST_FROM="deb [trusted=yes] file:$repository ./"
fetched_newest() { # RELEASE WORDS
    deploy/linux/kernels.sh --image newest-cloud 6.12-cloud >"$WORK/output" 2>&1 ||
        complain "the newest kernel is not fetched $2: $(cat "$WORK/output")"
    [ "$(cat "$there/release" 2>&1)" = "$1" ] && [ "$(cat "$there/vmlinux" 2>&1)" = "the kernel $1" ] ||
        complain "$2 it is $(cat "$there/release" 2>&1), not $1"
}
split_kernel 7.9.1-cloud-amd64
fetched_newest 7.9.1-cloud-amd64 "at first"
version=2
split_kernel 7.10.1-cloud-amd64
fetched_newest 7.9.1-cloud-amd64 "on the same day"
! grep -q . "$WORK/output" || complain "what is there is fetched again: $(cat "$WORK/output")"
touch -d '25 hours ago' "$there/release"
fetched_newest 7.10.1-cloud-amd64 "a day later"
touch -d '25 hours ago' "$there/release"
NEWEST_FROM="deb [trusted=yes] file:$WORK/nowhere ./" fetched_newest 7.10.1-cloud-amd64 "without the archive"
grep -q 'newest-cloud: .* stays' "$WORK/output" ||
    complain "it is not said that there may be a newer one: $(cat "$WORK/output")"
[ "$(cat "$BUILD/linux/6.12-cloud/release")" = "$release" ] || complain "6.12-cloud has become the newest"

# A kernel that cannot be had is no failure of the tests that run on it; a name that none has is.
BUILD=$WORK/empty NEWEST_FROM="deb [trusted=yes] file:$WORK/nowhere ./" \
    tests/kernels/check.sh newest-cloud >"$WORK/output" 2>&1 ||
    complain "status $? without a kernel: $(cat "$WORK/output")"
tail -n 1 "$WORK/output" | grep -q '^newest-cloud: skipped: no test VM: ' ||
    complain "it is not said why there are no tests: $(cat "$WORK/output")"
deploy/linux/kernels.sh --image 6.13-cloud >"$WORK/output" 2>&1
[ $? -eq 2 ] && grep -q '6.13-cloud: no such kernel' "$WORK/output" ||
    complain "a name that no kernel has will do: $(cat "$WORK/output")"
[ "$failed" -eq 0 ]
