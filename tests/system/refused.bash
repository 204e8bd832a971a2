# SPDX-License-Identifier: MIT
# Sourced by options_*.sh. Runs holdfast-vmm with options that are wrong, in a directory of files.
set -u
vmm=$(realpath "$BUILD/san/holdfast-vmm")
guest=$(realpath "$BUILD/guest/hello.elf")
failed=0
mkdir -m 700 "$HOLDFAST_RUNTIME_DIR"
mkdir "$WORK/here"
cd "$WORK/here" || exit 1

files() {
    find . "$WORK/run" -printf '%p %y %m %s %T@\n' | grep -v '^\. \|^[^ ]*/run d' | sort
}

complain() { # TEXT OPTION...
    failed=$((failed + 1))
    echo "holdfast-vmm ${*:2}"
    echo "    $1"
    sed 's/^/    stderr: /' "$WORK/stderr"
}

# refused WORD... -- OPTION...: exit status 2, nothing on standard output, one line on standard
# error that contains each of the words, and the directory as it was.
refused() {
    local words=() word before status
    while [ "$1" != -- ]; do words+=("$1"); shift; done
    shift
    before=$(files)
    timeout 30 "$vmm" "$@" >"$WORK/stdout" 2>"$WORK/stderr" </dev/null
    status=$?
    [ "$status" = 2 ] || complain "exit status $status, wanted 2" "$@"
    [ ! -s "$WORK/stdout" ] || complain "it prints something on standard output" "$@"
    [ "$(wc -l <"$WORK/stderr")" = 1 ] || complain "standard error is not one line" "$@"
    for word in "${words[@]}"; do
        grep -qF -- "$word" "$WORK/stderr" || complain "the message lacks: $word" "$@"
    done
    [ "$(files)" = "$before" ] || complain "it left something behind: $(diff <(echo "$before") <(files))" "$@"
}

conclude() {
    [ "$failed" -eq 0 ] || { echo "$failed failed"; exit 1; }
}
