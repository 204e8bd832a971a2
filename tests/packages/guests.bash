# SPDX-License-Identifier: MIT
# Sourced by check.sh, whose variables these use: Linux guests, in the test VM, with what a release has.
# shellcheck shell=bash disable=SC2154

# The cloud kernels of the release and of its backports are booted, and so are here as BUILD/linux-RELEASE
# has them; for the large ones of the same versions, which most machines run, the modules are built, too.
release_kernels() {
    local suite archive kernels=()
    archive=$(sed -n '1s/^deb \(\[.*\] \)\?\([^ ]*\) .*/\2/p' "$BUILD/releases/$release/root/etc/apt/sources.list")
    for suite in "$release" "$release-backports"; do
        NEWEST_FROM="deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $suite main" \
            BUILD=$BUILD/kernels/$suite deploy/linux/kernels.sh --image newest-cloud || return
        kernels+=("$(cat "$BUILD/kernels/$suite/linux/newest-cloud/release")")
    done
    mkdir -p "$(layer modules)/srv"
    printf '%s\n' "${kernels[@]}" "${kernels[@]/-cloud-/-}" >"$(layer modules)/srv/kernels"
}

# The release's udev, with all of its rules and the package's, and what makes a file system.
release_udev() {
    local tree=$own/linux/udev-$release
    forget udev
    in_root udev udev || return
    rm -rf "$tree"
    cp -r "$(layer udev)/srv/udev" "$tree"
}

# Each kernel with DKMS' modules beside it, where tests/linux looks for kernels. A test that is skipped
# inside is none that passes.
guests_load_modules() {
    local suite kernel modules directory options=() command=''
    for suite in "$release" "$release-backports"; do
        kernel=$BUILD/kernels/$suite/linux/newest-cloud
        modules=$(layer modules)/srv/modules/$(cat "$kernel/release")
        [ -d "$modules" ] || { echo "no modules for $suite: PARTS=modules builds them"; return 1; }
        directory=$own/linux/dkms-$suite
        rm -rf "$directory"
        mkdir -p "$directory/modules"
        cp "$kernel/release" "$kernel/vmlinux" "$directory/"
        cp "$modules"/*.ko "$directory/modules/"
        options+=(--path "$own/linux/dkms-$suite")
        command+="LINUX_KERNEL=dkms-$suite UDEV_TREE=build/linux/udev-$release tests/run.sh linux only hfblk_udev || status=1; "
    done
    BUILD=$own deploy/libvirt/test-vm.sh --memory 1536 --limit 1500 "${options[@]}" \
        --path "$own/linux/udev-$release" --program udevadm --program mkfs.ext4 --program ldd \
        "$command exit \${status:-0}" | tee "$BUILD/vm.log"
    [ "${PIPESTATUS[0]}" -eq 0 ] && [ "$(grep -c '^1 passed, 0 failed, 0 skipped$' "$BUILD/vm.log")" -eq 2 ]
}
