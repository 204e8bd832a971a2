/* SPDX-License-Identifier: MIT
 * libholdfast: what holdfastctl can do, for C programs. libholdfast(3) is its manual.
 *
 * A connection is a struct holdfast. Each call of it is a function that waits for the reply, and
 * one named holdfast_send_... that does not. Replies are the library's: read them, then
 * holdfast_free() them.
 *
 * What stays as it is within libholdfast.so.1: functions and their arguments; the members of each
 * structure, which only ever get more at the end, and which only the library makes; the numbers of
 * each enum, to which more may come. A program takes a status that it does not know for a failure
 * and any other such number for "unknown".
 *
 * Threads: several may use one connection at once, also to wait at the same time. Requests of one
 * connection are answered one after the other, in the order in which they were sent. Nobody else
 * may be in a call of a connection that is being closed. Replies may be read by any thread. */
#ifndef HOLDFAST_CLIENT_H
#define HOLDFAST_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

enum holdfast_status {
    HOLDFAST_OK = 0,

    /* What the VM has answered: the numbers of the protocol. */
    HOLDFAST_BAD_REQUEST = 1,
    HOLDFAST_UNKNOWN_CALL = 2, /* its VMM is older than the call */
    HOLDFAST_NOT_FOUND = 3,    /* no object of this name, no drill of this connection */
    HOLDFAST_IN_USE = 4,       /* the object is mapped: detach it by force, or unmap it */
    HOLDFAST_REFUSED = 5,      /* this user may not control the VM */
    HOLDFAST_ENDED = 6,        /* the machine has ended */
    HOLDFAST_BUSY = 7,         /* it takes too long; the text says whether it goes on */
    HOLDFAST_TOO_LARGE = 8,
    HOLDFAST_FAILED = 9, /* the VMM could not do it; also an answer that has no number here */

    /* What the library has found. After those of a connection it is of no more use: every call of
     * it gives the same. */
    HOLDFAST_NO_VM = 1000,         /* connection: no VM of this name is running */
    HOLDFAST_NOT_PERMITTED = 1001, /* connection: its socket is closed to this user */
    HOLDFAST_UNREACHABLE = 1002,   /* connection: no connection for another reason */
    HOLDFAST_TURNED_AWAY = 1003,   /* connection: the VM has too many clients */
    HOLDFAST_TIMED_OUT = 1004,     /* connection: no answer within the time limit */
    HOLDFAST_DISCONNECTED = 1005,  /* connection: the VM has closed it, or has ended */
    HOLDFAST_NONSENSE = 1006,      /* connection: the answer is not of this protocol */
    HOLDFAST_INTERRUPTED = 1007,   /* connection: holdfast_interrupt() was called */
    HOLDFAST_NO_MEMORY = 1008,     /* also of a connection: NULL */
    HOLDFAST_BAD_ARGUMENT = 1009,  /* nothing was sent */
    HOLDFAST_NO_FILE = 1010,       /* a file cannot be opened or made here */
    HOLDFAST_TOO_MANY = 1011,      /* HOLDFAST_REQUESTS_MOST are under way already */

    HOLDFAST_STATUS_LAST_ = 0x7fffffff /* makes room for all; no status */
};

/* "NOT_FOUND"; "UNKNOWN" for a number without a name. Cannot fail. */
const char *holdfast_status_name(enum holdfast_status status);

enum holdfast_state {
    HOLDFAST_STATE_UNKNOWN = 0,
    HOLDFAST_STATE_PAUSED = 1,
    HOLDFAST_STATE_RUNNING = 2,
    HOLDFAST_STATE_ENDED = 3,
    HOLDFAST_STATE_LAST_ = 0x7fffffff
};

/* ---- replies ---- */

struct holdfast_ping_reply {
    const char *name; /* of the VM */
};

struct holdfast_protection {
    const char *name; /* for people */
    bool on;
    const char *why_not; /* where it is not on */
};

