/* SPDX-License-Identifier: MIT
 * Each call answers what the arena and the machine say, and does what it is asked. */
#include "control_asking.h"

#include <fcntl.h>
#include <unistd.h>

static const Response *ask_windows(void **state, uint64_t from, uint32_t limit)
{
    MESSAGE(ListWindowsRequest) list = MESSAGE_INIT(LIST_WINDOWS_REQUEST);
    Request request = REQUEST_INIT;
    list.from_page = from;
    list.limit = limit;
    request.list_windows = &list;
    request.call_case = CALL(LIST_WINDOWS);
    return ask(*state, &request);
}

static const Response *ask_attach(void **state, const char *name, const void *path, size_t length,
                                  uint64_t bytes)
{
    MESSAGE(AttachRequest) attach = MESSAGE_INIT(ATTACH_REQUEST);
    Request request = REQUEST_INIT;
    attach.name = (char *)name;
    attach.path.data = (uint8_t *)path;
    attach.path.len = length;
    attach.bytes = bytes;
    attach.handed_over = length != 0;
    request.attach = &attach;
    request.call_case = CALL(ATTACH);
    struct asking *asking = *state;
    asking->descriptor = length != 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
    const Response *response = ask(asking, &request);
    if (asking->descriptor >= 0)
        close(asking->descriptor);
    asking->descriptor = -1;
    return response;
}

static const Response *ask_detach(void **state, bool force)
{
    MESSAGE(DetachRequest) detach = MESSAGE_INIT(DETACH_REQUEST);
    Request request = REQUEST_INIT;
    detach.name = "disk";
    detach.force = force;
    request.detach = &detach;
    request.call_case = CALL(DETACH);
    return ask(*state, &request);
}

static void ping_and_info_tell_what_the_vm_is(void **state)
{
    assert_string_equal(ASK(state, PingRequest, PING_REQUEST, PING, ping)->ping->name, "web");

    const MESSAGE(InfoReply) *info = ASK(state, InfoRequest, INFO_REQUEST, INFO, info)->info;
    assert_string_equal(info->name, "web");
    assert_string_equal(info->version, "1.2.3");
    assert_string_equal(info->kernel, "/boot/kernel");
    assert_string_equal(info->append, "quiet");
    assert_string_equal(info->console, "stdio");
    assert_int_equal(info->state, STATE(RUNNING));
    assert_int_equal(info->vcpus, 2);
    assert_int_equal(info->memory_bytes, 64 << 20);
    assert_int_equal(info->arena_base, fake_config.arena_base);
    assert_int_equal(info->windows, FAKE_WINDOWS);
    assert_int_equal(info->resets, 1);
}

static void stats_carry_the_counters(void **state)
{
    const MESSAGE(StatsReply) *stats = ASK(state, StatsRequest, STATS_REQUEST, STATS, stats)->stats;
    assert_int_equal(stats->windows, FAKE_WINDOWS);
    assert_int_equal(stats->maps, 21);
    assert_int_equal(stats->calls, 34);
    assert_int_equal(stats->exits, 55);
    assert_true(stats->prefault);
    assert_int_equal(stats->flushes, 94);
    assert_int_equal(stats->discards, 95);
    assert_int_equal(stats->io_errors, 96);
}

static void every_window_comes_once_over_several_replies(void **state)
{
    uint64_t from = 0;
    uint32_t seen = 0;
    do {
        const MESSAGE(ListWindowsReply) *reply = ask_windows(state, from, 0)->list_windows;
        assert_in_range(reply->n_windows, 1, WINDOWS_PER_REPLY);
        for (size_t i = 0; i < reply->n_windows; i++) {
            assert_true(reply->windows[i]->handle == UINT64_MAX - seen);
            assert_int_equal(reply->windows[i]->address, (FAKE_ARENA_PAGE + 4 * (uint64_t)seen)
                                                             << HF_PAGE_SHIFT);
            seen++;
        }
        assert_true(reply->next == 0 || reply->next > from);
        from = reply->next;
    } while (from != 0);
    assert_int_equal(seen, FAKE_WINDOWS);
}

