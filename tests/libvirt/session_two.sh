# SPDX-License-Identifier: MIT
# Two VMs at once, which share an object: each is found by its own name and ends by itself.
. tests/libvirt/session.bash
libvirt_start "$libvirt" || fail "libvirt does not start"
truncate -s 64K "$libvirt/shared"
chmod 666 "$libvirt/shared"
share="s|name=scratch,size=1M|name=shared,path=$libvirt/shared|"
domain left "$share"
domain right "$share" 's|<vcpu>1|<vcpu>3|'
does start left
does start right
until_ "the left guest has its windows" has_windows left
until_ "the right guest has its windows" has_windows right
ctl list
says '^left +running +[0-9]+ +1 '
says '^right +running +[0-9]+ +3 '
for name in left right; do
    ctl objects "$name"
    says '^shared'
done
does suspend left
is_in right 'running (booted)' || fail "a suspend reaches the other VM"
does destroy left
has_windows right || fail "a destroy reaches the other VM"
fails 'not running' suspend left
does start left
kill -9 "$(pid_of right)"
comes_to right 'shut off (crashed)'
until_ "the left guest has its windows again" has_windows left
does start right
until_ "the name of a VM that was killed can be used again" has_windows right
does shutdown left
does shutdown right
comes_to left 'shut off (shutdown)'
comes_to right 'shut off (shutdown)'
exit 0