struct holdfast_info_reply {
    const char *name;
    const char *version; /* of holdfast-vmm */
    enum holdfast_state state;
    uint32_t pid; /* in the VMM's PID namespace */
    uint64_t uptime_ms;
    uint32_t vcpus;
    uint32_t abi_version; /* of the hypercalls */
    uint64_t memory_bytes;
    const char *kernel;
    const char *append;
    const char *console;
    uint32_t features; /* HF_FEATURE_... of abi.h */
    uint32_t windows;
    uint32_t objects;
    uint64_t arena_base; /* bytes */
    uint64_t arena_pages;
    uint64_t resets;
    const char *sandbox; /* "on", "log", "off", or "off: " and why */
    const struct holdfast_protection *const *protections;
    size_t protections_count;
};

struct holdfast_window {
    uint64_t handle;
    uint64_t address; /* bytes */
    uint64_t pages;
    uint64_t mapped_pages;
    uint32_t tag;
    uint32_t flags; /* HF_RESERVE_... of abi.h */
    uint32_t max_extents;
    uint32_t extents;
    uint32_t mappings;
    uint64_t maps;
    uint64_t unmaps;
    uint64_t faults;
};

struct holdfast_windows_reply {
    const struct holdfast_window *const *windows; /* by address */
    size_t windows_count;
    uint64_t next; /* from_page for the rest; 0: these were the last */
};

struct holdfast_object {
    uint32_t id; /* by which the guest names it */
    const char *name;
    uint64_t bytes;
    bool writable;
    uint64_t extents;   /* mapped now */
    const char *source; /* its path, or "memfd" */
    const char *kind;   /* "file", "block device" or "memfd" */
};

struct holdfast_objects_reply {
    const struct holdfast_object *const *objects;
    size_t objects_count;
};

/* Each as in StatsReply of control.proto. */
struct holdfast_stats_reply {
    uint64_t uptime_ms;
    enum holdfast_state state;
    uint64_t arena_base;
    uint64_t arena_pages;
    uint64_t arena_free_pages;
    uint64_t arena_largest_pages;
    uint64_t mapped_pages;
    uint32_t windows;
    uint32_t windows_max;
    uint32_t extents;
    uint32_t extents_reserved;
    uint32_t extents_max;
    bool prefault;
    uint64_t reserves;
    uint64_t releases;
    uint64_t maps;
    uint64_t unmaps;
    uint64_t calls;
    uint64_t refused;
    uint64_t faults;
    uint64_t host_failures;
    uint64_t exits;
    uint64_t resets;
    uint64_t flushes;
    uint64_t discards;
    uint64_t io_errors;
};

struct holdfast_cell {
    uint64_t pages;
    uint64_t reserved; /* of these, in a window */
    uint64_t mapped;   /* of these */
};

#define HOLDFAST_PICTURE_MOST 4096u /* cells */

struct holdfast_picture_reply {
    uint64_t arena_base;
    uint64_t arena_pages;
    const struct holdfast_cell *const *cells; /* by address */
    size_t cells_count;
};

struct holdfast_machine_reply {
    enum holdfast_state state; /* after the call */
};

struct holdfast_account {
    uint64_t held;
    uint64_t in_use;
    uint64_t limit;
};

struct holdfast_amounts {
    uint64_t windows;
    uint64_t pages;
    uint64_t extents;
};

struct holdfast_tag {
    uint32_t tag;
    const struct holdfast_amounts *held;
    const struct holdfast_amounts *high;
    const struct holdfast_amounts *quota;
    uint64_t refused;
    uint64_t rescued;
    uint64_t longest_rescue_us;
};

/* A call, or an access of a vCPU, that waits for the host's memory. */
struct holdfast_rescue {
    const char *call; /* "MAP" and so on, or "access" */
    uint64_t waited_ms;
    uint64_t window;
    uint64_t address;
    uint32_t tag;
    uint32_t attempts;
    const char *system_call;
    const char *error;  /* "ENOMEM" */
    uint32_t vcpu;      /* of an "access" */
    bool address_known; /* of an "access" */
};