static void the_limit_of_a_list_is_kept(void **state)
{
    assert_int_equal(ask_windows(state, 0, 3)->list_windows->n_windows, 3);
    assert_int_equal(ask_windows(state, 0, UINT32_MAX)->list_windows->n_windows, WINDOWS_PER_REPLY);
    assert_int_equal(ask_windows(state, UINT64_MAX, 1)->list_windows->n_windows, 0);
    assert_int_equal(ask_windows(state, UINT64_MAX, 1)->list_windows->next, 0);
}

static const Response *ask_picture(void **state, uint32_t cells)
{
    MESSAGE(PictureRequest) picture = MESSAGE_INIT(PICTURE_REQUEST);
    Request request = REQUEST_INIT;
    picture.cells = cells;
    request.picture = &picture;
    request.call_case = CALL(PICTURE);
    return ask(*state, &request);
}

static void the_largest_replies_fit(void **state)
{
    const Response *response = ask_picture(state, PICTURE_CELLS_MAX);
    assert_int_equal(response->status, STATUS(OK));
    assert_int_equal(response->picture->n_cells, PICTURE_CELLS_MAX);
    assert_true(response->picture->cells[PICTURE_CELLS_MAX - 1]->mapped == UINT64_MAX);

    char source[256];
    memset(source, 's', sizeof source - 1);
    source[sizeof source - 1] = '\0';
    fake.object_source = source;
    response = ASK(state, ListObjectsRequest, LIST_OBJECTS_REQUEST, LIST_OBJECTS, list_objects);
    assert_int_equal(response->status, STATUS(OK));
    assert_int_equal(response->list_objects->n_objects, BACKINGS_OBJECTS);
    assert_string_equal(response->list_objects->objects[254]->source, source);
}

static void a_picture_of_no_or_too_many_cells_is_refused(void **state)
{
    assert_int_equal(ask_picture(state, 0)->status, STATUS(BAD_REQUEST));
    assert_int_equal(ask_picture(state, PICTURE_CELLS_MAX + 1)->status, STATUS(BAD_REQUEST));
    assert_int_equal(ask_picture(state, UINT32_MAX)->status, STATUS(BAD_REQUEST));
}

static void strings_of_the_host_become_utf8(void **state)
{
    fake.object_source = "/images/\xff\xc3\xa9";
    const Response *response =
        ASK(state, ListObjectsRequest, LIST_OBJECTS_REQUEST, LIST_OBJECTS, list_objects);
    assert_string_equal(response->list_objects->objects[0]->source, "/images/?\xc3\xa9");
    fake.attach_fails = true;
    assert_string_equal(ask_attach(state, "disk", "/x", 2, 0)->message, "cannot open ?");
}

static void an_object_is_attached_as_asked_for(void **state)
{
    assert_int_equal(ask_attach(state, "disk", "/images/disk \xff", 14, 4096)->status, STATUS(OK));
    assert_string_equal(fake.attached.name, "disk");
    assert_string_equal(fake.attached.path, "/images/disk \xff");
    assert_int_equal(fake.attached.bytes, 4096);
    assert_true(fake.attached_file >= 0);
    assert_int_equal(ask_attach(state, "m", NULL, 0, 4096)->status, STATUS(OK));
    assert_string_equal(fake.attached.path, "");
}

static void an_object_that_makes_no_sense_never_reaches_the_arena(void **state)
{
    char long_name[128];
    char long_path[5000];
    memset(long_name, 'a', sizeof long_name);
    memset(long_path, '/', sizeof long_path);
    long_name[64] = '\0';
    assert_int_equal(ask_attach(state, long_name, "/x", 2, 0)->status, STATUS(BAD_REQUEST));
    assert_int_equal(ask_attach(state, "", "/x", 2, 0)->status, STATUS(BAD_REQUEST));
    assert_int_equal(ask_attach(state, "a/b", "/x", 2, 0)->status, STATUS(BAD_REQUEST));
    assert_int_equal(ask_attach(state, "a", "/x\0y", 4, 0)->status, STATUS(BAD_REQUEST));
    assert_int_equal(ask_attach(state, "a", long_path, 4096, 0)->status, STATUS(BAD_REQUEST));
    assert_int_equal(ask_attach(state, "a", NULL, 0, 0)->status, STATUS(BAD_REQUEST));
    assert_int_equal(ask_attach(state, "a", NULL, 0, UINT64_MAX)->status, STATUS(BAD_REQUEST));
    assert_string_equal(fake.attached.name, "");
    assert_int_equal(ask_attach(state, "a", long_path, 4095, 0)->status, STATUS(OK));
    assert_int_equal(strlen(fake.attached.path), 4095);
}

