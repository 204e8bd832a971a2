#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# libholdfast offers what client.h declares and libholdfast.map and libholdfast(3) list, no name more, in
# one version; and what it offers works by pkg-config from where it is installed, shared and static, in C
# and in C++.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}
same() { # WHAT FILE FILE
    diff "$2" "$3" >"$WORK/difference" || complain "$1: $(cat "$WORK/difference")"
}
nm -D --defined-only --with-symbol-versions "$BUILD/libholdfast.so.1" |
    sed -n 's/.* T \(.*\)@@HOLDFAST_1\.0$/\1/p' | sort >"$WORK/offered"
[ "$(wc -l <"$WORK/offered")" -gt 30 ] || complain "hardly a name is offered"
nm -D --defined-only --with-symbol-versions "$BUILD/libholdfast.so.1" |
    grep -vE ' (T holdfast_[a-z_]+@@HOLDFAST_1\.0|A HOLDFAST_1\.0)' && complain "these names are offered, too"
# The compiler tells what is declared.
read -ra compiler <<<"${CC:-cc}"
echo '#include "holdfast/client.h"' | "${compiler[@]}" -Iinclude -E -P -x c - | tr '\n' ' ' |
    grep -oE 'holdfast_[a-z_]+\(' | tr -d '(' | sort -u >"$WORK/declared"
same "declared and offered" "$WORK/declared" "$WORK/offered"
nm -g --defined-only "$BUILD/libholdfast.a" | sed -n 's/^[0-9a-f]* [A-Z] //p' | sort >"$WORK/static"
same "libholdfast.a and libholdfast.so.1" "$WORK/static" "$WORK/offered"
grep -v '_\.\.\.' deploy/man/libholdfast.3 | grep -oE '^\.Fn holdfast_[a-z_]+' | sed 's/.* //' | sort -u >"$WORK/listed"
same "libholdfast(3)" "$WORK/listed" "$WORK/offered"
sed -nE 's/^ *(HOLDFAST_[A-Z_]*[A-Z]) = [0-9]+,.*/\1/p' include/holdfast/client.h |
    grep -vE 'STATE|PRIMITIVE|EVENT' | sort >"$WORK/statuses"
sed -nE 's/^\.It Dv (HOLDFAST_[A-Z_]+)$/\1/p' deploy/man/libholdfast.3 | sort >"$WORK/statuses.man"
same "statuses of libholdfast(3)" "$WORK/statuses.man" "$WORK/statuses"

unset MAKEFLAGS MFLAGS MAKELEVEL
root=$WORK/root/opt/hf
make -s B="$BUILD" install DESTDIR="$WORK/root" PREFIX=/opt/hf >"$WORK/output" 2>&1 ||
    { cat "$WORK/output"; exit 1; }
cat >"$WORK/asks.c" <<'END'
#include <holdfast/client.h>
#include <stdio.h>
int main(void)
{
    struct holdfast *vm = holdfast_connect("nothing");
    const struct holdfast_reply *reply = holdfast_ping(vm);
    printf("%s\n", holdfast_status_name(reply->status));
    holdfast_free(reply);
    holdfast_close(vm);
    return 0;
}
END
cp "$WORK/asks.c" "$WORK/asks.cc"
pkg() {
    PKG_CONFIG_PATH=$root/lib/pkgconfig pkg-config --define-variable=prefix="$root" "$@" holdfast
}
read -ra plus <<<"${CXX:-g++}"
export HOLDFAST_RUNTIME_DIR=$WORK/none
# shellcheck disable=SC2046
"${compiler[@]}" -Wall -Werror -o "$WORK/shared" "$WORK/asks.c" $(pkg --cflags --libs) ||
    complain "a program in C does not build"
# shellcheck disable=SC2046
"${plus[@]}" -Wall -Werror -o "$WORK/plus" "$WORK/asks.cc" $(pkg --cflags --libs) ||
    complain "a program in C++ does not build"
# shellcheck disable=SC2046
"${compiler[@]}" -Wall -Werror -o "$WORK/static" "$WORK/asks.c" $(pkg --cflags) "$root/lib/libholdfast.a" \
    $(pkg --static --libs-only-l | sed 's/-lholdfast//') || complain "a program does not build with libholdfast.a"
for program in shared plus static; do
    [ "$(LD_LIBRARY_PATH=$root/lib "$WORK/$program")" = NO_VM ] || complain "$program does not run"
done
readelf -d "$WORK/shared" | grep -q 'NEEDED.*\[libholdfast\.so\.1\]' || complain "the soname is not libholdfast.so.1"
readelf -d "$WORK/static" | grep -q 'NEEDED.*holdfast' && complain "libholdfast.a needs libholdfast.so.1"
[ "$failed" -eq 0 ]
