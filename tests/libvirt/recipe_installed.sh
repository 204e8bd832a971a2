# SPDX-License-Identifier: MIT
# What deploy/libvirt/README.md says for session mode works as written after make install: the
# domain's file names an emulator and a guest that are installed.
set -u
[ "$(id -u)" -eq 0 ] || { echo "only root can install under /usr"; exit 77; }
. tests/libvirt/session.bash
# Over the machine's /usr, in this mount namespace alone.
layers=$WORK/layers
mkdir "$layers"
mount -t tmpfs tmpfs "$layers" && mkdir "$layers/upper" "$layers/work" &&
    mount -t overlay -o "lowerdir=/usr,upperdir=$layers/upper,workdir=$layers/work" overlay /usr ||
    { echo "no overlay file system can be mounted here"; exit 77; }
unset MAKEFLAGS MFLAGS MAKELEVEL
make -s B="$BUILD" install PREFIX=/usr DESTDIR= >"$WORK/output" 2>&1 || { cat "$WORK/output"; fail "make install"; }
libvirt_start "$libvirt" || fail "libvirt does not start"

recipe() { # WORD: the command of the recipe with this word, as it is written
    local command
    command=$(grep -m 1 "^virsh .*\b$1\b" deploy/libvirt/README.md) || fail "the README has no virsh $1"
    "${libvirt_as[@]}" bash -c "$command" >"$WORK/out" 2>"$WORK/err" </dev/null ||
        { cat "$WORK/err"; fail "$command"; }
}
recipe define
recipe start
shows_windows() { "${libvirt_as[@]}" holdfastctl windows holdfast 2>/dev/null | grep -q Idle; }
until_ "holdfastctl windows holdfast shows them" shows_windows
does destroy holdfast
