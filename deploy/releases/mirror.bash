# SPDX-License-Identifier: MIT
# Sourced by what fetches packages of Debian's.
# shellcheck shell=bash

# Prints what apt here takes Debian's own packages from; cannot fail.
debian_mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' 2>/dev/null |
        sed 's|/$||' | grep -m 1 '^http' || echo http://deb.debian.org/debian
}
