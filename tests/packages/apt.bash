# SPDX-License-Identifier: MIT
# Sourced by what runs in a root of a release.
# shellcheck shell=bash
set -eu
release=$1
export DEBIAN_FRONTEND=noninteractive

# Its progress is for terminals.
echo 'Dpkg::Use-Pty "0";' >/etc/apt/apt.conf.d/90plain

fail() {
    echo "$*"
    exit 1
}

# From the archive that the root was made from.
sources() { # SUITE ...
    local archive suite
    archive=$(sed -n '1s/^deb \(\[.*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list)
    for suite; do echo "deb $archive $suite main"; done >/etc/apt/sources.list.d/more.list
    apt-get -qq update
}

install() { # PACKAGE ...
    apt-get -qq -y --no-install-recommends install "$@"
}

# The packages that were built, without what debuggers read.
mapfile -t packages < <(find /srv/packages -name '*.deb' ! -name '*-dbgsym_*' 2>/dev/null | sort)
