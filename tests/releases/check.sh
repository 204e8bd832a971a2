#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check.sh [RELEASE ...]: builds and tests this tree on other releases of Debian, trixie and sid if none
# is named, each in a root of its own (deploy/releases/root.sh): with its compiler, whose warnings are
# errors; the modules for its newest kernel; then the unit, guest, system and libvirt tests, the last of
# them once more where there are neither cgroups nor devices. Ends with the figures of each release, and
# fails if one of them has failed. Takes root; what a release has printed is in build/releases/RELEASE/log.
#   ONLY='map_*'  only tests of this name
set -u
cd "$(dirname "$0")/../.." || exit 1
export BUILD=${BUILD:-build}
[ $# -gt 0 ] || set -- trixie sid
figures=()
failed=0
# A path that none of the tree's files has by chance: one test looks for it in what is installed.
tree=/srv/tree-under-test

# The tree as it would be committed: nothing that was built here.
export_tree() { # DIRECTORY
    rm -rf "$1" && mkdir -p "$1" &&
        git ls-files -z --cached --others --exclude-standard |
        tar --null --files-from - --ignore-failed-read -c 2>/dev/null | tar -x -C "$1"
}

# step RELEASE [--plain] WHAT COMMAND: in the root, beside the copy of the tree; its output goes to the
# log, and lines that tell of progress to the terminal, too.
step() {
    local release=$1 options=()
    shift
    [ "$1" != --plain ] || { options=(--plain); shift; }
    echo "$release: $1"
    setpriv --pdeathsig TERM deploy/releases/root.sh "${options[@]}" "$release" "$enter $2" 2>&1 </dev/null |
        tee -a "$log" | grep --line-buffered -E '^(FAILED|skipped) |warning: [^p]|error:|^ {8}\||^[0-9]+ passed' |
        sed -u "s/^/$release: /"
    [ "${PIPESTATUS[0]}" -eq 0 ] || { problems+=("$1"); return 1; }
}

figures_of() { # RELEASE: of the last run of tests
    tac "$log" | grep -m 1 -oE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' || echo "no test run"
}

versions='echo "compiler: $(gcc -dumpfullversion), libc $(dpkg-query -Wf "\${Version}" libc6), libvirt $(dpkg-query -Wf "\${Version}" libvirt-daemon)"'
only=${ONLY:+only $(printf %q "$ONLY")}

check() { # RELEASE
    local release=$1 log=$BUILD/releases/$1/log since=$SECONDS problems=() tests='' plain='' enter=''
    mkdir -p "${log%/*}"
    : >"$log"
    step "$release" "root, up to date" \
        'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y dist-upgrade'
    export_tree "$BUILD/releases/$release/root$tree" || problems+=("copy of the tree")
    enter="cd $tree &&"
    if [ ${#problems[@]} -eq 0 ] &&
        step "$release" "packages" "deploy/dependencies.sh build tests test-vm && $versions"; then
        step "$release" "build" 'make -j$(nproc) WERROR=1 tests'
        step "$release" "Linux modules" \
            'make WERROR=1 linux-modules && echo "modules: $(cat build/linux/*/release | xargs)"'
        step "$release" "tests" "tests/run.sh unit guest system libvirt $only"
        tests=$(figures_of)
        step "$release" --plain "libvirt's tests without cgroups and devices" "tests/run.sh libvirt $only"
        plain=$(figures_of)
    fi
    [ ${#problems[@]} -eq 0 ] || failed=1
    figures+=("$release ($((SECONDS - since)) s): $(sed -n 's/^compiler: /gcc /p' "$log"), Linux $(sed -n 's/^modules: //p' "$log")")
    figures+=("    tests: ${tests:-none run}" "    without cgroups and devices: ${plain:-none run}")
    [ ${#problems[@]} -eq 0 ] || figures+=("    FAILED: $(printf '%s; ' "${problems[@]}")see $log")
}

for release; do
    check "$release"
done
printf '%s\n' "${figures[@]}"
exit $failed
