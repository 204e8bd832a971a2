#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check.sh [RELEASE ...]: the Debian packages on Debian 12 and 13, or the releases that are named, each in
# roots of its own (deploy/releases/root.sh):
#   build    twice, in different places, to the same bytes; lintian finds nothing that is not explained
#   cycle    installed, upgraded under a running VM, removed and purged: nothing stays behind
#   readme   the lines of the README, from apt to a VM that is watched
#   modules  DKMS builds and signs the Linux modules for the release's kernels and its backports'
#   guests   Linux guests load them and use a disk, whose links the release's own udev makes
# and on sid DKMS builds the modules for the newest kernel that Debian has, by the compiler there. Ends with
# the result of each part. Takes root; what was printed is in build/packages/RELEASE.log.
#   PARTS='build cycle'  only these; they take the packages of the last build
# shellcheck disable=SC2317 # the parts are called by name
set -u
cd "$(dirname "$0")/../.." || exit 1
own=${BUILD:-build} parts=${PARTS:-build cycle readme modules guests newest}
# These roots are small, and none of them is that of another check.
mkdir -p "$own/packages"
BUILD=$(realpath "$own/packages")
export BUILD
[ $# -gt 0 ] || set -- bookworm trixie
. tests/packages/guests.bash
results=() failed=0

layer() { # NAME: where its files lie, as long as nobody is in it
    echo "$BUILD/releases/$release/$1/changes"
}

forget() { # LAYER
    rm -rf "$BUILD/releases/$release/$1"
}

# in_root LAYER SCRIPT: runs tests/packages/SCRIPT.sh in the layer, beside the packages in /srv/packages.
in_root() {
    local srv
    srv=$(layer "$1")/srv
    mkdir -p "$srv/tests"
    cp tests/packages/*.sh tests/packages/apt.bash README.md "$srv/tests/"
    [ "$1" = build ] || cp -r "${packages:-$(layer build)/srv}"/{packages,next} "$srv/" 2>/dev/null ||
        { echo "there are no packages of $release yet: PARTS=build makes them"; return 1; }
    setpriv --pdeathsig TERM deploy/releases/root.sh --layer "$1" "$release" "bash /srv/tests/$2.sh $release"
}

# Twice from the tree as it is; what the build needs is installed once and stays.
build_part() {
    local srv
    deploy/releases/root.sh "$release" true || return
    srv=$(layer build)/srv
    rm -rf "$srv/first" "$srv/in/another/place" "$srv/packages" "$srv/next"
    deploy/debian/export.sh "$srv/first/holdfast" && deploy/debian/export.sh "$srv/in/another/place/holdfast" &&
        in_root build build
}

cycle_part() {
    forget cycle
    in_root cycle cycle
}

readme_part() {
    forget readme
    in_root readme readme
}

modules_part() {
    forget modules
    release_kernels && in_root modules modules
}

guests_part() {
    release_udev && guests_load_modules
}

# The package of the modules is the same for all releases.
newest_part() {
    local packages
    packages=$(release=$1 layer build)/srv
    forget newest
    deploy/releases/root.sh "$release" true && in_root newest modules
}

part() { # LOG NAME [ARGUMENT]
    local since=$SECONDS status
    echo "$release: $2"
    "${2}_part" "${@:3}" >"$1.part" 2>&1 </dev/null
    status=$?
    cat "$1.part" >>"$1"
    case $status in
    0) results+=("passed  $release $2 ($((SECONDS - since)) s)$(sed -n 's/^figure: /; /p' "$1.part" | tr -d '\n')") ;;
    77) results+=("skipped $release $2: $(tail -n 1 "$1.part")") ;;
    *)
        failed=1
        results+=("FAILED  $release $2 ($((SECONDS - since)) s): see $1")
        tail -n 20 "$1.part" | sed 's/^/        | /'
        ;;
    esac
    rm "$1.part"
    return $status
}

for release; do
    : >"$BUILD/$release.log"
    for name in build cycle readme modules guests; do
        [[ " $parts " == *" $name "* ]] || continue
        part "$BUILD/$release.log" "$name" || [ "$name" != build ] || break
    done
done
release=sid
if [[ " $parts " == *" newest "* ]]; then
    : >"$BUILD/sid.log"
    part "$BUILD/sid.log" newest "$1"
fi
printf '%s\n' "${results[@]}"
exit $failed
