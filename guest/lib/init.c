/* SPDX-License-Identifier: MIT
 * Makes the library ready, once, whichever CPU asks first. */
#include "guest/lib/init.h"

#include "guest/lib/arguments.h"
#include "guest/lib/discover.h"
#include "guest/lib/spin_lock.h"
#include "guest/lib/transport.h"
#include "holdfast/guest.h"

static struct hf_spin_lock lock;
static bool ready;

bool hf_is_ready(void)
{
    return __atomic_load_n(&ready, __ATOMIC_ACQUIRE);
}

static int init(void)
{
    struct hf_announcement announcement;
    int status = hf_discover(&announcement);

    if (status != HF_OK)
        return status;
    status = hf_transport_choose(&announcement);
    if (status != HF_OK)
        return status;
    return hf_arguments_allocate() ? HF_OK : HF_GUEST_NO_MEMORY;
}

int hf_init(void)
{
    int status = HF_OK;

    if (hf_is_ready())
        return HF_OK;
    hf_spin_lock(&lock);
    if (!hf_is_ready())
        status = init();
    if (status == HF_OK)
        __atomic_store_n(&ready, true, __ATOMIC_RELEASE);
    hf_spin_unlock(&lock);
    return status;
}
