# SPDX-License-Identifier: MIT
# Sourced in the test VM before the tests of each kind, $kind. For guests its kernel makes memory in pieces
# of 64 KiB where it can: a fifth of a short guest's time was making and freeing the guest's and the VMM's
# pages one by one. EPT's entries are of 4 KiB all the same. For all others, pages are made as usual.
# shellcheck shell=bash
large=/sys/kernel/mm/transparent_hugepage/hugepages-64kB
if [ "${kind:-}" = guest ] && [ -e $large/shmem_enabled ]; then
    echo always >$large/enabled
    echo always >$large/shmem_enabled
elif [ -e $large/shmem_enabled ]; then
    echo never >$large/enabled
    echo never >$large/shmem_enabled
fi
