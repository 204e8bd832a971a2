# SPDX-License-Identifier: MIT
# Completion of holdfastctl for fish. Installed as PREFIX/share/fish/vendor_completions.d/holdfastctl.fish.

set -g __holdfastctl_commands list info windows objects attach detach stats watch top events map \
    guarantee quota drill metrics pause resume reset stop ping help

# The words before the cursor that are no options and no values of options.
function __holdfastctl_words
    set -l previous ''
    for word in (commandline -opc)[2..-1]
        if not string match -q -- '-*' $word
            and not contains -- "$previous" -i --interval -n --count -r --rows -p --primitive -w --wait -s --sort
            echo $word
        end
        set previous $word
    end
end

# __holdfastctl_at PLACE COMMAND ...: whether it is that word's turn, of one of these commands.
function __holdfastctl_at
    set -l words (__holdfastctl_words)
    test (count $words) -eq $argv[1]
    or return 1
    test (count $argv) -eq 1
    or contains -- $words[1] $argv[2..-1]
end

function __holdfastctl_is
    set -l words (__holdfastctl_words)
    test (count $words) -gt 0
    and contains -- $words[1] $argv
end

# Only words of harmless characters: the names are what some VMM says.
function __holdfastctl_first_column
    command holdfastctl $argv 2>/dev/null | string match -r '^[A-Za-z0-9_.-]+(?= +\S)' | string match -v NAME
end

function __holdfastctl_objects
    set -l words (__holdfastctl_words)
    __holdfastctl_first_column objects $words[2]
end

# Words of OBJECT: the keys, the values of access, files after path=.
function __holdfastctl_object
    set -l current (commandline -ct)
    set -l before (string match -r '^.*,' -- $current)
    set -l last (string replace -r '^.*,' '' -- $current)
    if string match -q -- 'path=*' $last
        for path in (complete -C "'' "(string replace path= '' -- $last) | string replace -r '\t.*' '')
            echo {$before}path=$path
        end
        return
    end
    for word in name= path= size= access=ro access=rw create
        echo "$before$word"
    end
end

complete -c holdfastctl -f
complete -c holdfastctl -n '__holdfastctl_at 0' -a "$__holdfastctl_commands"
complete -c holdfastctl -n '__holdfastctl_at 1 help' -a "$__holdfastctl_commands"
complete -c holdfastctl -n '__holdfastctl_at 1; and not __holdfastctl_is help list top' \
    -a '(__holdfastctl_first_column list)'
complete -c holdfastctl -n '__holdfastctl_at 1; and not __holdfastctl_is help list top; and string match -q "*/*" -- (commandline -ct)' -F
complete -c holdfastctl -n '__holdfastctl_at 2 attach' -a '(__holdfastctl_object)'
complete -c holdfastctl -n '__holdfastctl_at 2 detach' -a '(__holdfastctl_objects)'
for place in 3 4 5
    complete -c holdfastctl -n "__holdfastctl_at $place quota" -a 'windows= pages= extents='
end
complete -c holdfastctl -s j -l json -d 'print JSON for programs'
complete -c holdfastctl -s h -l help -d 'print help'
complete -c holdfastctl -s V -l version -d 'print the version'
complete -c holdfastctl -n '__holdfastctl_is detach' -s f -l force -d 'even if the guest has it mapped'
complete -c holdfastctl -n '__holdfastctl_is watch top' -s i -l interval -x -d 'seconds between pictures'
complete -c holdfastctl -n '__holdfastctl_is watch top drill events' -s n -l count -x -d 'end after so many'
complete -c holdfastctl -n '__holdfastctl_is top' -s s -l sort -x \
    -a 'name state windows mapped calls maps faults refused' -d 'column to sort by'
complete -c holdfastctl -n '__holdfastctl_is events' -s N -l new -d 'only what happens from now on'
complete -c holdfastctl -n '__holdfastctl_is map' -s r -l rows -x -d 'rows of the picture'
complete -c holdfastctl -n '__holdfastctl_is drill' -s p -l primitive -x -a 'map guard prefault run reach all' \
    -d 'what fails'
complete -c holdfastctl -n '__holdfastctl_is drill' -s w -l wait -x -d 'seconds'
