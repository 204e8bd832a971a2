#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A descriptor that is handed over is looked at before it is an object, and closed if it will not do;
# what comes with no request, or not alone, too. Its path is only a name.
. tests/system/control.bash
start web
python3 -B tests/system/attach_descriptors.py "$HOLDFAST_RUNTIME_DIR/web.sock" "${pid_of[web]}" "$WORK" || fail "see above"
holds '[.objects[].name] == ["good0", "good1", "good2", "good3", "good4"]' objects web
expect 0 objects web
says 'some name'
expect 0 stop web
gone web 0
! grep -E 'Sanitizer|runtime error' "$WORK/web.log" || fail "the sanitizer complains"

# A file that was made for an object that the VM refuses does not stay; one that was there does.
start web
expect 0 attach web name=taken,size=4K
expect 1 attach web "name=taken,path=$WORK/new,size=4K,create"
says 'attached already'
[ ! -e "$WORK/new" ] || fail "a file is left of an attach that was refused"
expect 1 attach web "name=taken,path=$WORK/file,size=4K,create"
[ -e "$WORK/file" ] || fail "a file that was there is gone"
expect 3 attach nobody "name=new,path=$WORK/new,size=4K,create"
[ ! -e "$WORK/new" ] || fail "a file is made for a VM that is not there"
exit 0
