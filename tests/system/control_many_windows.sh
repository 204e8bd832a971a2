# SPDX-License-Identifier: MIT
# More windows than one reply holds are all listed, once each and in order.
. tests/system/control.bash
start web --append windows=1300
holds '.windows | length == 1304 and (map(.address) | . == (sort | unique)) and
       (map(.window) | unique | length == 1304)' windows web
holds '.arena.windows == 1304' stats web
