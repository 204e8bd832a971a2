/* SPDX-License-Identifier: MIT
 * Calls that take no argument. */
#include "vmm/client/connection.h"
#include "vmm/client/wait.h"

uint64_t holdfast_send_ping(struct holdfast *connection)
{
    MESSAGE(PingRequest) call = MESSAGE_INIT(PING_REQUEST);
    Request request = REQUEST_INIT;
    request.ping = &call;
    request.call_case = CALL(PING);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_ping(struct holdfast *connection)
{
    return WAIT_FOR(connection, holdfast_send_ping(connection));
}

uint64_t holdfast_send_info(struct holdfast *connection)
{
    MESSAGE(InfoRequest) call = MESSAGE_INIT(INFO_REQUEST);
    Request request = REQUEST_INIT;
    request.info = &call;
    request.call_case = CALL(INFO);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_info(struct holdfast *connection)
{
    return WAIT_FOR(connection, holdfast_send_info(connection));
}

uint64_t holdfast_send_objects(struct holdfast *connection)
{
    MESSAGE(ListObjectsRequest) call = MESSAGE_INIT(LIST_OBJECTS_REQUEST);
    Request request = REQUEST_INIT;
    request.list_objects = &call;
    request.call_case = CALL(LIST_OBJECTS);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_objects(struct holdfast *connection)
{
    return WAIT_FOR(connection, holdfast_send_objects(connection));
}

uint64_t holdfast_send_stats(struct holdfast *connection)
{
    MESSAGE(StatsRequest) call = MESSAGE_INIT(STATS_REQUEST);
    Request request = REQUEST_INIT;
    request.stats = &call;
    request.call_case = CALL(STATS);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_stats(struct holdfast *connection)
{
    return WAIT_FOR(connection, holdfast_send_stats(connection));
}

uint64_t holdfast_send_pause(struct holdfast *connection)
{
    MESSAGE(PauseRequest) call = MESSAGE_INIT(PAUSE_REQUEST);
    Request request = REQUEST_INIT;
    request.pause = &call;
    request.call_case = CALL(PAUSE);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_pause(struct holdfast *connection)
{
    return WAIT_FOR(connection, holdfast_send_pause(connection));
}

uint64_t holdfast_send_resume(struct holdfast *connection)
{
    MESSAGE(ResumeRequest) call = MESSAGE_INIT(RESUME_REQUEST);
    Request request = REQUEST_INIT;
    request.resume = &call;
    request.call_case = CALL(RESUME);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_resume(struct holdfast *connection)
{
    return WAIT_FOR(connection, holdfast_send_resume(connection));
}

uint64_t holdfast_send_reset(struct holdfast *connection)
{
    MESSAGE(ResetRequest) call = MESSAGE_INIT(RESET_REQUEST);
    Request request = REQUEST_INIT;
    request.reset = &call;
    request.call_case = CALL(RESET);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_reset(struct holdfast *connection)
{
    return WAIT_FOR(connection, holdfast_send_reset(connection));
}

uint64_t holdfast_send_stop(struct holdfast *connection)
{
    MESSAGE(StopRequest) call = MESSAGE_INIT(STOP_REQUEST);
    Request request = REQUEST_INIT;
    request.stop = &call;
    request.call_case = CALL(STOP);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_stop(struct holdfast *connection)
{
    return WAIT_FOR(connection, holdfast_send_stop(connection));
}

uint64_t holdfast_send_guarantee(struct holdfast *connection)
{
    MESSAGE(GuaranteeRequest) call = MESSAGE_INIT(GUARANTEE_REQUEST);
    Request request = REQUEST_INIT;
    request.guarantee = &call;
    request.call_case = CALL(GUARANTEE);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_guarantee(struct holdfast *connection)
{
    return WAIT_FOR(connection, holdfast_send_guarantee(connection));
}

uint64_t holdfast_send_drill_report(struct holdfast *connection)
{
    MESSAGE(DrillReportRequest) call = MESSAGE_INIT(DRILL_REPORT_REQUEST);
    Request request = REQUEST_INIT;
    request.drill_report = &call;
    request.call_case = CALL(DRILL_REPORT);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_drill_report(struct holdfast *connection)
{
    return WAIT_FOR(connection, holdfast_send_drill_report(connection));
}

uint64_t holdfast_send_metrics(struct holdfast *connection)
{
    MESSAGE(MetricsRequest) call = MESSAGE_INIT(METRICS_REQUEST);
    Request request = REQUEST_INIT;
    request.metrics = &call;
    request.call_case = CALL(METRICS);
    return request_send(connection, &request, -1, 0);
}

const struct holdfast_reply *holdfast_metrics(struct holdfast *connection)
{
    return wait_for(connection, holdfast_send_metrics(connection));
}
