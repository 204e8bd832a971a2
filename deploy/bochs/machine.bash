# SPDX-License-Identifier: MIT
# The Intel machine of the test VM: Bochs, which emulates VMX with EPT; sourced by test-vm.sh. The
# functions are those of deploy/libvirt/machine.bash.
# shellcheck shell=bash
bochs_pid='' bochs_waits=()
# Instructions in a second of the machine: the fewer, the less costs a wait inside. At this rate tests
# take a small part of their limits.
bochs_ips=100000000
bochs_vgabios=/usr/share/seabios/vgabios-stdvga.bin

machine_lacks() {
    local tool
    for tool in bochs-bin gcc python3; do
        type -P $tool >/dev/null || echo $tool
    done
    compgen -G '/usr/lib/*/bochs/plugins/libbx_term*' >/dev/null || echo bochs-term
    [ -e /usr/share/bochs/BIOS-bochs-latest ] || echo bochsbios
    [ -e $bochs_vgabios ] || echo seabios
}

machine_unusable() {
    local version
    : 2>/dev/null <>/dev/ptmx || { echo "no terminal can be made for Bochs: /dev/pts is not mounted"; return; }
    version=$(dpkg-query -Wf '${Version}' bochs)
    [[ $version != 3.1* ]] || echo "Bochs $version cannot boot Linux: its clock is 0 Hz"
}

machine_make() {
    local words="console=ttyS0 quiet panic=-1 oops=panic mitigations=off noxsave holdfast-test-vm"
    # What takes long and has nothing to do with KVM: cryptography, its tests and certificates, names of
    # enumerators for tracers, a look at every function that can be traced, code for one processor in
    # place of that for several, and zeros in every page. Other security modules than those for
    # capabilities, and what makes the kernel's own mistakes harder to use, take a part of every call.
    words+=" cryptomgr.notests initcall_blacklist=jent_mod_init,load_system_certificate_list,trace_eval_init"
    words+=",ftrace_check_for_weak_functions,ftrace_check_sync noreplace-smp"
    words+=" init_on_alloc=0 lsm=capability audit=0 hardened_usercopy=off randomize_kstack_offset=off"
    # The processor says 3.5 GHz, and counts instructions.
    words+=" nokaslr no_timer_check tsc_early_khz=$((bochs_ips / 1000))"
    touch "$directory/console.log"
    gcc -nostdlib -static -Wl,-Ttext=0xd0000,--build-id=none,--oformat=binary \
        -o "$directory/boot.rom" deploy/bochs/boot.S &&
        # Without the types for BPF, which the kernel would look at one by one.
        objcopy -R .BTF "$1/vmlinux" "$directory/vmlinux" &&
        deploy/bochs/image.py "$directory/boot.rom" "$directory/disk" "$directory/vmlinux" \
            "$2" "$3" "$words" &&
        rm "$2" "$directory/vmlinux" &&
        cat >"$directory/bochsrc" <<-CONFIGURATION
	plugin_ctrl: speaker=0
	config_interface: textconfig
	display_library: term
	romimage: file=/usr/share/bochs/BIOS-bochs-latest
	vgaromimage: file=$bochs_vgabios
	optromimage1: file=$directory/boot.rom, address=0xd0000
	ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
	ata0-master: type=disk, path=$directory/disk, mode=flat
	cpu: model=corei7_skylake_x, count=1, ips=$bochs_ips, reset_on_triple_fault=0, ignore_bad_msrs=1
	memory: guest=$3, host=$3
	clock: sync=none, time0=utc
	com1: enabled=1, mode=file, dev=$directory/console.log
	com2: enabled=1, mode=file, dev=$directory/output.out
	log: $directory/bochs.log
	panic: action=fatal
	error: action=ignore
	info: action=ignore
	debug: action=ignore
	CONFIGURATION
}

# Debian's Bochs has a debugger, whose only command here is to go on. It opens a terminal for the screen,
# and stands still when nobody reads it.
machine_run() {
    echo c >"$directory/debugger"
    # setsid: a Ctrl-C is for the script. Huge pages for the machine's memory make it a little faster.
    TERM=xterm GLIBC_TUNABLES=glibc.malloc.hugetlb=1 setsid setpriv --pdeathsig KILL bochs-bin -q -f "$directory/bochsrc" -rc "$directory/debugger" \
        >"$directory/events" 2>&1 </dev/null 7>&- &
    bochs_pid=$!
    bochs_screen 7>&- &
    bochs_waits=($!)
    setpriv --pdeathsig TERM sleep "$1" 7>&- &
    bochs_waits+=($!)
    wait -n $bochs_pid "${bochs_waits[1]}"
    ! kill -0 $bochs_pid 2>/dev/null || { machine_stop; return 124; }
    machine_stop
}

bochs_screen() {
    local terminal
    until terminal=$(sed -n 's/^tty-index:[[:space:]]*//p' /proc/$bochs_pid/fdinfo/* | grep -m 1 .); do
        kill -0 $bochs_pid || return
        sleep 0.1
    done 2>/dev/null
    exec cat "/dev/pts/$terminal" >/dev/null 2>&1
}

# KILL: the debugger takes TERM for an order to stop and ask.
machine_stop() {
    [ -n "$bochs_pid" ] || return 0
    kill -KILL "$bochs_pid" 2>/dev/null
    kill "${bochs_waits[@]}" 2>/dev/null
    wait "$bochs_pid" "${bochs_waits[@]}" 2>/dev/null
    bochs_pid=
}
