# SPDX-License-Identifier: MIT
# The shell completes commands, running VMs, their objects and the words of an object.
. tests/system/control.bash
start web --object name=disk,size=4K --object name=data,size=4K --object name=rom,size=4K
start mail
PATH=$(cd "$BUILD" && pwd):$PATH
. deploy/completion/holdfastctl
compopt() { :; } # there is no completion going on

# completes LINE WORD ...: these and no other words are offered, in any order.
completes() {
    local line=$1
    shift
    COMP_LINE=$line COMP_POINT=${#line}
    _holdfastctl
    local got wanted
    got=$(printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' ')
    wanted=$(printf '%s\n' "$@" | sort | tr '\n' ' ')
    [ "$got" = "$wanted" ] || fail "'$line' offers $got, not $wanted"
}

completes 'holdfastctl re' reset resume
completes 'holdfastctl --json wi' windows
completes 'holdfastctl help de' detach
completes 'holdfastctl top --sort ma' mapped maps
completes 'holdfastctl events web --' --count --help --json --new --version
completes 'holdfastctl info ' mail web
completes 'holdfastctl info w' web
completes 'holdfastctl detach web d' data disk
completes 'holdfastctl detach web --f' --force
completes 'holdfastctl drill web --p' --primitive
completes 'holdfastctl drill web --primitive m' map
completes 'holdfastctl quota web Idle p' pages=
completes 'holdfastctl quota web Idle pages=1 ' windows= pages= extents=
completes 'holdfastctl list --f' ''
completes 'holdfastctl attach web n' name=
completes 'holdfastctl attach web name=x,access=r' ro rw
completes 'holdfastctl attach web name=x,c' x,create
completes 'holdfastctl attach web name=x,path=tests/system/ctl_comp' tests/system/ctl_completion.sh

# Every command of holdfastctl is known to it.
for command in $(holdfastctl --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    completes "holdfastctl $command" "$command"
done
