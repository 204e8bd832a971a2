#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kernels.sh [--image] KERNEL ...: fetches Debian's kernels, as packages that are unpacked and not
# installed, for which root is not needed. KERNEL is 6.1, 6.12 or newest, then -cloud or -amd64. What is
# there already stays as it is. In build/linux/KERNEL are then
#   release   which one it is, such as 6.12.43+deb12-cloud-amd64
#   vmlinuz   the kernel as Debian has it
#   vmlinux   the same without its wrapping: an emulated machine need not take it off
#   image     the package: its modules; of the large -amd64 kernels nothing is kept but vmlinuz
#   headers   to build modules with: make -C build/linux/KERNEL/headers M=DIRECTORY modules, and
#             CONFIG_DEBUG_INFO_BTF_MODULES= where pahole is not installed; not with --image
# newest is the one that sid has, whatever this machine runs; once a day it is looked whether sid has a
# newer one. NEWEST_FROM is another place for it, a line as sources.list(5) has them.
# Where Debian has no 6.12 any more, 6.12 is its cloud or amd64 kernel of that version or later. Of 6.1
# a later release of Debian has none: then there is only
#   absent    a line that says so
# May fail, and says why on standard error: with status 77 where only such kernels are missing, with 2
# where KERNEL is no such name.
set -eu
cd "$(dirname "$0")/../.."
. deploy/releases/mirror.bash
build=${BUILD:-build}
parts=(image headers)
[ "${1:-}" != --image ] || { parts=(image); shift; }
[ $# -gt 0 ] || { echo "usage: kernels.sh [--image] KERNEL ..." >&2; exit 2; }

mkdir -p "$build/linux"
exec 9>"$build/linux/.lock"
flock 9
new=$(mktemp -d "$(cd "$build/linux" && pwd)/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
own_options=(-o APT::Sandbox::User=root -o Acquire::Retries=1 -o Acquire::http::Timeout=30)
options=("${own_options[@]}")

fail() {
    [ ! -e "$new/log" ] || cat "$new/log" >&2
    echo "kernels.sh: $*" >&2
    exit 1
}

# VERSION FLAVOUR: the release of the newest kernel behind the packages that only point to one.
release_of() {
    local version=${1/newest/0} flavour=$2 below=9999 pointer release # 0: any will do
    [ "$version" != 6.1 ] || below=6.2
    for pointer in "linux-image-$version-$flavour" "linux-image-$flavour"; do
        release=$(depends "$pointer" image | sed -n 's/^linux-image-\([0-9].*\)/\1/p' | head -n 1)
        [ -n "$release" ] && dpkg --compare-versions "$release" ge "$version" &&
            dpkg --compare-versions "$release" lt "$below" && { echo "$release"; return; }
    done
    return 1
}

depends() { # PACKAGE WORD: the packages linux-WORD-... that it depends on
    apt-cache "${options[@]}" depends "$1" 2>/dev/null |
        sed -n "s/^ *|\\?Depends: *\\(linux-\\($2\\)-[0-9][^ ]*\\)$/\\1/p"
}

# Whether apt knows the newest kernel of this FLAVOUR, if not the one that was asked for.
knows_another() {
    depends "linux-image-$1" image | grep -q .
}

# download PART RELEASE: its packages into $new.
download() {
    local packages parts
    case $1 in
    # From Debian 14 on its parts are packages of their own.
    image) parts='binary\|modules' ;;
    # -common, and the tools that they call.
    headers) parts='headers\|kbuild' ;;
    esac
    mapfile -t packages < <(depends "linux-$1-$2" "$parts")
    [ "$1" = image ] || [ ${#packages[@]} -ge 2 ] || return 1
    packages+=("linux-$1-$2")
    echo "fetching ${packages[*]} (once)" >&2
    rm -f "$new"/*.deb
    (cd "$new" && timeout 600 apt-get -qq "${options[@]}" download "${packages[@]}" >log 2>&1)
}

# Lists that are ours alone, for to renew apt's takes root. False where they are there already.
own_lists() { # DIRECTORY
    options+=(-o "Dir::State::Lists=$1/lists" -o "Dir::Cache=$1/cache")
    [ ! -d "$1" ] || return 1
    echo "fetching lists of packages" >&2
    mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
    timeout 300 apt-get -qq "${options[@]}" update >&2 || true
}

# apt's own lists may be missing or older than the archive.
renew_lists() {
    own_lists "$new/renewed"
}

# What this machine prefers counts for its own packages.
take_from_sid() {
    local keys=/usr/share/keyrings/debian-archive-keyring.gpg signed=
    [ ! -e "$keys" ] || signed="[signed-by=$keys] "
    echo "${NEWEST_FROM:-deb $signed$(debian_mirror) sid main}" >"$new/sid.list"
    options=("${own_options[@]}" -o "Dir::Etc::SourceList=$new/sid.list" -o Dir::Etc::SourceParts=/dev/null
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
        -o APT::Default-Release=)
    own_lists "$new/sid" || true
}

unpack() { # DIRECTORY
    local package
    for package in "$new"/*.deb; do
        dpkg -x "$package" "$1" || fail "$(basename "$package") cannot be unpacked"
    done
}

keep_image() { # FLAVOUR
    local wrapped
    unpack "$new/kernel/image"
    wrapped=$(cd "$new/kernel" && find image \( -name 'vmlinuz-*' -o -name vmlinuz \) -type f -print -quit)
    [ -n "$wrapped" ] || fail "the packages of Debian's kernel have no vmlinuz: $(cd "$new" && echo *.deb)"
    if [ "$1" = amd64 ]; then
        mv "$new/kernel/$wrapped" "$new/kernel/vmlinuz"
        rm -r "$new/kernel/image"
    else
        ln -s "$wrapped" "$new/kernel/vmlinuz"
    fi
    unwrap "$new/kernel/vmlinuz" >"$new/kernel/vmlinux"
}

number() { # FILE OFFSET BYTES; nothing where the file is shorter
    od -An -v -j "$2" -N "$3" -t "u$3" "$1" | tr -d ' '
}

# The offsets are those of Linux' boot protocol; the last 4 bytes of the payload are its size.
unwrap() { # FILE
    local start length magic tool
    [ "$(number "$1" $((0x202)) 4)" = "$((0x53726448))" ] || fail "$1 is no bzImage"
    start=$(((1 + $(number "$1" $((0x1f1)) 1)) * 512 + $(number "$1" $((0x248)) 4)))
    length=$(($(number "$1" $((0x24c)) 4) - 4))
    magic=$(od -An -v -j "$start" -N 4 -t x1 "$1" | tr -d ' ')
    case $magic in
    28b52ffd) tool=(zstd -dcq) ;;
    fd377a58) tool=(xz -dc) ;;
    02214c18) tool=(lz4 -dcq) ;;
    *) fail "the kernel is packed in a way that is not known: it begins with $magic" ;;
    esac
    command -v "${tool[0]}" >/dev/null ||
        fail "${tool[0]} is not installed; deploy/dependencies.sh test-vm does it"
    tail -c +$((start + 1)) "$1" | head -c "$length" | "${tool[@]}" || fail "$1 cannot be unwrapped"
}

keep_headers() { # RELEASE
    local tree=usr/src/linux-headers-$1
    unpack "$new/kernel/headers.d"
    # The one path in it that only holds where it is installed.
    sed -i 's|/usr/src/|$(dir $(lastword $(MAKEFILE_LIST)))../|' "$new/kernel/headers.d/$tree/Makefile" ||
        fail "the headers of $1 are not where they were looked for"
    ln -s "headers.d/$tree" "$new/kernel/headers"
}

lacks() { # VERSION FLAVOUR: true, and noted, if this release of Debian has none of that version
    [ "$1" = 6.1 ] && knows_another "$2" || return 1
    echo "this release of Debian has no kernel $1" >"$new/kernel/absent"
    mkdir -p "$build/linux/$1-${2/%cloud-amd64/cloud}"
    mv "$new/kernel/absent" "$build/linux/$1-${2/%cloud-amd64/cloud}/"
}

fetch() { # KERNEL PART ...
    local kernel=$1 version=${1%-*} flavour=${1#*-} release part
    shift
    [ "$flavour" != cloud ] || flavour=cloud-amd64
    rm -rf "$new/kernel"
    mkdir "$new/kernel"
    release=$(cat "$build/linux/$kernel/release" 2>/dev/null) ||
        release=$(release_of "$version" "$flavour") || { lacks "$version" "$flavour"; return; }
    for part in "$@"; do
        download "$part" "$release" || return 1
        case $part in
        image) keep_image "$flavour" ;;
        headers) keep_headers "$release" ;;
        esac
    done
    echo "$release" >"$new/kernel/release"
    mkdir -p "$build/linux/$kernel" && mv "$new/kernel"/* "$build/linux/$kernel/" ||
        fail "$build/linux/$kernel cannot be written"
}

# Makes way for another one if what is there is a day old and no longer the newest.
look_for_newer() { # KERNEL
    local there=$build/linux/$1 flavour=${1#*-} release
    [ -n "$(find "$there/release" -mmin +1440 2>/dev/null)" ] || return 0
    take_from_sid
    release=$(release_of newest "${flavour/%cloud/cloud-amd64}") || {
        echo "kernels.sh: $1: $(cat "$there/release") stays, for Debian cannot be asked for a newer one" >&2
        return 0
    }
    if [ "$release" = "$(cat "$there/release")" ]; then
        touch "$there/release"
    else
        rm -rf "$there"
    fi
}

is_absent() { # KERNEL
    [ -e "$build/linux/$1/absent" ] || return 1
    echo "kernels.sh: $1: $(cat "$build/linux/$1/absent")" >&2
    status=77
}

status=0
for kernel in "$@"; do
    [[ $kernel =~ ^(6\.1|6\.12|newest)-(cloud|amd64)$ ]] || {
        echo "kernels.sh: $kernel: no such kernel; 6.1, 6.12 or newest, then -cloud or -amd64" >&2
        exit 2
    }
    options=("${own_options[@]}")
    [[ $kernel != newest-* ]] || look_for_newer "$kernel"
    ! is_absent "$kernel" || continue
    wanted=()
    [ -e "$build/linux/$kernel/vmlinux" ] || wanted+=(image)
    [[ " ${parts[*]} " != *' headers '* ]] || [ -e "$build/linux/$kernel/headers" ] || wanted+=(headers)
    [ ${#wanted[@]} -gt 0 ] || continue
    [[ $kernel != newest-* ]] || take_from_sid
    fetch "$kernel" "${wanted[@]}" && { is_absent "$kernel" || true; continue; }
    # Debian may have gone on to another release since its image was fetched.
    rm -rf "${build:?}/linux/$kernel"
    [[ $kernel == newest-* ]] || renew_lists || true
    fetch "$kernel" "${parts[@]}" || fail "apt-get cannot fetch Debian's kernel $kernel"
    is_absent "$kernel" || true
done
exit $status