/* Each as in GuaranteeReply of control.proto. */
struct holdfast_guarantee_reply {
    const char *mode;
    uint32_t met; /* HF_GUARANTEE_... of abi.h */
    uint32_t extent_cost;
    uint32_t extent_measured;
    uint32_t rescues_all;
    const struct holdfast_account *arena;
    const struct holdfast_account *vmas;
    const struct holdfast_account *tables;
    const struct holdfast_account *ram_tables;
    const struct holdfast_account *object_memory;
    const struct holdfast_account *ballast;
    const struct holdfast_account *windows;
    const struct holdfast_account *extents;
    uint64_t vmas_process;
    uint64_t vmas_elsewhere;
    uint64_t vmas_margin;
    uint64_t ballast_taken;
    uint64_t times_lent;
    uint64_t refusals;
    uint64_t rescued;
    uint64_t host_failures;
    const struct holdfast_tag *const *tags;
    size_t tags_count;
    const struct holdfast_rescue *const *rescues;
    size_t rescues_count;
};

enum holdfast_primitive {
    HOLDFAST_PRIMITIVE_ALL = 0,
    HOLDFAST_PRIMITIVE_MAP = 1,
    HOLDFAST_PRIMITIVE_GUARD = 2,
    HOLDFAST_PRIMITIVE_PREFAULT = 3,
    HOLDFAST_PRIMITIVE_RUN = 4,
    HOLDFAST_PRIMITIVE_REACH = 5,
    HOLDFAST_PRIMITIVE_LAST_ = 0x7fffffff
};

struct holdfast_drill_part {
    enum holdfast_primitive primitive;
    uint32_t asked; /* to fail */
    uint32_t done;  /* have failed */
};

struct holdfast_drill_reply {
    bool running;
    const struct holdfast_drill_part *const *parts;
    size_t parts_count;
    uint64_t calls;
    uint64_t failed;
    uint64_t refusals;
    uint64_t rescued;
    uint64_t longest_us;
};

/* How long the calls of one kind took that went through, since the VMM started. */
struct holdfast_latency {
    const char *call;          /* "MAP", "UNMAP", "REMAP" */
    const uint64_t *bounds_ns; /* upper bounds of the buckets, rising */
    size_t bounds_ns_count;
    const uint64_t *counts; /* of each bucket alone, one more than bounds */
    size_t counts_count;
    uint64_t sum_ns;
};

/* Of the VMM's process, beside RAM and objects without a file. Bytes. */
struct holdfast_process_memory {
    uint64_t anonymous_bytes; /* heap, stacks, ballast */
    uint64_t file_bytes;      /* programs, and objects that are files */
    uint64_t page_table_bytes;
};

/* Each as in MetricsReply of control.proto: all of one moment. */
struct holdfast_metrics_reply {
    const char *name;
    const char *version; /* of holdfast-vmm */
    uint32_t vcpus;
    uint32_t objects;
    uint64_t memory_bytes; /* the guest's RAM */
    const struct holdfast_stats_reply *stats;
    const struct holdfast_guarantee_reply *guarantee;
    const struct holdfast_latency *const *latencies;
    size_t latencies_count;
    const struct holdfast_process_memory *process_memory; /* NULL: the VMM cannot tell */
    uint64_t processor_ns;                                /* that the VMM's process has taken */
};

enum holdfast_event_kind {
    HOLDFAST_EVENT_UNKNOWN = 0,
    HOLDFAST_EVENT_PAUSED = 1,
    HOLDFAST_EVENT_RESUMED = 2,
    HOLDFAST_EVENT_RESET = 3,
    HOLDFAST_EVENT_FAULT = 4, /* an access of the guest was answered with #GP */
    HOLDFAST_EVENT_RESCUE_BEGINS = 5,
    HOLDFAST_EVENT_RESCUE_ENDS = 6,
    HOLDFAST_EVENT_ATTACHED = 7,
    HOLDFAST_EVENT_DETACHED = 8,
    HOLDFAST_EVENT_GUEST_ENDED = 9, /* the VM may go on */
    HOLDFAST_EVENT_VM_ENDS = 10,
    HOLDFAST_EVENT_LAST_ = 0x7fffffff
};

