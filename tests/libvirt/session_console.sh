# SPDX-License-Identifier: MIT
# The serial port leads to virsh console, to a file, and to a log beside either.
. tests/libvirt/session.bash
libvirt_start "$libvirt" || fail "libvirt does not start"
talk='s|busy_windows.elf|talk.elf|'
one_serial="s|<console type='pty'/>||"
serial() { # XML: a sed expression
    echo "s|<serial type='pty'/>|$1|"
}
has() { # FILE REGEX
    grep -qE -- "$2" "$1" 2>/dev/null
}

# A pty: two clients, one after the other, and one after a reset.
domain pty "$talk"
does start pty
does ttyconsole pty
says '^/dev/pts/[0-9]+$'
types pty 'is anybody there' 'you said: is anybody there'
types pty again 'you said: again'
does reset pty
types pty later 'you said: later'
types pty panic 'you said: panic'
comes_to pty 'shut off (crashed)'
does start pty
types pty off 'you said: off'
comes_to pty 'shut off (shutdown)'

# <log>: what the guest sends is in there although nobody reads the pty. The next start appends, or not.
log=$libvirt/talk.log
domain logged "$talk" "$one_serial" "$(serial "<serial type='pty'><log file='$log' append='on'/></serial>")"
does start logged
until_ "the log has it" has "$log" 'I listen'
types logged hello 'you said: hello'
until_ "the log has the answer, too" has "$log" 'you said: hello'
does destroy logged
does start logged
twice() { [ "$(grep -c 'I listen' "$log")" = 2 ]; }
until_ "the second start appends" twice
does destroy logged

# virsh shutdown presses the power button of a guest that listens to it, and lets it take its time.
does start logged
until_ "the log has the start" has "$log" 'I listen'
types logged listen 'the button is heard'
does shutdown logged
comes_to logged 'shut off (shutdown)'
has "$log" '^the button was pressed.?$' || fail "the guest did not hear the button: $(tail -n 3 "$log")"

# A file, written by the VMM through what libvirt hands down.
file=$libvirt/talk.file
domain filed "$talk" "$one_serial" "$(serial "<serial type='file'><source path='$file' append='off'/></serial>")"
for _ in 1 2; do
    does start filed
    until_ "the file has it" has "$file" 'I listen'
    does destroy filed
done
[ "$(grep -c 'I listen' "$file")" = 1 ] || fail "append='off' appends"
domain appended "$talk" "$one_serial" "$(serial "<serial type='file'><source path='$file' append='on'/></serial>")"
does start appended
log=$file
until_ "append='on' appends" twice
does destroy appended

# None at all, and one that leads nowhere.
domain none "$talk" "$one_serial" "$(serial '')"
does start none
does destroy none
domain null "$talk" "$one_serial" "$(serial "<serial type='null'/>")"
does start null
does destroy null
exit 0
