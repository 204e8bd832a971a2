# SPDX-License-Identifier: MIT
# fish and zsh, too, complete commands, options, running VMs, their objects and the words of an object, each
# asked itself. bash has ctl_completion.sh.
. tests/system/control.bash
shells=()
for shell in fish zsh; do ! command -v $shell >/dev/null || shells+=("$shell"); done
[ ${#shells[@]} -gt 0 ] || { echo "neither zsh nor fish is there"; exit 77; }
start web --object name=disk,size=4K --object name=data,size=4K
start mail
PATH=$(cd "$BUILD" && pwd):$PATH
export PATH HOME=$WORK XDG_CONFIG_HOME=$WORK/config XDG_DATA_HOME=$WORK/data

ask_fish() { # LINE
    fish --no-config -c "source deploy/completion/fish/holdfastctl.fish; complete -C '$1'" 2>"$WORK/fish.err" | cut -f 1
}

# The shell is interactive, on a terminal of its own; what its completion offers goes to a file.
cat >"$WORK/setup.zsh" <<'END'
fpath=($ROOT/deploy/completion/zsh $fpath)
autoload -Uz compinit
compinit -u -D
compadd() {
    if [[ " ${@[1,(i)(-|--)]} " == *" -"(O|A|D)" "* ]]; then
        builtin compadd "$@"
        return
    fi
    local -a hits
    builtin compadd -O hits "$@"
    print -rl -- $hits >>$OFFERED
    builtin compadd "$@"
}
capture() { zle complete-word; print DONE >>$OFFERED }
zle -N capture
bindkey '^I' capture
cd $ROOT
print DONE >>$OFFERED
END
cat >"$WORK/ask.zsh" <<'END'
zmodload zsh/zpty
zmodload zsh/zselect
wait_for_done() {
    local tries
    for tries in {1..600}; do
        zpty -r -t z >/dev/null 2>&1
        grep -qx DONE $OFFERED 2>/dev/null && return
        zselect -t 5
    done
    print "zsh does not come to an end"
    exit 1
}
rm -f $OFFERED
zpty z zsh -f -i
zpty -w z "source $1"
wait_for_done
rm -f $OFFERED
zpty -w -n z "$2"$'\t'
wait_for_done
zpty -d z
grep -vx -e DONE -e '' $OFFERED
END
ask_zsh() {
    ROOT=$PWD OFFERED=$WORK/offered zsh -f "$WORK/ask.zsh" "$WORK/setup.zsh" "$1"
}

# completes LINE WORD ...: these and no other words are offered, in any order.
completes() {
    local line=$1 shell got wanted
    shift
    wanted=$(printf '%s\n' "$@" | sort | tr '\n' ' ')
    for shell in "${shells[@]}"; do
        got=$("ask_$shell" "$line" | sort -u | tr '\n' ' ')
        [ "$got" = "$wanted" ] || fail "$shell: '$line' offers '$got', not '$wanted'"
    done
}

completes 'holdfastctl re' reset resume
completes 'holdfastctl --json wi' windows
completes 'holdfastctl help de' detach
completes 'holdfastctl info ' mail web
completes 'holdfastctl info w' web
completes 'holdfastctl events --count 3 w' web
completes 'holdfastctl detach web d' data disk
completes 'holdfastctl detach web --f' --force
completes 'holdfastctl events web --n' --new
completes 'holdfastctl top --sort ma' mapped maps
completes 'holdfastctl drill web --p' --primitive
completes 'holdfastctl drill web --primitive m' map
completes 'holdfastctl quota web Idle p' pages=
completes 'holdfastctl attach web n' name=

# Every command and every option is known to both.
for command in $(holdfastctl --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    grep -qw "$command" deploy/completion/zsh/_holdfastctl || fail "zsh does not know $command"
    grep -qw "$command" deploy/completion/fish/holdfastctl.fish || fail "fish does not know $command"
    for option in $(holdfastctl help "$command" 2>/dev/null | grep -oE '^  -[a-zA-Z], --[a-z]+' | sed 's/.*--//'); do
        grep -qw -e "--$option" deploy/completion/zsh/_holdfastctl || fail "zsh does not know --$option of $command"
        grep -qw -e "-l $option" deploy/completion/fish/holdfastctl.fish || fail "fish does not know --$option of $command"
        grep -qw -e "--$option" deploy/completion/holdfastctl || fail "bash does not know --$option of $command"
    done
done
[ ${#shells[@]} -eq 2 ] || { echo "of zsh and fish, only ${shells[*]} is there"; exit 77; }
