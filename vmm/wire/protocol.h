/* SPDX-License-Identifier: MIT
 * Limits of the control protocol and short names for the generated types. The protocol itself is
 * described in proto/holdfast/control/v1/control.proto.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_WIRE_PROTOCOL_H
#define HOLDFAST_WIRE_PROTOCOL_H

#include "holdfast/control/v1/control.pb-c.h"

#define PROTOCOL_MINOR 3u

#define REQUEST_MAX  65536u   /* bytes of an encoded Request */
#define RESPONSE_MAX 1048576u /* bytes of an encoded Response */

#define WINDOWS_PER_REPLY 512u
#define PICTURE_CELLS_MAX 4096u
#define EVENTS_PER_REPLY  64u
#define EVENTS_WAIT_MS    8000u /* longer than that nobody waits for one */

typedef Holdfast__Control__V1__Request Request;
typedef Holdfast__Control__V1__Response Response;

#define REQUEST_INIT  HOLDFAST__CONTROL__V1__REQUEST__INIT
#define RESPONSE_INIT HOLDFAST__CONTROL__V1__RESPONSE__INIT

/* CALL(PING) names a call, REPLY(PING) the reply to it, MESSAGE_INIT(WINDOW) an initializer. */
#define CALL(name)         HOLDFAST__CONTROL__V1__REQUEST__CALL_##name
#define REPLY(name)        HOLDFAST__CONTROL__V1__RESPONSE__REPLY_##name
#define MESSAGE(name)      Holdfast__Control__V1__##name
#define MESSAGE_INIT(name) HOLDFAST__CONTROL__V1__##name##__INIT

typedef Holdfast__Control__V1__Status Status;
typedef Holdfast__Control__V1__MachineState MachineState;

/* STATUS(OK), STATE(PAUSED) */
#define STATUS(name) HOLDFAST__CONTROL__V1__STATUS__STATUS_##name
#define STATE(name)  HOLDFAST__CONTROL__V1__MACHINE_STATE__MACHINE_STATE_##name

#endif
