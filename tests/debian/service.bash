# SPDX-License-Identifier: MIT
# For the tests of holdfast@.service in the Debian VM: sourced first.
# shellcheck shell=bash
set -u
[ -d /run/systemd/system ] || { echo "systemd is not the first process here; make check-debian has a VM for this"; exit 77; }
unset HOLDFAST_RUNTIME_DIR XDG_RUNTIME_DIR
WORK=${WORK:-$(mktemp -d)}
mkdir -p "$WORK" /etc/holdfast
guests=$PWD/${BUILD:-build}/guest
install -D -m 644 -t /var/lib/holdfast-guests "$guests/power_button.elf" "$guests/busy_windows.elf"
guests=/var/lib/holdfast-guests
# make install leaves this to a package.
id holdfast >/dev/null 2>&1 || systemd-sysusers holdfast.conf
chmod o+rX /etc/holdfast

fail() {
    echo "$*"
    journalctl --quiet --boot --unit 'holdfast@*' --output cat --no-pager | tail -n 12
    exit 1
}

# until_ WHAT COMMAND ...: waits for it.
until_() {
    local what=$1
    shift
    for _ in $(seq 600); do
        ! "$@" || return 0
        sleep 0.2
    done
    fail "in vain: $what"
}

# conf NAME LINE ...: writes its configuration.
conf() {
    local name=$1
    shift
    printf '%s\n' "$@" >"/etc/holdfast/$name.conf"
    names+=("$name")
}

# dropin NAME LINE ...: of [Service]
dropin() {
    local directory=/run/systemd/system/holdfast@$1.service.d
    shift
    mkdir -p "$directory"
    printf '%s\n' '[Service]' "$@" >"$directory/test.conf"
    systemctl daemon-reload
}

names=()
end_services() {
    local name
    for name in "${names[@]}"; do
        systemctl kill --signal TERM "holdfast@$name" # and not the power button
        systemctl stop "holdfast@$name"
        systemctl reset-failed "holdfast@$name"
        rm -rf "/etc/holdfast/$name.conf" "/run/systemd/system/holdfast@$name.service.d"
    done 2>/dev/null
    systemctl daemon-reload
}
trap end_services EXIT

property() { systemctl show --value --property "$2" "holdfast@$1"; }
is() { [ "$(property "$1" "$2")" = "$3" ]; } # NAME PROPERTY VALUE
starts() { # NAME
    systemctl start "holdfast@$1" || fail "holdfast@$1 does not start"
    is "$1" ActiveState active || fail "holdfast@$1 is $(property "$1" ActiveState)"
}
journal() { # NAME [word of journalctl ...]
    journalctl --sync
    journalctl --quiet --boot --unit "holdfast@$1" --output cat --no-pager "${@:2}"
}
told() { journal "$1" | grep -qE -- "$2"; } # NAME REGEX
ctl() { # WORD ...
    holdfastctl "$@" >"$WORK/out" 2>&1 </dev/null || { cat "$WORK/out"; fail "holdfastctl $* failed"; }
}
