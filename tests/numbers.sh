#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# numbers.sh SECONDS: prints the figures that a text on security may quote, each counted now: which
# system calls a thread may make, inputs of hypercalls and of the control socket tried in so many
# seconds each, and what is proved within which bounds. What cannot be had here is said.
set -u
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build}
seconds=$1 failed=0

echo "System calls that a thread may make, by name; how many rules there are for it:"
"$BUILD/holdfast-vmm" --sandbox-list | awk '
    /^[^ ]/ { thread = $0; if (thread != "every thread") threads[++count] = thread; next }
    { call = $1; sub(/:$/, "", call); rules[thread]++
      if (!((thread, call) in seen)) { seen[thread, call] = 1; calls[thread]++
          if (thread != "every thread" && ("every thread", call) in seen) also[thread]++ } }
    END { for (i = 1; i <= count; i++) { t = threads[i]
              printf "  %-16s %3d calls %4d rules\n", t,
                     calls[t] + calls["every thread"] - also[t], rules[t] + rules["every thread"] } }
' || failed=1

echo "Inputs tried, guided by coverage; one of hypercalls is a sequence of up to 512 calls, one of"
echo "control a connection with all that is sent on it:"
for target in hypercalls control; do
    said=$(make --no-print-directory -s fuzz TARGET=$target SECONDS="$seconds" 2>&1)
    status=$?
    # Without clang it is skipped; make itself has the last word then.
    line=$(grep -E 'executions in|^skipped' <<<"$said" | tail -n 1)
    echo "  ${line:-$target: $(tail -n 1 <<<"$said")}"
    [ $status -eq 0 ] || [[ $line == skipped* ]] || failed=1
done

echo "Proved, for which inputs:"
tests/proofs/run.sh | sed 's/^/  /'
case ${PIPESTATUS[0]} in 0 | 77) ;; *) failed=1 ;; esac
exit $failed
