# SPDX-License-Identifier: MIT
# For tests with a neighbour in the memory cgroup that takes all that the VMM gives back: start_neighbour
# once the cgroup is there, end_neighbour, also at the end.
# shellcheck shell=bash
neighbour=''

end_neighbour() {
    [ -z "$neighbour" ] || { kill "$neighbour"; wait "$neighbour"; } 2>/dev/null
    neighbour=
}
# Holds 4 MiB; takes more when it is told to.
start_neighbour() {
    mkfifo "$WORK/take"
    exec 8<>"$WORK/take"
    (
        enter_cgroup
        echo -1000 2>/dev/null >"/proc/$BASHPID/oom_score_adj"
        exec "$parts/memory_taker" 4 <"$WORK/take" >"$WORK/neighbour" 7>&- 8>&-
    ) &
    neighbour=$!
    for _ in $(seq 300); do
        ! grep -q holds "$WORK/neighbour" 2>/dev/null || return 0
        sleep 0.1
    done
    fail "the neighbour holds nothing"
}
