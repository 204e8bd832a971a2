# SPDX-License-Identifier: MIT
# A libvirt of our own, for as long as a script runs; sourced.
#
# It is a session instance (qemu:///session) whose directories all lie in the script's own: it works
# without an init system, neither sees nor disturbs a libvirt that the machine may have, and removing
# the directory removes all of it. A daemon that runs as root is always the system's instance, with
# /etc/libvirt, /run/libvirt and cgroups; so root becomes nobody here, who needs nothing else to
# emulate a machine. qemu:///embed would do without a daemon, and so without what users of libvirt run.
# shellcheck shell=bash

libvirt_pids=() libvirt_directory='' libvirt_as=()

libvirt_tools() { # prints what is missing
    local tool
    for tool in qemu-system-x86_64 virsh virtlogd setpriv; do
        PATH=$PATH:/usr/sbin type -P "$tool" >/dev/null || echo "$tool"
    done
    libvirt_daemon >/dev/null || echo libvirtd
}

libvirt_daemon() {
    PATH=$PATH:/usr/sbin type -P libvirtd virtqemud | grep -m 1 .
}

libvirt_start() { # DIRECTORY: with a short path, for sockets have names of 107 bytes at most
    local daemon name socket
    libvirt_directory=$1 libvirt_as=()
    daemon=$(libvirt_daemon)
    name=$(basename "$daemon")
    if [ "$(id -u)" -eq 0 ]; then
        libvirt_as+=(setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups)
        chown -R nobody "$libvirt_directory"
    fi
    libvirt_as+=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 LIBVIRT_AUTOSTART=0
        HOME="$libvirt_directory" XDG_RUNTIME_DIR="$libvirt_directory/run"
        XDG_CONFIG_HOME="$libvirt_directory/config" XDG_CACHE_HOME="$libvirt_directory/cache"
        XDG_DATA_HOME="$libvirt_directory/data")
    for daemon in virtlogd "$daemon"; do
        libvirt_launch "$daemon"
    done
    for socket in virtlogd "${name/libvirtd/libvirt}"; do
        libvirt_listens "$socket" || return 1
    done
}

libvirt_launch() { # DAEMON
    # setsid: a Ctrl-C is for the script, which ends the VM before the daemons. --timeout: they end
    # when they have had nothing to do for so long, should the script be killed.
    setsid "${libvirt_as[@]}" "$1" --timeout 30 >>"$libvirt_directory/daemons.log" 2>&1 </dev/null &
    libvirt_pids=($! "${libvirt_pids[@]}")
}

libvirt_listens() { # SOCKET: waits until it is there
    for _ in $(seq 100); do
        [ ! -S "$libvirt_directory/run/libvirt/$1-sock" ] || return 0
        sleep 0.1
    done
    echo "$1 does not start:" >&2
    tail -n 5 "$libvirt_directory/daemons.log" >&2
    return 1
}

libvirt_stop() { # cannot fail; nothing happens if it was not started
    local pid
    for pid in "${libvirt_pids[@]}"; do
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    libvirt_pids=()
    return 0
}

libvirt_client=(--quiet --connect qemu:///session)
private_virsh() {
    "${libvirt_as[@]}" virsh "${libvirt_client[@]}" "$@" </dev/null
}
