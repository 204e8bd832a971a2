# SPDX-License-Identifier: MIT
# For tests that wait for what a guest says. By the shell alone: where the machine is emulated, a
# process for each look takes more of it than the guest does.
# shellcheck shell=bash
exec {never}<> <(:) # a pipe in which nothing comes
a_moment() {
    read -rt 0.1 -u "$never"
}

# Sets uptime, in seconds. Not SECONDS, which follow the clock, and that can be set.
look_at_uptime() {
    read -r uptime _ </proc/uptime
    uptime=${uptime%.*}
}

# Sets text.
read_all() { # FILE
    # shellcheck disable=SC2034 # for who calls
    IFS= read -rd '' text <"$1"
}
