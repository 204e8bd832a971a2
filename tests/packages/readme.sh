#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In a root of its own: the lines of README.md, "As a package", are typed one after the other, and each
# does what it says. What `apt install` asks is answered with yes.
# shellcheck source=tests/packages/apt.bash
. /srv/tests/apt.bash
sources
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/90yes
awk '/^## As a package/ { on = 1 } on && /^```$/ { if (inside) exit; inside = 1; next } inside' \
    /srv/tests/README.md >/srv/lines
count=$(wc -l </srv/lines)
[[ $count == [5-9] || $count == 10 ]] || fail "README.md has $count lines from apt to a VM: $(cat /srv/lines)"
[[ $(head -n 1 /srv/lines) == 'apt install ./holdfast_*.deb' ]] || fail "README.md does not begin with apt"

cd /srv/packages
while IFS= read -r line <&3; do
    [ -c /dev/kvm ] || [[ $line == apt* ]] || { echo "there is no /dev/kvm to run a VM"; exit 77; }
    echo "\$ $line"
    eval "$line" >/srv/output 2>&1 </dev/null || fail "$line: $(cat /srv/output)"
    # Who types reads that it runs before going on.
    if [[ $line == *'&' ]]; then
        vm=$!
        for _ in {1..200}; do
            ! grep -q ': runs;' /srv/output || break
            sleep 0.1
        done
        grep ': runs;' /srv/output || fail "the VM does not start: $(cat /srv/output)"
    fi
    [[ $line != 'holdfastctl '@(list|info|watch)* ]] || grep -q . /srv/output || fail "$line shows nothing"
    [[ $line != 'holdfastctl list' ]] || grep -q busy /srv/output || fail "the VM is not listed: $(cat /srv/output)"
done 3</srv/lines
wait "$vm" || [ $? -lt 128 ] || fail "the VM did not end in order"
echo "figure: $count lines of the README"
