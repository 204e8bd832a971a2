/* SPDX-License-Identifier: MIT */
#include "vmm/libvirt/dump.h"

#include "vmm/cause.h"
#include "vmm/libvirt/events.h"
#include "vmm/libvirt/room.h"
#include "vmm/libvirt/words.h"
#include "vmm/machine/machine.h"
#include "vmm/process/thread.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const char *string_of(const json_t *arguments, const char *key)
{
    return json_string_value(json_object_get(arguments, key));
}

static json_t *failed(struct error *error, const char *why)
{
    error_set(error, "%s", why);
    return NULL;
}

static void drop_descriptor(struct dump *dump)
{
    if (dump->fd >= 0)
        close(dump->fd);
    dump->fd = -1;
}

json_t *dump_getfd(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    struct dump *dump = &libvirt->dump;
    const char *name = string_of(arguments, "fdname");

    if (name == NULL || strlen(name) >= sizeof dump->name)
        return failed(error, "getfd: fdname is missing or too long");
    if (libvirt->handed_over < 0)
        return failed(error, "No file descriptor supplied via SCM_RIGHTS");
    if (dump->runs)
        return failed(error, "There is a dump in process, please wait.");
    drop_descriptor(dump);
    strcpy(dump->name, name);
    dump->fd = libvirt->handed_over;
    libvirt->handed_over = -1;
    return json_object();
}

json_t *dump_closefd(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    struct dump *dump = &libvirt->dump;
    const char *name = string_of(arguments, "fdname");

    if (dump->runs || dump->fd < 0 || name == NULL || strcmp(name, dump->name) != 0)
        return failed(error, "There is no descriptor of this name");
    drop_descriptor(dump);
    return json_object();
}

json_t *dump_capability(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)libvirt, (void)arguments, (void)error;
    return json_pack("{s:[s]}", "formats", "elf");
}

static json_t *progress(struct dump *dump)
{
    static const char *const words[] = {"none", "active", "completed", "failed"};

    return json_pack("{s:s, s:I, s:I}", "status", words[dump->status], "completed",
                     (json_int_t)atomic_load(&dump->core.written), "total",
                     (json_int_t)dump->core.bytes);
}

json_t *dump_query(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    (void)arguments, (void)error;
    return progress(&libvirt->dump);
}

/* Waits for some. false: the thread is to end. */
static bool has_work(struct dump *dump)
{
    while (sem_wait(&dump->work) != 0)
        ;
    return !atomic_load(&dump->ends);
}

static void *write_cores(void *argument)
{
    struct dump *dump = argument;

    sandbox_enter(SANDBOX_CORE_FILE);
    while (has_work(dump)) {
        dump->result = core_file_write(&dump->core, dump->fd, dump->stop, &dump->error);
        eventfd_write(dump->finished, 1);
    }
    return NULL;
}

int dump_begin(struct dump *dump, struct error *error)
{
    sigset_t all, before;

    sem_init(&dump->work, 0, 0);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int result = thread_start(&dump->thread, write_cores, dump);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result != 0)
        return error_set(error, "cannot start the thread for core files: %s",
                         cause_of_thread(result));
    pthread_setname_np(dump->thread, "core file");
    sandbox_expect();
    return 0;
}

void dump_stop(struct dump *dump)
{
    atomic_store(&dump->ends, true);
    sem_post(&dump->work);
    pthread_join(dump->thread, NULL);
}

/* What is asked for, as far as it can be had. */
static json_t *check(const struct dump *dump, const json_t *arguments, struct error *error)
{
    const char *protocol = string_of(arguments, "protocol");
    const char *format = string_of(arguments, "format");

    if (dump->runs)
        return failed(error, "There is a dump in process, please wait.");
    if (json_is_true(json_object_get(arguments, "paging")) ||
        json_object_get(arguments, "begin") != NULL || json_object_get(arguments, "length") != NULL)
        return failed(error,
                      "not possible with Holdfast: paging, begin and length; a core file has "
                      "all of RAM at its physical addresses");
    if (format != NULL && strcmp(format, "elf") != 0)
        return failed(error, "not possible with Holdfast: a core file is of the format elf");
    if (!json_is_true(json_object_get(arguments, "detach")))
        return failed(error, "not possible with Holdfast: say detach: true, and wait for the event "
                             "DUMP_COMPLETED");
    if (dump->fd < 0 || protocol == NULL || strncmp(protocol, "fd:", 3) != 0 ||
        strcmp(protocol + 3, dump->name) != 0)
        return failed(error, "protocol must be fd:NAME, with the name of a descriptor that was "
                             "handed over by getfd");
    return json_object();
}

json_t *dump_guest_memory(struct libvirt *libvirt, const json_t *arguments, struct error *error)
{
    struct dump *dump = &libvirt->dump;
    json_t *reply = check(dump, arguments, error);

    if (reply == NULL)
        return NULL;
    dump->resumes = machine_state(libvirt->vm.machine) == MACHINE_RUNNING;
    machine_pause(libvirt->vm.machine);
    fcntl(dump->fd, F_SETFL, fcntl(dump->fd, F_GETFL) | O_NONBLOCK);
    dump->stop = libvirt->stop;
    if (core_file_make(&dump->core, libvirt->vm.machine, error) == 0) {
        dump->runs = true;
        dump->status = DUMP_ACTIVE;
        sem_post(&dump->work);
        return reply;
    }
    drop_descriptor(dump);
    if (dump->resumes)
        machine_resume(libvirt->vm.machine);
    json_decref(reply);
    return NULL;
}

void dump_end(struct libvirt *libvirt)
{
    struct dump *dump = &libvirt->dump;
    struct pollfd finished = {.fd = dump->finished, .events = POLLIN};
    eventfd_t count;

    if (!dump->runs)
        return;
    while (poll(&finished, 1, -1) < 0)
        ;
    eventfd_read(dump->finished, &count);
    dump->runs = false;
    dump->status = dump->result == 0 ? DUMP_COMPLETED : DUMP_FAILED;
    core_file_free(&dump->core);
    drop_descriptor(dump); /* its reader has all of it now */
    if (dump->resumes)
        machine_resume(libvirt->vm.machine);
    json_t *data = json_pack("{s:o}", "result", progress(dump));
    if (dump->result < 0)
        json_object_set_new(data, "error", json_string(dump->error.text));
    events_send(libvirt, "DUMP_COMPLETED", data);
}

void dump_free(struct libvirt *libvirt)
{
    drop_descriptor(&libvirt->dump);
    if (libvirt->dump.finished >= 0)
        close(libvirt->dump.finished);
    if (libvirt->handed_over >= 0)
        close(libvirt->handed_over);
}