/* Each as in Event of control.proto. */
struct holdfast_event {
    uint64_t number;
    uint64_t time_ms; /* since 1970 */
    enum holdfast_event_kind kind;
    uint32_t vcpu;
    bool vcpu_known;
    bool by_guest;
    bool address_known;
    uint32_t tag;
    uint64_t window;
    uint64_t address;
    uint64_t rip;
    uint64_t waited_ms;
    uint64_t left_out;
    const char *name; /* of the object, the call that is rescued, or the end */
};

struct holdfast_events_reply {
    const struct holdfast_event *const *events;
    size_t events_count;
    uint64_t next; /* after which to ask next */
    uint64_t lost; /* between, and not kept any more */
};

struct holdfast_vm {
    const char *name;
    const char *path; /* of its socket */
};

struct holdfast_vms_reply {
    const struct holdfast_vm *const *vms; /* by name */
    size_t vms_count;
    const char *const *directories; /* where they were looked for */
    size_t directories_count;
};

/* What the words of an object say, as holdfastctl attach takes them. */
struct holdfast_object_words {
    const char *name;
    const char *path; /* as it was written; "": a memfd */
    uint64_t bytes;   /* 0: as large as the file is */
    bool read_only;
    bool create;
};

/* With HOLDFAST_OK, the member of the call is set, if it has one; all others are NULL. */
struct holdfast_reply {
    enum holdfast_status status;
    uint32_t protocol_minor; /* that the VM speaks; 0: it has not answered */
    uint64_t request;        /* what holdfast_send_...() has returned */
    const char *text;        /* why, for a person, one line; "" with HOLDFAST_OK */
    const struct holdfast_ping_reply *ping;
    const struct holdfast_info_reply *info;
    const struct holdfast_windows_reply *windows;
    const struct holdfast_objects_reply *objects;
    const struct holdfast_stats_reply *stats;
    const struct holdfast_picture_reply *picture;
    const struct holdfast_machine_reply *machine; /* pause, resume, reset */
    const struct holdfast_guarantee_reply *guarantee;
    const struct holdfast_drill_reply *drill; /* drill_report */
    const struct holdfast_vms_reply *vms;
    const struct holdfast_object_words *object_words;
    const struct holdfast_metrics_reply *metrics;
    const struct holdfast_events_reply *events;
};

/* Gives a reply back. Cannot fail; NULL is allowed. */
void holdfast_free(const struct holdfast_reply *reply);

/* ---- finding VMs ---- */

/* The VMs with a socket in one of the directories where this user's are, and removes sockets on
 * which nobody listens any more. Waits up to half a second for each directory. Never NULL. vms with
 * HOLDFAST_OK; fails with NOT_PERMITTED, UNREACHABLE or NO_MEMORY. */
const struct holdfast_reply *holdfast_find(void);

/* ---- connections ---- */

struct holdfast;

#define HOLDFAST_REQUESTS_MOST 32u    /* sent, and their replies not taken */
#define HOLDFAST_TIME_LIMIT_MS 10000u /* for a reply, unless another is set */

/* Connects to the VM of this name or, if it contains a slash, on this path. Never waits. NULL for
 * want of memory, with which all functions can be called. holdfast_status() tells whether it is
 * connected: OK, NO_VM, NOT_PERMITTED, UNREACHABLE or BAD_ARGUMENT. */
struct holdfast *holdfast_connect(const char *vm);

/* The same on a path, for a VM that is to be called so in texts. */
struct holdfast *holdfast_connect_to(const char *path, const char *name);

/* Disconnects. What was sent may be done all the same. NULL is allowed. */
void holdfast_close(struct holdfast *connection);

/* HOLDFAST_OK while the connection can be used; else why not, which stays so. Cannot fail. */
enum holdfast_status holdfast_status(struct holdfast *connection);

/* The same for a person; "" while it can be used. Valid until holdfast_close(). */
const char *holdfast_text(struct holdfast *connection);

/* The path of the socket. Valid until holdfast_close(). */
const char *holdfast_path(const struct holdfast *connection);

/* For each request from now on: how long its reply may take once it is its turn. 1 to 3600000;
 * others are ignored. */
void holdfast_set_time_limit(struct holdfast *connection, uint32_t milliseconds);

