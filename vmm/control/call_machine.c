/* SPDX-License-Identifier: MIT
 * Pause, Resume, Reset, Stop and Powerdown. */
#include "vmm/control/calls.h"
#include "vmm/machine/machine.h"

static bool still_there(struct call *call, bool done)
{
    enum machine_end how;
    if (!done && machine_waits(call->service->machine, &how))
        call_fail(call, STATUS(ENDED), "the guest has ended; only a reset can start it again");
    else if (!done)
        call_fail(call, STATUS(ENDED), "the machine has ended");
    return done;
}

void call_pause(struct call *call)
{
    MESSAGE(PauseReply) *reply = call_memory(call, 1, sizeof *reply);
    if (reply == NULL || !still_there(call, machine_pause(call->service->machine)))
        return;
    *reply = (MESSAGE(PauseReply))MESSAGE_INIT(PAUSE_REPLY);
    reply->state = call_machine_state(call);
    call->response->pause = reply;
    call->response->reply_case = REPLY(PAUSE);
}

void call_resume(struct call *call)
{
    MESSAGE(ResumeReply) *reply = call_memory(call, 1, sizeof *reply);
    if (reply == NULL || !still_there(call, machine_resume(call->service->machine)))
        return;
    *reply = (MESSAGE(ResumeReply))MESSAGE_INIT(RESUME_REPLY);
    reply->state = call_machine_state(call);
    call->response->resume = reply;
    call->response->reply_case = REPLY(RESUME);
}

void call_reset(struct call *call)
{
    MESSAGE(ResetReply) *reply = call_memory(call, 1, sizeof *reply);
    if (reply == NULL || !still_there(call, machine_reset(call->service->machine)))
        return;
    *reply = (MESSAGE(ResetReply))MESSAGE_INIT(RESET_REPLY);
    reply->state = call_machine_state(call);
    call->response->reset = reply;
    call->response->reply_case = REPLY(RESET);
}

/* A machine that has ended needs no stop, and its VMM is about to go. */
void call_stop(struct call *call)
{
    MESSAGE(StopReply) *reply = call_memory(call, 1, sizeof *reply);
    if (reply == NULL)
        return;
    *reply = (MESSAGE(StopReply))MESSAGE_INIT(STOP_REPLY);
    call->after = SERVICE_STOP_MACHINE;
    call->response->stop = reply;
    call->response->reply_case = REPLY(STOP);
}

void call_powerdown(struct call *call)
{
    MESSAGE(PowerdownReply) *reply = call_memory(call, 1, sizeof *reply);
    enum machine_end how;
    if (reply == NULL || !still_there(call, !machine_waits(call->service->machine, &how) &&
                                                call_machine_state(call) != STATE(ENDED)))
        return;
    *reply = (MESSAGE(PowerdownReply))MESSAGE_INIT(POWERDOWN_REPLY);
    reply->listens = machine_press_power_button(call->service->machine);
    reply->state = call_machine_state(call);
    call->response->powerdown = reply;
    call->response->reply_case = REPLY(POWERDOWN);
}
