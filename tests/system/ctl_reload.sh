#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# holdfastctl reload has a running VM follow its configuration file in objects and quotas, tells of what
# needs a restart, and changes nothing where anything in the file is wrong, cannot be opened, or would
# take an object away that is mapped.
. tests/system/control.bash
file=$WORK/web.conf
truncate -s 64K "$WORK/one" "$WORK/two"

write() { # LINE ...: what every version of the file has, and these lines
    printf '%s\n' "kernel = $guest" "memory = ${memory:-64M}" "append = busy" "$@" >"$file"
}
objects() { "$ctl" --json objects web | jq -r '[.objects[].name] | sort | join(" ")'; }
# unchanged WANTED: the objects are these, and no quota has come.
unchanged() {
    [ "$(objects)" = "$1" ] || fail "the objects have changed: $(objects)"
    holds '[.tags[] | select(.tag_text == "Late")] | length == 0' guarantee web
}

write "object = name=one,path=$WORK/one" 'object = name=memory,size=64K' 'quota = tag=Busy,windows=100'
start web --config "$file" --append busy
[ "$(objects)" = "memory one" ] || fail "at the start there are: $(objects)"

expect 0 reload web --config "$file"
says '^nothing to change$'

# One goes, one comes, one is another; quotas change, come and go.
write "object = name=one,path=$WORK/two" "object = name=made,path=$WORK/made,size=8K,create" \
    'quota = tag=Busy,windows=90' 'quota = tag=Disk,pages=7'
expect 0 reload web --config "$file"
for line in 'detached one' 'attached one' 'detached memory' 'attached made' \
    'quota changed of tag .*Busy' 'quota changed of tag .*Disk'; do says "^$line"; done
[ "$(objects)" = "made one" ] || fail "after the first reload there are: $(objects)"
holds ".objects[] | select(.name == \"one\") | .source == \"$WORK/two\"" objects web
[ "$(stat -c %s "$WORK/made")" = 8192 ] || fail "the file was not made"
write "object = name=one,path=$WORK/two" "object = name=made,path=$WORK/made"
expect 0 reload web --config "$file"
says 'quota changed of tag .*Disk'
holds '[.tags[] | select(.quota.pages == 7)] | length == 0' guarantee web

# What needs a restart is told, and done nothing about.
memory=96M write "object = name=one,path=$WORK/two" "object = name=made,path=$WORK/made" 'vcpus = 3'
holds '(.restart | map(.word) | sort) == ["memory", "vcpus"] and .attached == [] and .detached == []' \
    reload web --config "$file"
expect 0 reload web --config "$file"
says "^needs a restart: memory is '67108864', and '100663296' in the file$"

# Nothing is changed.
write 'object = name=new,size=4K' 'quota = tag=Late,windows=1' 'bogus = 1'
expect 2 reload web --config "$file"
says "web.conf:6: word 'bogus'"
unchanged "made one"
write 'object = name=new,size=4K' 'quota = tag=Late,windows=1' "object = name=none,path=$WORK/none" \
    "object = name=late,path=$WORK/late,size=4K,create"
expect 1 reload web --config "$file"
says 'object none'
unchanged "made one"
[ ! -e "$WORK/late" ] || fail "a file was made for nothing"
expect 2 reload web --config "$WORK/nowhere"
expect 2 reload web
expect 3 reload nobody --config "$file"
expect 0 stop web
gone web 0

# An object that is mapped stays, and all else as it was.
write "object = name=one,path=$WORK/one"
start web --config "$file" --append 'busy object=one'
write 'object = name=new,size=4K' 'quota = tag=Late,windows=1'
expect 1 reload web --config "$file"
says 'object one is mapped in a window'
unchanged one
expect 0 detach web one --force
expect 0 reload web --config "$file"
[ "$(objects)" = new ] || fail "after the detach there are: $(objects)"
says "^needs a restart: append is 'busy object=one', and 'busy' in the file$"
expect 0 stop web
gone web 0
exit 0
