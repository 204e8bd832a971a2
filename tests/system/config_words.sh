#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every option of the command line is a word of a configuration file and of holdfast.conf(5), but for those
# that only print or are about the file. Lines that make no sense are refused with file, line, word and
# cause, each of them by --check. The command line counts more than the file.
. tests/system/refused.bash
file=here.conf

conf() { printf '%s\n' "$@" >"$file"; }
conf_refused() { # LINE WORD...: the file, whose second line this is, is refused with these words
    conf 'kernel = k' "$1"
    refused "${@:2}" -- --config "$file"
}

# ---- the same words everywhere ----

"$vmm" --help | grep -oE '(^  |, )--[a-z-]+' | sed 's/.*--//' |
    grep -vxE 'help|version|sandbox-list|config|check' | sort >"$WORK/options"
[ "$(wc -l <"$WORK/options")" -gt 15 ] || complain "hardly an option is found" --help
while read -r word; do
    conf "$word ="
    refused "$file:1: word '$word': has no value" -- --config "$file"
    # A value that no word takes, or one that all take who take any text.
    conf "$word = -" "$word = -"
    timeout 30 "$vmm" --config "$file" --check >"$WORK/stdout" 2>"$WORK/stderr" </dev/null
    ! grep -q "there is no such word" "$WORK/stderr" || complain "$word is no word of a file" "--$word"
done <"$WORK/options"
sed -n '/^\.Sh WORDS/,/^\.Sh WHAT/s/^\.It Cm \([a-z-]*\)$/\1/p' "$OLDPWD/deploy/man/holdfast.conf.5" |
    sort | diff "$WORK/options" - >"$WORK/difference" ||
    complain "holdfast.conf(5) has other words than --help: $(cat "$WORK/difference")" --help
for word in help version sandbox-list config check bogus Kernel on_poweroff; do
    conf_refused "$word = yes" "$file:2:"
done

# ---- lines ----

conf_refused 'memory = 3' "$file:2: word 'memory': 3: must be 4M to 64T"
conf_refused 'memory=3' "$file:2: word 'memory': 3:"
conf_refused $'\t memory \t=  3 \t' "$file:2: word 'memory': 3:"
conf_refused 'kernel = other' "$file:2: word 'kernel': is in line 1 already"
conf_refused 'memory' "$file:2: word 'memory': no '='"
conf_refused 'memory 64M' "$file:2: word 'memory': no '='"
conf_refused '--memory = 64M' "$file:2: words have no dashes"
conf_refused '= 64M' "$file:2: a line begins with a word"
conf_refused 'paused = true' "$file:2: word 'paused': true: must be yes or no"
conf_refused 'append = "x' "$file:2: word 'append': the quote is not closed"
conf_refused 'append = "x" y' "$file:2: word 'append': something stands behind the closing quote"
conf_refused 'append = "x\n"' "$file:2: word 'append': behind a backslash"
conf_refused 'object = name=a' "$file:2: word 'object': name=a:" "needs a path"
conf_refused 'quota = tag=Disk,windows=0' "$file:2: word 'quota':"
conf_refused $'append = a\x1bb' "$file:2: the line has a control character"
conf_refused $'append = a\rb' "$file:2: the line has a control character"
conf_refused $'append = \xc3\x28' "$file:2: the line is not UTF-8"
conf_refused $'app\xc3\xa4nd = x' "$file:2: word 'app': no '='"
conf 'kernel = k' 'object = name=a,size=4K' 'object = name=a,size=8K'
refused "$file:3: word 'object': the name a is given twice" -- --config "$file"
printf 'kernel = k\nappend = a\0b\n' >"$file"
refused "$file:2: the line has a NUL" -- --config "$file"
{ echo 'kernel = k'; printf 'append = '; head -c 70000 /dev/zero | tr '\0' x; } >"$file"
refused "$file:2: the line has 70009 bytes" -- --config "$file"
head -c 1048577 /dev/zero | tr '\0' '#' >"$file"
refused "$file: has more than 1048576 bytes" -- --config "$file"
conf '# nothing' '' '   # indented'
refused "$file: the word 'kernel' is missing" -- --config "$file"
mkfifo fifo
refused "fifo: is not a regular file" -- --config fifo
rm fifo
refused "nowhere: cannot be opened: No such file" -- --config nowhere
refused "is not a regular file" -- --config .
conf 'kernel = k'
refused "one file is read" -- --config "$file" --config "$file"
conf 'calibrate = yes' 'guarantee = off' 'kernel = k'
refused "--calibrate: with --guarantee off" -- --config "$file"

# ---- what --check tells ----

checked() { # STATUS WORD... : --check of the file ends so, and each of the words is told
    local wanted=$1 status word
    timeout 30 "$vmm" --config "$file" "${more[@]}" --check >"$WORK/stdout" 2>"$WORK/stderr" </dev/null
    status=$?
    [ $status -eq "$wanted" ] || complain "exit status $status, wanted $wanted" --check
    for word in "${@:2}"; do
        grep -qF -- "$word" "$WORK/stderr" "$WORK/stdout" || complain "--check does not say: $word" --check
    done
}
more=()
conf "kernel = $PWD/none" 'memory = 3' 'bogus = 1' "object = name=a,path=$PWD/none" \
    "object = name=b,path=$PWD/nowhere/b,size=4K,create" "console = file:$PWD/nowhere/c" \
    "control = $PWD/nowhere/s" 'user = nobody-of-this-name'
before=$(files)
checked 2 "$file:2: word 'memory'" "$file:3: word 'bogus'" "--kernel $PWD/none: cannot be read" \
    "object a:" "--object $PWD/nowhere/b: nothing can be made" "--console $PWD/nowhere/c: nothing can be made" \
    "--control" "--user nobody-of-this-name"
[ "$(files)" = "$before" ] || complain "--check has made something" --check
if [ -z "${NO_KVM:-}" ]; then
    printf '# CR LF\r\nkernel = %s\r\nmemory = 64M\r\npaused = no\r\nappend = "  \\"a\\" \\\\ "\r\n' "$guest" >"$file"
    more=(--object "name=x,path=$PWD/made,size=4K,create")
    checked 0 "no mistakes found"
    [ ! -e made ] || complain "--check has made an object" --check
    # The guest sees what stands in quotes; the command line counts more.
    more=()
    HOLDFAST_RUNTIME_DIR=$WORK/run timeout 60 "$vmm" --config "$file" --memory 3M >"$WORK/stdout" 2>"$WORK/stderr" </dev/null
    grep -q -- '--memory 3M: must be' "$WORK/stderr" || complain "the command line does not count more" --memory 3M
    HOLDFAST_RUNTIME_DIR=$WORK/run timeout 60 "$vmm" --config "$file" --name other >"$WORK/stdout" 2>"$WORK/stderr" </dev/null ||
        complain "it does not run" --config "$file"
    grep -q '\[other\]' "$WORK/stderr" || complain "the name of the command line does not count" --name
fi
conclude
