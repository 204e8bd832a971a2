# SPDX-License-Identifier: MIT
# The AMD machine of the test VM and of the Debian VM: QEMU, under a libvirt of our own; sourced by
# test-vm.sh and debian-vm.sh. The test VM has another machine, too, deploy/bochs/machine.bash, which has
# the same functions.
# shellcheck shell=bash
. deploy/libvirt/private.bash
name=holdfast-test client=
# For its kernel; noxsave: every switch between guest and host is cheaper, and emulation is slow enough.
machine_words='console=ttyS0 quiet panic=-1 oops=panic mitigations=off noxsave holdfast-test-vm'
machine_disks='' # elements of libvirt's

machine_lacks() { # prints the tools that are missing
    libvirt_tools
}

machine_unusable() { # prints why what is there will not do
    :
}

# Prepares $directory; may fail, and says why on standard error.
machine_make() { # KERNEL INITRAMFS MIB
    touch "$directory/console.log"
    cp -L "$1/vmlinuz" "$directory/vmlinuz" && mv "$2" "$directory/initramfs" &&
        mkfifo "$directory/output.in" &&
        sed -e "s|@NAME@|$name|; s|@MEMORY@|$3|; s|@DIRECTORY@|$directory|" \
            -e "s|@WORDS@|$machine_words|; s|@DISKS@|$machine_disks|" \
            deploy/libvirt/test-vm.xml.in >"$directory/test-vm.xml" &&
        libvirt_start "$directory" &&
        private_virsh define --validate "$directory/test-vm.xml"
}

# Runs the VM to its end, which it says in $directory/events; 124 if it did not end within the limit.
machine_run() { # SECONDS
    # One client starts the VM and waits for its first event, its end. With the client the VM is gone,
    # and with this script, should it be killed, the client.
    "${libvirt_as[@]}" setpriv --pdeathsig TERM virsh "${libvirt_client[@]}" \
        "start --autodestroy $name; event $name --event lifecycle --timeout $1" \
        >"$directory/events" 2>&1 </dev/null 7>&- &
    client=$!
    wait "$client"
    client=
    ! grep -q 'timed out' "$directory/events" || return 124
}

machine_stop() { # cannot fail; nothing happens if it was not started
    [ -z "$client" ] || kill "$client" 2>/dev/null
    if [ ${#libvirt_pids[@]} -gt 0 ]; then
        private_virsh destroy "$name" >/dev/null 2>&1
        private_virsh undefine "$name" >/dev/null 2>&1
    fi
    libvirt_stop
}

# Adds a disk; cannot fail. What is written to it need not outlive the VM.
machine_disk() { # NAME FORMAT FILE [ELEMENT]
    machine_disks+="<disk type='file'><driver name='qemu' type='$2' cache='unsafe'/>"
    machine_disks+="<source file='$3'/><target dev='$1' bus='virtio'/>${4:-}</disk>"
}