static void no_file_is_opened_for_a_client(void **state)
{
    MESSAGE(AttachRequest) attach = MESSAGE_INIT(ATTACH_REQUEST);
    Request request = REQUEST_INIT;
    attach.name = "a";
    attach.path.data = (uint8_t *)(uintptr_t) "/etc/hostname";
    attach.path.len = 13;
    request.attach = &attach;
    request.call_case = CALL(ATTACH);
    assert_int_equal(ask(*state, &request)->status, STATUS(BAD_REQUEST));
    attach.handed_over = true; /* and nothing came */
    assert_int_equal(ask(*state, &request)->status, STATUS(BAD_REQUEST));
    assert_string_equal(fake.attached.name, "");
}

static void the_machine_is_told_of_each_change_of_objects(void **state)
{
    ask_attach(state, "disk", "/x", 2, 0);
    assert_int_equal(fake.changes, 1);
    ask_detach(state, false);
    assert_int_equal(fake.changes, 2);
    ask_detach(state, true);
    assert_int_equal(fake.changes, 3);

    /* And of nothing that is none. */
    fake.attach_fails = true;
    ask_attach(state, "disk", "/x", 2, 0);
    ask_attach(state, "a/b", "/x", 2, 0);
    fake.detach = ARENA_IN_USE;
    ask_detach(state, false);
    fake.detach = ARENA_NO_OBJECT;
    ask_detach(state, true);
    assert_int_equal(fake.changes, 3);
}

static void each_outcome_of_detach_has_its_status(void **state)
{
    assert_int_equal(ask_detach(state, true)->status, STATUS(OK));
    assert_true(fake.detach_forced);
    fake.detach = ARENA_NO_OBJECT;
    assert_int_equal(ask_detach(state, false)->status, STATUS(NOT_FOUND));
    assert_false(fake.detach_forced);
    fake.detach = ARENA_IN_USE;
    assert_int_equal(ask_detach(state, false)->status, STATUS(IN_USE));
}

static void the_machine_changes_and_its_new_state_is_told(void **state)
{
    assert_int_equal(ASK(state, PauseRequest, PAUSE_REQUEST, PAUSE, pause)->pause->state,
                     STATE(PAUSED));
    assert_int_equal(ASK(state, ResetRequest, RESET_REQUEST, RESET, reset)->reset->state,
                     STATE(PAUSED));
    assert_int_equal(ASK(state, ResumeRequest, RESUME_REQUEST, RESUME, resume)->resume->state,
                     STATE(RUNNING));
}

static void an_ended_machine_is_not_changed(void **state)
{
    fake.state = MACHINE_ENDED;
    assert_int_equal(ASK(state, PauseRequest, PAUSE_REQUEST, PAUSE, pause)->status, STATUS(ENDED));
    assert_int_equal(ASK(state, ResumeRequest, RESUME_REQUEST, RESUME, resume)->status,
                     STATUS(ENDED));
    assert_int_equal(ASK(state, ResetRequest, RESET_REQUEST, RESET, reset)->status, STATUS(ENDED));
}

