# SPDX-License-Identifier: MIT
# A file is cut short under a program's mapping of /dev/holdfast: the program gets SIGSEGV, its calls
# EFAULT, on two CPUs as on one, while another program computes; the VMM then costs no processor time.
. tests/linux/linux.bash
modules=(holdfast)
programs=(cut_short)
file=$WORK/file

ticks() {
    awk '{print $14 + $15}' "/proc/${pid_of[$vm]}/stat"
}

try() { # KERNEL VCPUS
    kernel=$1 vm=$1
    truncate -s 16K "$file"
    boot --vcpus "$2" --object "name=file,path=$file" <<'END'
fails() { echo "$*"; exit 1; }
(while :; do :; done) &
cut_short || fails "status $?"
kill $!
dmesg | grep -E 'BUG:|Oops' && fails "the kernel complains"
echo idle
read -r line
exit 0
END
    waits_for '^mapped' || fail "the program does not map"
    truncate -s 4K "$file"
    tell go
    waits_for '^lost' || fail "the program's accesses do not end"
    truncate -s 16K "$file"
    tell go
    waits_for '^idle' || fail "the program does not end"
    says '^there again'
    local before
    before=$(ticks)
    sleep 2
    [ $(($(ticks) - before)) -lt 100 ] || fail "the VMM keeps a processor busy"
    tell end
    ended 0
    logs 'mapped, but .*Bad address: #GP'
}
try 6.12-cloud 1
try 6.1-cloud 2
