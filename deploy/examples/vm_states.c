/* SPDX-License-Identifier: MIT
 * Tells of each VM of this user what it is doing and what happens to it, until all have ended: an
 * example of libholdfast without waiting, in a poll loop of the program's own.
 *
 *   cc -o vm_states vm_states.c $(pkg-config --cflags --libs holdfast)
 *   ./vm_states */
#include <holdfast/client.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define VMS_MOST 64
#define WAIT_MS  8000

struct vm {
    char name[64];
    struct holdfast *connection; /* NULL: it has ended */
};

static const char *state_name(enum holdfast_state state)
{
    switch (state) {
    case HOLDFAST_STATE_PAUSED:
        return "paused";
    case HOLDFAST_STATE_RUNNING:
        return "running";
    default: /* a newer VM may have others */
        return "in another state";
    }
}

static void say(const struct vm *vm, const char *what)
{
    printf("%s: %s\n", vm->name, what);
    fflush(stdout);
}

/* What a reply says, and the next question. */
static void take(struct vm *vm, const struct holdfast_reply *reply)
{
    if (reply->status != HOLDFAST_OK) {
        say(vm, reply->text);
        return;
    }
    if (reply->info != NULL) {
        say(vm, state_name(reply->info->state));
        holdfast_send_events(vm->connection, HOLDFAST_EVENTS_NEW, 0);
    }
    if (reply->events != NULL) {
        for (size_t i = 0; i < reply->events->events_count; i++)
            switch (reply->events->events[i]->kind) {
            case HOLDFAST_EVENT_PAUSED:
                say(vm, "paused");
                break;
            case HOLDFAST_EVENT_RESUMED:
                say(vm, "running");
                break;
            case HOLDFAST_EVENT_VM_ENDS:
                say(vm, "ends");
                break;
            default: /* more than this program wants to know */
                break;
            }
        holdfast_send_events(vm->connection, reply->events->next, WAIT_MS);
    }
}

static void serve(struct vm *vm)
{
    const struct holdfast_reply *reply;

    while ((reply = holdfast_receive(vm->connection)) != NULL) {
        take(vm, reply);
        holdfast_free(reply);
    }
    if (holdfast_status(vm->connection) != HOLDFAST_OK) {
        say(vm, "gone");
        holdfast_close(vm->connection);
        vm->connection = NULL;
    }
}

/* How many VMs there are. */
static int find(struct vm vms[VMS_MOST])
{
    const struct holdfast_reply *found = holdfast_find();
    int count = 0;

    if (found->status != HOLDFAST_OK) {
        fprintf(stderr, "%s\n", found->text);
        exit(1);
    }
    for (size_t i = 0; i < found->vms->vms_count && count < VMS_MOST; i++) {
        struct vm *vm = &vms[count++];
        snprintf(vm->name, sizeof vm->name, "%s", found->vms->vms[i]->name);
        vm->connection = holdfast_connect(found->vms->vms[i]->path);
        holdfast_send_info(vm->connection);
    }
    holdfast_free(found);
    return count;
}

int main(void)
{
    static struct vm vms[VMS_MOST];
    struct pollfd polled[VMS_MOST];
    const int count = find(vms);

    for (;;) {
        int left = 0;
        int wait = -1;
        for (int i = 0; i < count; i++) {
            polled[i].fd = -1;
            if (vms[i].connection != NULL)
                serve(&vms[i]);
            if (vms[i].connection == NULL)
                continue;
            left++;
            polled[i].fd = holdfast_fd(vms[i].connection);
            polled[i].events = holdfast_poll_events(vms[i].connection);
            const int limit = holdfast_poll_timeout(vms[i].connection);
            if (limit >= 0 && (wait < 0 || limit < wait))
                wait = limit;
        }
        if (left == 0)
            return 0;
        poll(polled, (nfds_t)count, wait);
    }
}
