# SPDX-License-Identifier: MIT
# For tests that have a VMM short of memory: a memory cgroup that can be made full.
# shellcheck shell=bash
cgroup='' kind=''

# Makes a memory cgroup in which the OOM killer is off (version 1) or finds nobody to kill (version 2:
# the VMM protects itself).
make_cgroup() {
    if [ -w /sys/fs/cgroup/memory/cgroup.procs ]; then
        kind=v1 cgroup=/sys/fs/cgroup/memory/holdfast:test-$$
        limit=memory.limit_in_bytes usage=memory.usage_in_bytes
    elif [ -w /sys/fs/cgroup/cgroup.procs ]; then
        kind=v2 cgroup=/sys/fs/cgroup/holdfast:test-$$
        limit=memory.max usage=memory.current
        echo +memory 2>/dev/null >/sys/fs/cgroup/cgroup.subtree_control
    else
        echo "no memory cgroup can be made here"
        exit 77
    fi
    if ! mkdir "$cgroup" 2>/dev/null || [ ! -e "$cgroup/$limit" ]; then
        rmdir "$cgroup" 2>/dev/null
        cgroup=
        echo "no memory cgroup can be made here"
        exit 77
    fi
    [ $kind = v2 ] || echo 1 >"$cgroup/memory.oom_control"
}

in_use() {
    cat "$cgroup/$usage"
}

# Lowers the limit to what is in use, and then as far as the kernel goes along.
fill_cgroup() {
    local now
    [ ! -e "$cgroup/memory.force_empty" ] || echo 0 2>/dev/null >"$cgroup/memory.force_empty"
    [ ! -e "$cgroup/memory.reclaim" ] || echo 64M 2>/dev/null >"$cgroup/memory.reclaim"
    now=$(in_use)
    if [ $kind = v2 ]; then
        # Each processor has put some by for the cgroup, which it gives back when there is to be less.
        echo $((now - 4096)) >"$cgroup/memory.high"
        echo max >"$cgroup/memory.high"
        # A limit below what can be had wakes the OOM killer.
        in_use >"$cgroup/$limit"
        return
    fi
    for now in "$now" $((now + 65536)) $((now + 262144)); do
        echo "$now" 2>/dev/null >"$cgroup/$limit" && break
    done
    while now=$((now - 16384)) && echo "$now" 2>/dev/null >"$cgroup/$limit"; do :; done
}

# How often the kernel has refused since the cgroup was made, or had to look for memory first.
shortages() {
    if [ $kind = v1 ]; then
        cat "$cgroup/memory.failcnt"
    else
        sed -n 's/^max //p' "$cgroup/memory.events"
    fi
}

loosen_cgroup() {
    [ -z "$cgroup" ] || echo "$([ $kind = v1 ] && echo -1 || echo max)" >"$cgroup/$limit"
}

# The process that calls this, if a cgroup has been made.
enter_cgroup() {
    [ -z "$cgroup" ] || echo "$BASHPID" >"$cgroup/cgroup.procs"
}

# Its processes must have ended, or be about to.
remove_cgroup() {
    for _ in $(seq 50); do
        [ -n "$cgroup" ] && [ -d "$cgroup" ] || break
        rmdir "$cgroup" 2>/dev/null || sleep 0.1
    done
}
