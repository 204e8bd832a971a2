# SPDX-License-Identifier: MIT
# The system's libvirt, in namespaces of its own: the VMM is the user libvirt-qemu without
# capabilities, in a /dev that holds little, and /dev/kvm is open to the group kvm only. holdfastctl
# works for members of the group libvirt and for root, and for nobody else.
set -u
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
[ "$(id -u)" -eq 0 ] || { echo "only root can run a libvirt of the system's kind"; exit 77; }
. deploy/libvirt/private.bash
missing=$(libvirt_tools | grep -v qemu-system)
[ -z "$missing" ] || { echo "${missing//$'\n'/, } not installed"; exit 77; }
. tests/needs.bash
needs_terminals
needs_sys
if [ -z "${IN_NAMESPACE:-}" ]; then
    exec env IN_NAMESPACE=1 unshare --mount --pid --net --fork --kill-child --propagation private \
        bash "$0"
fi
unset HOLDFAST_RUNTIME_DIR XDG_RUNTIME_DIR
top=$(mktemp -d /tmp/hf.XXXXXX) || exit 1
pids=() made=()
clean_up() {
    kill "${pids[@]}" 2>/dev/null
    wait
    [ ${#made[@]} -eq 0 ] || { umount "${made[@]}" && rmdir "${made[@]}"; }
    umount -l "$top/tmpfs" 2>/dev/null
    rm -rf --one-file-system "$top"
}
trap clean_up EXIT
fail() {
    echo "$*"
    tail -n 5 /var/log/libvirt/qemu/*.log "$top/daemons.log"
    exit 1
}

# All that a libvirt of the system's kind writes to is this test's own.
chmod 755 "$top"
mkdir "$top/tmpfs"
mount -t tmpfs -o mode=755 tmpfs "$top/tmpfs" || fail "no tmpfs"
mount -t proc proc /proc
for directory in run etc/libvirt var/lib/libvirt var/log/libvirt var/cache/libvirt; do
    mkdir -p "$top/tmpfs/$directory"
    [ -d "/$directory" ] || { mkdir "/$directory" && made+=("/$directory"); }
    [ $directory = run ] || cp -a "/$directory/." "$top/tmpfs/$directory/"
    mount --bind "$top/tmpfs/$directory" "/$directory"
done
# The package libvirt-daemon-system would make users and groups, and start a libvirt on this machine.
# Where it is not installed, they are in this mount namespace alone.
cp /etc/passwd /etc/group "$top/tmpfs"
number=64055
for name in kvm libvirt-qemu libvirt; do
    getent group $name >/dev/null || echo "$name:x:$((number++)):" >>"$top/tmpfs/group"
done
mount --bind "$top/tmpfs/group" /etc/group
getent passwd libvirt-qemu >/dev/null ||
    echo "libvirt-qemu:x:64055:$(getent group kvm | cut -d: -f 3)::/var/lib/libvirt:/usr/sbin/nologin" >>"$top/tmpfs/passwd"
mount --bind "$top/tmpfs/passwd" /etc/passwd
rm -rf /etc/libvirt/qemu/*.xml /etc/libvirt/qemu/autostart /etc/libvirt/qemu/networks/autostart/* \
    /var/log/libvirt/qemu/*
umount -R /sys/fs/cgroup 2>/dev/null
cat >/etc/libvirt/libvirtd.conf <<'CONF'
unix_sock_group = "libvirt"
unix_sock_rw_perms = "0770"
auth_unix_rw = "none"
CONF
mknod "$top/tmpfs/kvm" c 10 232
chown root:kvm "$top/tmpfs/kvm"
chmod 660 "$top/tmpfs/kvm"
mount --bind -o dev "$top/tmpfs/kvm" /dev/kvm
install -m 755 "$BUILD/san/holdfast-vmm" "$BUILD/holdfastctl" "$top"
install -m 644 "$BUILD"/guest/busy_windows.elf "$top"
if command -v systemd-tmpfiles >/dev/null; then
    systemd-tmpfiles --create "$PWD/deploy/libvirt/holdfast.tmpfiles.conf" || fail "systemd-tmpfiles"
else
    install -d -m 2750 -o libvirt-qemu -g libvirt /run/holdfast-shared
fi

for daemon in virtlogd "$(libvirt_daemon)"; do
    PATH=$PATH:/usr/sbin "$daemon" >>"$top/daemons.log" 2>&1 </dev/null &
    pids+=($!)
done
for _ in $(seq 200); do
    virsh -q -c qemu:///system list >/dev/null 2>&1 && break
    sleep 0.1
done

does() {
    virsh -q -c qemu:///system "$@" >"$WORK/out" 2>&1 </dev/null || { cat "$WORK/out"; fail "virsh $* failed"; }
}
sed -e "s|/usr/bin/holdfast-vmm|$top/holdfast-vmm|; s|/usr/share/holdfast/guests|$top|; s|<vcpu>1|<vcpu>2|" \
    deploy/libvirt/holdfast.xml >"$top/holdfast.xml"
does define --validate "$top/holdfast.xml"
does start holdfast
pid=$(cat /run/libvirt/qemu/holdfast.pid)
status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"; }
[ "$(status Uid | cut -f 1)" = "$(id -u libvirt-qemu)" ] || fail "it runs as user $(status Uid)"
[ "$(status CapEff)" = 0000000000000000 ] || fail "it has capabilities: $(status CapEff)"
[ -e "/proc/$pid/root/dev/kvm" ] || fail "it has no /dev/kvm"
[ ! -e "/proc/$pid/root/dev/mem" ] || fail "it has the machine's /dev"

# Who may control it.
group=$(getent group libvirt | cut -d: -f 3)
as() { # GROUPS WORD ...: holdfastctl as nobody with these groups
    setpriv --reuid nobody --regid "$(id -g nobody)" "$1" env -i "$top/holdfastctl" "${@:2}" >"$WORK/out" 2>&1
}
for _ in $(seq 600); do
    as "--groups=$group" windows holdfast && grep -q Idle "$WORK/out" && break
    sleep 0.1
done
grep -q Idle "$WORK/out" || fail "a member of the group libvirt: $(cat "$WORK/out")"
as "--groups=$group" list || fail "a member's list: $(cat "$WORK/out")"
grep -q '^holdfast  running' "$WORK/out" || fail "a member's list: $(cat "$WORK/out")"
"$top/holdfastctl" info holdfast >/dev/null || fail "root may not control it"
! as --clear-groups info holdfast || fail "a stranger may control it"
grep -q 'you may not control' "$WORK/out" || fail "a stranger: $(cat "$WORK/out")"
# Not even where the directory is opened: the VMM looks at who it is.
chmod 2755 /run/holdfast-shared
chmod 666 /run/holdfast-shared/holdfast.sock
! as "--groups=$(id -g nobody)" info /run/holdfast-shared/holdfast.sock || fail "a stranger at the open door may control it"
grep -q "members of its socket's group" "$WORK/out" || fail "a stranger at the open door: $(cat "$WORK/out")"
as "--groups=$group" info holdfast || fail "a member at the open door: $(cat "$WORK/out")"

does vcpupin holdfast 1 0
does domstats holdfast
does suspend holdfast
does resume holdfast
does reboot holdfast
does destroy holdfast
chmod 2750 /run/holdfast-shared
does start holdfast
does shutdown holdfast
for _ in $(seq 600); do
    [ "$(virsh -q -c qemu:///system domstate holdfast --reason)" != 'shut off (shutdown)' ] || break
    sleep 0.1
done
does domstate holdfast --reason
grep -q 'shut off (shutdown)' "$WORK/out" || fail "after a shutdown: $(cat "$WORK/out")"
[ -z "$(ls -A -I .lock /run/holdfast-shared)" ] || fail "the control socket is left"

# Without access to /dev/kvm, libvirt says that there is no KVM, and does not try for ever.
does undefine holdfast
chmod 600 /dev/kvm
sed -i "s|holdfast-vmm<|holdfast-vmm-2<|" "$top/holdfast.xml" # one that libvirt has not probed yet
cp "$top/holdfast-vmm" "$top/holdfast-vmm-2"
! virsh -q -c qemu:///system create "$top/holdfast.xml" >"$WORK/out" 2>&1 || fail "it starts without /dev/kvm"
grep -qE "does not support virt type 'kvm'|/dev/kvm" "$WORK/out" || fail "without /dev/kvm: $(cat "$WORK/out")"
