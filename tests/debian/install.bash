# SPDX-License-Identifier: MIT
# Installs Holdfast in the Debian VM, before its tests: from the packages in build/deb/RELEASE, if make deb
# has made them, else what make install has staged. Sourced; ends the shell where that fails.
# shellcheck shell=bash
release=$(. /etc/os-release; echo "$VERSION_CODENAME")

not_installed() {
    echo "Holdfast cannot be installed in the Debian VM: $*"
    exit 1
}

install_packages() {
    DEBIAN_FRONTEND=noninteractive apt-get -y --no-download --no-install-recommends install \
        "$PWD/build/deb/$release"/*.deb >/tmp/install.log 2>&1 ||
        not_installed "$(tail -n 5 /tmp/install.log)"
}

install_staged() {
    local library
    cp -a build/debian/staged/. / || not_installed "nothing is staged; make check-debian does it"
    # Of another release's libraries those that this one lacks.
    for library in $(ldd /usr/bin/holdfast-vmm /usr/bin/holdfastctl | sed -n 's/^[[:space:]]*\([^ ]*\) => not found/\1/p' | sort -u); do
        cp "build/debian/libraries/$library" /usr/local/lib/ || not_installed "$library is missing"
    done
    ldconfig
    udevadm control --reload
    systemd-tmpfiles --create holdfast.conf || not_installed "systemd-tmpfiles fails"
    systemctl daemon-reload
}

if compgen -G "build/deb/$release/holdfast_*.deb" >/dev/null; then
    install_packages
else
    install_staged
fi
holdfast-vmm --version >/tmp/install.log 2>&1 || not_installed "$(cat /tmp/install.log)"
