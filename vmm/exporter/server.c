/* SPDX-License-Identifier: MIT */
#include "server.h"

#include "pages.h"
#include "patience.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define THREADS      4u
#define SILENT_S     5u          /* a client that says nothing */
#define REQUEST_ROOM (16u << 10) /* for a request line and its headers, of each connection */

#define TYPE_TEXT        "text/plain; charset=utf-8"
#define TYPE_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define TYPE_PROMETHEUS  "text/plain; version=0.0.4; charset=utf-8"

static const char front[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Holdfast</title></head>"
    "<body><h1>Holdfast</h1><p><a href=\"/metrics\">Metrics</a> of the VMs on "
    "this machine: holdfast-metrics(7)</p></body></html>\n";
static const char no_page[] = "There are only / and /metrics.\n";
static const char no_method[] = "Only GET and HEAD are allowed.\n";

/* One request a connection: a client that has its answer takes up no place. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              struct MHD_Response *response)
{
    if (response == NULL)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    const enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status,
                                   const char *type, const char *text,
                                   enum MHD_ResponseMemoryMode mode)
{
    return answer(connection, status, type,
                  MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, mode));
}

static ssize_t read_page(void *cls, uint64_t at, char *to, size_t room)
{
    const struct page *page = cls;
    const size_t left = page->length - (size_t)at;
    const size_t length = left < room ? left : room;

    memcpy(to, page->text + at, length);
    return (ssize_t)length;
}

static void put_page(void *cls)
{
    pages_put(cls);
}

/* Prometheus names OpenMetrics where it wants it; whoever names nothing gets the format that every
 * reader knows. */
static enum metrics_format format_for(struct MHD_Connection *connection)
{
    const char *accepted =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

    return accepted != NULL && strstr(accepted, "application/openmetrics-text") != NULL
               ? METRICS_OPENMETRICS
               : METRICS_PROMETHEUS;
}

static enum MHD_Result answer_metrics(struct MHD_Connection *connection)
{
    const enum metrics_format format = format_for(connection);
    struct error error;
    struct page *page = pages_get(format, &error);

    if (page == NULL) {
        fprintf(stderr, "holdfast-exporter: %s\n", error.text);
        return answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, TYPE_TEXT, error.text,
                           MHD_RESPMEM_MUST_COPY);
    }
    struct MHD_Response *response =
        MHD_create_response_from_callback(page->length, 32u << 10, read_page, page, put_page);
    if (response == NULL)
        pages_put(page);
    return answer(connection, MHD_HTTP_OK,
                  format == METRICS_OPENMETRICS ? TYPE_OPENMETRICS : TYPE_PROMETHEUS, response);
}

static struct patience *patience_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL ? info->socket_context : NULL;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_length, void **request)
{
    static char seen;
    (void)cls;
    (void)version;
    (void)upload;

    /* The first call is before a body, the second behind the headers of a request that has none. */
    if (*request == NULL) {
        *request = &seen;
        return MHD_YES;
    }
    if (*upload_length != 0)
        return MHD_NO; /* disconnects: nobody here reads bodies */
    patience_answer(patience_of(connection));
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, TYPE_TEXT, no_method,
                           MHD_RESPMEM_PERSISTENT);
    if (strcmp(url, "/metrics") == 0)
        return answer_metrics(connection);
    if (strcmp(url, "/") == 0)
        return answer_text(connection, MHD_HTTP_OK, "text/html; charset=utf-8", front,
                           MHD_RESPMEM_PERSISTENT);
    return answer_text(connection, MHD_HTTP_NOT_FOUND, TYPE_TEXT, no_page, MHD_RESPMEM_PERSISTENT);
}

static void connection_changes(void *cls, struct MHD_Connection *connection, void **context,
                               enum MHD_ConnectionNotificationCode code)
{
    (void)cls;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        patience_end(*context);
        *context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context = info != NULL ? patience_begin(info->connect_fd) : NULL;
}

/* What clients do wrong is no line of the log: there could be any number of them. */
static void no_log(void *cls, const char *format, va_list values)
{
    (void)cls;
    (void)format;
    (void)values;
}

struct MHD_Daemon *server_start(int listener, struct error *error)
{
    struct MHD_Daemon *server = MHD_start_daemon(
        MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle, NULL,
        MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, MHD_OPTION_LISTEN_SOCKET, listener,
        MHD_OPTION_THREAD_POOL_SIZE, THREADS, MHD_OPTION_CONNECTION_LIMIT, PATIENCE_CLIENTS,
        MHD_OPTION_CONNECTION_TIMEOUT, SILENT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)REQUEST_ROOM, MHD_OPTION_NOTIFY_CONNECTION, connection_changes, NULL,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);

    if (server == NULL)
        error_set(error, "the HTTP server does not start: no threads, or no memory");
    return server;
}

void server_stop(struct MHD_Daemon *server)
{
    MHD_stop_daemon(server);
}