static void powerdown_presses_the_button_and_tells_whether_it_is_heard(void **state)
{
    const Response *response =
        ASK(state, PowerdownRequest, POWERDOWN_REQUEST, POWERDOWN, powerdown);
    assert_int_equal(response->status, STATUS(OK));
    assert_true(response->powerdown->listens);
    assert_int_equal(response->powerdown->state, STATE(RUNNING));
    assert_int_equal(fake.presses, 1);
    fake.listens = false;
    fake.state = MACHINE_PAUSED;
    response = ASK(state, PowerdownRequest, POWERDOWN_REQUEST, POWERDOWN, powerdown);
    assert_false(response->powerdown->listens);
    assert_int_equal(response->powerdown->state, STATE(PAUSED));
    fake.state = MACHINE_ENDED;
    response = ASK(state, PowerdownRequest, POWERDOWN_REQUEST, POWERDOWN, powerdown);
    assert_int_equal(response->status, STATUS(ENDED));
    assert_int_equal(fake.presses, 2);
}

static void settings_are_those_of_the_start(void **state)
{
    const MESSAGE(SettingsReply) *reply =
        ASK(state, SettingsRequest, SETTINGS_REQUEST, SETTINGS, settings)->settings;
    assert_int_equal(reply->n_settings, 2);
    assert_string_equal(reply->settings[0]->word, "memory");
    assert_int_equal(reply->settings[1]->value.len, 2);
    assert_memory_equal(reply->settings[1]->value.data, "\xc3(", 2); /* any bytes */
}

static void stop_is_answered_before_it_is_done(void **state)
{
    struct asking *asking = *state;
    assert_int_equal(ASK(state, StopRequest, STOP_REQUEST, STOP, stop)->status, STATUS(OK));
    assert_int_equal(asking->after, SERVICE_STOP_MACHINE);
    assert_int_equal(fake.stops, 0);
    ASK(state, PingRequest, PING_REQUEST, PING, ping);
    assert_int_equal(asking->after, SERVICE_GO_ON);
}

static void each_request_has_all_the_memory(void **state)
{
    for (int i = 0; i < 3000; i++)
        assert_int_equal(ask_attach(state, "disk", "/images/disk", 12, 0)->status, STATUS(OK));
}

static size_t put_varint(uint8_t *bytes, uint32_t value)
{
    size_t length = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[length++] = (uint8_t)(value | 0x80);
    bytes[length++] = (uint8_t)value;
    return length;
}

/* With an empty message, which some of them refuse. */
static void no_call_of_the_protocol_is_unknown(void **state)
{
    const ProtobufCMessageDescriptor *request = &holdfast__control__v1__request__descriptor;
    unsigned calls = 0;
    for (unsigned i = 0; i < request->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &request->fields[i];
        uint8_t bytes[8];
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
            continue;
        calls++;
        size_t length = put_varint(bytes, field->id << 3 | 2);
        length += put_varint(bytes + length, 0);
        const Response *response = ask_bytes(*state, bytes, length);
        if (response->status == STATUS(UNKNOWN_CALL))
            fail_msg("%s: %s", field->name, response->message);
        if (response->status == STATUS(OK))
            assert_int_equal(response->reply_case, field->id);
    }
    assert_in_range(calls, 16, request->n_fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ping_and_info_tell_what_the_vm_is),
        TEST(stats_carry_the_counters),
        TEST(every_window_comes_once_over_several_replies),
        TEST(the_limit_of_a_list_is_kept),
        TEST(the_largest_replies_fit),
        TEST(a_picture_of_no_or_too_many_cells_is_refused),
        TEST(strings_of_the_host_become_utf8),
        TEST(an_object_is_attached_as_asked_for),
        TEST(no_file_is_opened_for_a_client),
        TEST(an_object_that_makes_no_sense_never_reaches_the_arena),
        TEST(the_machine_is_told_of_each_change_of_objects),
        TEST(each_outcome_of_detach_has_its_status),
        TEST(the_machine_changes_and_its_new_state_is_told),
        TEST(an_ended_machine_is_not_changed),
        TEST(powerdown_presses_the_button_and_tells_whether_it_is_heard),
        TEST(settings_are_those_of_the_start),
        TEST(stop_is_answered_before_it_is_done),
        TEST(each_request_has_all_the_memory),
        TEST(no_call_of_the_protocol_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