/* Has all calls of the connection return with HOLDFAST_INTERRUPTED, now and later. May be called
 * from a signal's handler and by any thread. */
void holdfast_interrupt(struct holdfast *connection);

/* A descriptor of the VMM's process, which poll() tells to be readable once it has ended; -1 if it
 * cannot be had, as in another PID namespace. The library's. */
int holdfast_process(struct holdfast *connection);

/* Waits until the VM has closed the connection and its process, if that can be seen, has ended.
 * HOLDFAST_OK, TIMED_OUT or INTERRUPTED, or what a connection that was never made has for a status.
 * Only holdfast_close() may follow. */
enum holdfast_status holdfast_wait_end(struct holdfast *connection, uint32_t milliseconds);

/* ---- without waiting ----
 *
 * Poll holdfast_fd() for holdfast_poll_events(), for no longer than holdfast_poll_timeout(), then
 * call holdfast_receive() until it gives NULL. */

/* The connection's descriptor, -1: there is none. The library's. */
int holdfast_fd(const struct holdfast *connection);

/* POLLIN, and POLLOUT while a request is not sent. */
short holdfast_poll_events(struct holdfast *connection);

/* Milliseconds until the time limit of the request whose turn it is; -1: none. */
int holdfast_poll_timeout(struct holdfast *connection);

/* Reads and writes what it can and returns a reply that has come, or NULL: none yet. Replies for
 * which a thread waits are that thread's. Where the connection is of no more use, each request gets
 * a reply that says so, and holdfast_status() tells it also where there is none. */
const struct holdfast_reply *holdfast_receive(struct holdfast *connection);

/* Waits for the reply to a request. Never NULL; BAD_ARGUMENT if there is no such request, or its
 * reply was taken. Takes as long as the time limits of it and of the requests before it. */
const struct holdfast_reply *holdfast_wait(struct holdfast *connection, uint64_t request);

/* ---- calls ----
 *
 * Each waits as holdfast_wait() does and never returns NULL. Each may fail with any status of a
 * connection, with REFUSED, BUSY, FAILED, NO_MEMORY and TOO_MANY, with UNKNOWN_CALL where the VMM
 * is too old, and with what is named beside it.
 *
 * Each holdfast_send_...() returns the number of the request, 0: HOLDFAST_REQUESTS_MOST are under
 * way. Whatever else goes wrong, the reply tells. */

/* Whether the VMM answers. ping. */
const struct holdfast_reply *holdfast_ping(struct holdfast *connection);
uint64_t holdfast_send_ping(struct holdfast *connection);

/* What the VM is. info. */
const struct holdfast_reply *holdfast_info(struct holdfast *connection);
uint64_t holdfast_send_info(struct holdfast *connection);

/* Windows at or behind a guest-physical page, at most limit of them, 0: 512. windows. */
const struct holdfast_reply *holdfast_windows(struct holdfast *connection, uint64_t from_page,
                                              uint32_t limit);
uint64_t holdfast_send_windows(struct holdfast *connection, uint64_t from_page, uint32_t limit);

/* All of them, by as many calls as it takes, for at most twice the time limit. windows, whose next
 * is 0. Also NONSENSE: of more than 16384. */
const struct holdfast_reply *holdfast_all_windows(struct holdfast *connection);

/* What the guest may open. objects. */
const struct holdfast_reply *holdfast_objects(struct holdfast *connection);
uint64_t holdfast_send_objects(struct holdfast *connection);

/* Attaches what the words say: name=N[,path=P][,size=S][,access=ro|rw][,create]. The file is opened
 * here, with this process's rights, and may keep this waiting; one that was made is removed again
 * if the VM refuses it. Also BAD_ARGUMENT, BAD_REQUEST, NO_FILE. */
const struct holdfast_reply *holdfast_attach(struct holdfast *connection, const char *words);

/* Attaches an open file, which stays the caller's; source is its name for people. -1: a memfd of so
 * many bytes, and no source. bytes 0: as large as the file is. Also BAD_ARGUMENT, BAD_REQUEST. */
const struct holdfast_reply *holdfast_attach_file(struct holdfast *connection, const char *name,
                                                  const char *source, uint64_t bytes,
                                                  bool read_only, int descriptor);
