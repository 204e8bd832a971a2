#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# cbmc.sh: makes sure that CBMC and the solver CaDiCaL are there, and prints the directory that has
# both commands. Where they are not installed, they are fetched once as packages of Debian 13, with
# the libraries that they need, and unpacked under build/cbmc; nothing is installed, and root is not
# needed. May fail, with status 77 and a line that says why, where they cannot be had.
# CBMC_FROM is another place for the packages, a line as sources.list(5) has them.
set -eu
cd "$(dirname "$0")/../.."
# Later versions than this one have been tried with none of the proofs.
wanted='^6\.'
if cbmc --version 2>/dev/null | grep -q "$wanted" && command -v cadical >/dev/null; then
    dirname "$(command -v cbmc)"
    exit 0
fi

mkdir -p "${BUILD:-build}"
directory=$(cd "${BUILD:-build}" && pwd)/cbmc
exec 9>"$directory.lock"
flock 9
[ ! -x "$directory/bin/cbmc" ] || { echo "$directory/bin"; exit 0; }

fail() {
    [ ! -s "$new/log" ] || tail -n 2 "$new/log" >&2
    echo "cbmc.sh: $*" >&2
    exit 77
}
new=$(mktemp -d "$directory.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
mkdir -p "$new/lists/partial" "$new/cache/archives/partial" "$new/packages"
archive=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' 2>/dev/null |
    sed 's|/$||' | grep -m 1 '^http' || echo http://deb.debian.org/debian)
keys=/usr/share/keyrings/debian-archive-keyring.gpg signed=
[ ! -e "$keys" ] || signed="[signed-by=$keys] "
echo "${CBMC_FROM:-deb $signed$archive trixie main}" >"$new/list"
options=(-o APT::Sandbox::User=root -o Acquire::Retries=1 -o Acquire::http::Timeout=30
    -o Acquire::Languages=none -o "Dir::Etc::SourceList=$new/list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null -o APT::Default-Release=
    -o "Dir::State::Lists=$new/lists" -o "Dir::Cache=$new/cache")
packages=(cbmc cadical minisat libc6 libgcc-s1 libstdc++6)
echo "fetching ${packages[*]} of Debian 13 (once)" >&2
timeout 300 apt-get -qq "${options[@]}" update >"$new/log" 2>&1 || true
(cd "$new/packages" && timeout 600 apt-get -qq "${options[@]}" download "${packages[@]}") >>"$new/log" 2>&1 ||
    fail "CBMC is not installed, and apt-get cannot fetch it"
for package in "$new"/packages/*.deb; do
    dpkg -x "$package" "$new/root" >>"$new/log" 2>&1 || fail "$(basename "$package") cannot be unpacked"
done

# By its own loader, for the libraries here may be older.
mkdir "$new/bin"
for program in cbmc cadical; do
    cat >"$new/bin/$program" <<END
#!/bin/sh
root=\$(dirname "\$0")/../root
exec "\$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "\$root/usr/lib/x86_64-linux-gnu:\$root/usr/lib" \\
    "\$root/usr/bin/$program" "\$@"
END
    chmod 755 "$new/bin/$program"
    "$new/bin/$program" --version >>"$new/log" 2>&1 || fail "$program does not run"
done
"$new/bin/cbmc" --version | grep -q "$wanted" || fail "$("$new/bin/cbmc" --version) is not a version that is known"
mkdir -p "$directory"
rm -rf "${directory:?}"/*
mv "$new/root" "$new/bin" "$directory/" || fail "$directory cannot be written"
echo "$directory/bin"
