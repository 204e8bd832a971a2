/* SPDX-License-Identifier: MIT
 * Guarantee tells every account, and SetQuota sets what it is told. */
#include "control_asking.h"

static void assert_account(const MESSAGE(Account) * account, uint64_t first)
{
    assert_non_null(account);
    assert_int_equal(account->held, first);
    assert_int_equal(account->in_use, first + 1);
    assert_int_equal(account->limit, first + 2);
}

static const MESSAGE(GuaranteeReply) * ask_guarantee(void **state)
{
    const Response *response =
        ASK(state, GuaranteeRequest, GUARANTEE_REQUEST, GUARANTEE, guarantee);
    assert_int_equal(response->status, STATUS(OK));
    return response->guarantee;
}

static const Response *ask_quota(void **state, uint32_t tag, const struct tag_amounts *quota)
{
    MESSAGE(Amounts) amounts = MESSAGE_INIT(AMOUNTS);
    MESSAGE(SetQuotaRequest) set = MESSAGE_INIT(SET_QUOTA_REQUEST);
    Request request = REQUEST_INIT;
    set.tag = tag;
    if (quota != NULL) {
        amounts.windows = quota->windows;
        amounts.pages = quota->pages;
        amounts.extents = quota->extents;
        set.quota = &amounts;
    }
    request.set_quota = &set;
    request.call_case = CALL(SET_QUOTA);
    return ask(*state, &request);
}

static void every_account_is_told(void **state)
{
    const MESSAGE(GuaranteeReply) *reply = ask_guarantee(state);
    assert_string_equal(reply->mode, "strict");
    assert_int_equal(reply->met, HF_GUARANTEE_BALLAST);
    assert_account(reply->arena, 1);
    assert_account(reply->vmas, 4);
    assert_account(reply->tables, 7);
    assert_account(reply->ballast, 10);
    assert_account(reply->windows, 13);
    assert_account(reply->extents, 16);
    assert_int_equal(reply->vmas_process, 19);
    assert_int_equal(reply->vmas_elsewhere, 20);
    assert_int_equal(reply->vmas_margin, 21);
    assert_int_equal(reply->ballast_taken, 22);
    assert_int_equal(reply->times_lent, 23);
    assert_int_equal(reply->extent_cost, 24);
    assert_int_equal(reply->extent_measured, 25);
    assert_int_equal(reply->refusals, 91);
    assert_int_equal(reply->rescued, 92);
    assert_int_equal(reply->host_failures, 93);
}

static void the_tags_come_with_it_as_many_as_there_can_be(void **state)
{
    for (fake.tags = 0; fake.tags <= ARENA_TAGS; fake.tags += ARENA_TAGS / 2) {
        const MESSAGE(GuaranteeReply) *reply = ask_guarantee(state);
        assert_int_equal(reply->n_tags, fake.tags);
        for (uint32_t i = 0; i < fake.tags; i++) {
            const MESSAGE(Tag) *tag = reply->tags[i];
            assert_int_equal(tag->tag, UINT32_MAX - fake.tags + i);
            assert_true(tag->held->windows == UINT64_MAX && tag->high->pages == UINT64_MAX - 1);
            assert_true(tag->quota->extents == UINT64_MAX - 2);
            assert_true(tag->refused == UINT64_MAX && tag->rescued == UINT64_MAX - 3);
            assert_true(tag->longest_rescue_us == UINT64_MAX / 1000);
        }
    }
}

static void calls_that_wait_are_told_as_far_as_there_is_room(void **state)
{
    assert_int_equal(ask_guarantee(state)->n_rescues, 0);
    fake.tags = ARENA_TAGS;
    fake.rescues = ARENA_RESCUES_MOST + 3;
    const MESSAGE(GuaranteeReply) *reply = ask_guarantee(state);
    assert_int_equal(reply->rescues_all, ARENA_RESCUES_MOST + 3);
    assert_int_equal(reply->n_rescues, ARENA_RESCUES_MOST);
    assert_int_equal(reply->n_tags, ARENA_TAGS);
    const MESSAGE(Rescue) *rescue = reply->rescues[ARENA_RESCUES_MOST - 1];
    assert_string_equal(rescue->call, "REMAP");
    assert_true(rescue->waited_ms == UINT64_MAX / 1000000);
    assert_true(rescue->window == UINT64_MAX - ARENA_RESCUES_MOST + 1);
    assert_true(rescue->address == UINT64_MAX - 1);
    assert_int_equal(rescue->tag, UINT32_MAX);
    assert_string_equal(rescue->system_call, "KVM_PRE_FAULT_MEMORY");
    assert_string_equal(rescue->error, "ENOMEM");
    assert_int_equal(rescue->attempts, UINT32_MAX - 1);
}

static void a_quota_is_set_as_asked_for(void **state)
{
    const struct tag_amounts quota = {1, UINT64_MAX, 3};
    assert_int_equal(ask_quota(state, UINT32_MAX, &quota)->status, STATUS(OK));
    assert_int_equal(fake.quota_tag, UINT32_MAX);
    assert_memory_equal(&fake.quota, &quota, sizeof quota);
    assert_int_equal(ask_quota(state, 7, NULL)->status, STATUS(OK));
    assert_int_equal(fake.quota_tag, 7);
    assert_int_equal(fake.quota.windows + fake.quota.pages + fake.quota.extents, 0);
}

static void a_quota_that_cannot_be_is_refused(void **state)
{
    const struct tag_amounts quota = {1, 2, 3};
    assert_int_equal(ask_quota(state, 0, &quota)->status, STATUS(BAD_REQUEST));
    assert_int_equal(fake.quota.windows, 0);
    fake.quota_fails = true;
    assert_int_equal(ask_quota(state, 1, &quota)->status, STATUS(FAILED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_account_is_told),
        TEST(the_tags_come_with_it_as_many_as_there_can_be),
        TEST(calls_that_wait_are_told_as_far_as_there_is_room),
        TEST(a_quota_is_set_as_asked_for),
        TEST(a_quota_that_cannot_be_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