uint64_t holdfast_send_attach_file(struct holdfast *connection, const char *name,
                                   const char *source, uint64_t bytes, bool read_only,
                                   int descriptor);

/* Reads such words without a connection. object_words; BAD_ARGUMENT, NO_MEMORY. Never NULL. */
const struct holdfast_reply *holdfast_read_words(const char *words);

/* Takes an object away; by force also where it is mapped. Also NOT_FOUND, IN_USE. */
const struct holdfast_reply *holdfast_detach(struct holdfast *connection, const char *name,
                                             bool force);
uint64_t holdfast_send_detach(struct holdfast *connection, const char *name, bool force);

/* Counters. stats. */
const struct holdfast_reply *holdfast_stats(struct holdfast *connection);
uint64_t holdfast_send_stats(struct holdfast *connection);

/* The arena in 1 to HOLDFAST_PICTURE_MOST equal parts. picture. Also BAD_REQUEST. */
const struct holdfast_reply *holdfast_picture(struct holdfast *connection, uint32_t cells);
uint64_t holdfast_send_picture(struct holdfast *connection, uint32_t cells);

/* machine; also ENDED. Holds on every vCPU when the reply comes. */
const struct holdfast_reply *holdfast_pause(struct holdfast *connection);
uint64_t holdfast_send_pause(struct holdfast *connection);
const struct holdfast_reply *holdfast_resume(struct holdfast *connection);
uint64_t holdfast_send_resume(struct holdfast *connection);
const struct holdfast_reply *holdfast_reset(struct holdfast *connection);
uint64_t holdfast_send_reset(struct holdfast *connection);

/* Ends the VM. The reply comes before it has ended: see holdfast_wait_end(), and call
 * holdfast_process() before this if it is to be waited for. */
const struct holdfast_reply *holdfast_stop(struct holdfast *connection);
uint64_t holdfast_send_stop(struct holdfast *connection);

/* What was set aside for the windows. guarantee. */
const struct holdfast_reply *holdfast_guarantee(struct holdfast *connection);
uint64_t holdfast_send_guarantee(struct holdfast *connection);

/* Limits what the windows of a tag may hold; 0: no limit. Also BAD_REQUEST. */
const struct holdfast_reply *holdfast_set_quota(struct holdfast *connection, uint32_t tag,
                                                uint64_t windows, uint64_t pages, uint64_t extents);
uint64_t holdfast_send_set_quota(struct holdfast *connection, uint32_t tag, uint64_t windows,
                                 uint64_t pages, uint64_t extents);

/* Begins a drill, which ends with the connection: count system calls of the kind fail, within so
 * many milliseconds. Also BAD_REQUEST; BUSY: there is one already. */
const struct holdfast_reply *holdfast_drill(struct holdfast *connection,
                                            enum holdfast_primitive primitive, uint32_t count,
                                            uint32_t milliseconds);
uint64_t holdfast_send_drill(struct holdfast *connection, enum holdfast_primitive primitive,
                             uint32_t count, uint32_t milliseconds);

/* How it goes. drill. Also NOT_FOUND. */
const struct holdfast_reply *holdfast_drill_report(struct holdfast *connection);
uint64_t holdfast_send_drill_report(struct holdfast *connection);

/* All that can be counted, in one answer. metrics. Since protocol 1.3. */
const struct holdfast_reply *holdfast_metrics(struct holdfast *connection);
uint64_t holdfast_send_metrics(struct holdfast *connection);

/* What happens. Events with a number above after; where there are none, waits for one, at most so
 * many milliseconds or 8000, beyond the time limit. after 0: all that are kept;
 * HOLDFAST_EVENTS_NEW: none, only the number to go on from. Other requests of this connection wait
 * meanwhile: use one of its own. events. */
#define HOLDFAST_EVENTS_NEW UINT64_MAX
const struct holdfast_reply *holdfast_events(struct holdfast *connection, uint64_t after,
                                             uint32_t milliseconds);
uint64_t holdfast_send_events(struct holdfast *connection, uint64_t after, uint32_t milliseconds);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
