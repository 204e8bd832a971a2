/* SPDX-License-Identifier: MIT
 * holdfastctl: reads the command line and runs a subcommand. */
#include "vmm/cause.h"
#include "vmm/ctl/command.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/terminal.h"
#include "vmm/error.h"
#include "vmm/process/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char short_options[] = ":jhVfi:n:r:p:w:Ns:";
static const struct option long_options[] = {
    {"json", no_argument, NULL, 'j'},           {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},        {"force", no_argument, NULL, 'f'},
    {"interval", required_argument, NULL, 'i'}, {"count", required_argument, NULL, 'n'},
    {"rows", required_argument, NULL, 'r'},     {"primitive", required_argument, NULL, 'p'},
    {"wait", required_argument, NULL, 'w'},     {"new", no_argument, NULL, 'N'},
    {"sort", required_argument, NULL, 's'},     {0},
};

struct line {
    struct options options;
    unsigned given; /* OPTION_... */
    bool help;
    bool version;
};

/* A number in [least, most], or false. */
static bool read_number(const char *text, double least, double most, double *number)
{
    char *end;
    errno = 0;
    *number = strtod(text, &end);
    return errno == 0 && end != text && *end == '\0' && *number >= least && *number <= most;
}

static bool read_whole(const char *text, uint64_t most, uint64_t *number)
{
    double value;
    if (text[strspn(text, "0123456789")] != '\0' || !read_number(text, 1, (double)most, &value))
        return false;
    *number = (uint64_t)value;
    return true;
}

static enum exit_code read_value(struct line *line, int option)
{
    uint64_t rows;
    switch (option) {
    case 'i':
        line->given |= OPTION_INTERVAL;
        if (read_number(optarg, 0.1, 3600, &line->options.interval))
            return EXIT_OK;
        return report_usage(&line->options, "bad interval '%.64s': 0.1 to 3600 seconds", optarg);
    case 'n':
        line->given |= OPTION_COUNT;
        if (read_whole(optarg, 1000000000, &line->options.count))
            return EXIT_OK;
        return report_usage(&line->options, "bad count '%.64s': a number from 1 on", optarg);
    case 'p':
        line->given |= OPTION_PRIMITIVE;
        line->options.primitive = optarg;
        return EXIT_OK;
    case 's':
        line->given |= OPTION_SORT;
        line->options.sort = optarg;
        return EXIT_OK;
    case 'w':
        line->given |= OPTION_WAIT;
        if (read_number(optarg, 0.1, 30, &line->options.wait))
            return EXIT_OK;
        return report_usage(&line->options, "bad time '%.64s' to wait: 0.1 to 30 seconds", optarg);
    default:
        line->given |= OPTION_ROWS;
        if (read_whole(optarg, 64, &rows)) {
            line->options.rows = (uint32_t)rows;
            return EXIT_OK;
        }
        return report_usage(&line->options, "bad number of rows '%.64s': 1 to 64", optarg);
    }
}

static enum exit_code read_option(struct line *line, int option, char **arguments)
{
    switch (option) {
    case 'j':
        line->options.json = true;
        return EXIT_OK;
    case 'h':
        line->help = true;
        return EXIT_OK;
    case 'V':
        line->version = true;
        return EXIT_OK;
    case 'f':
        line->given |= OPTION_FORCE;
        line->options.force = true;
        return EXIT_OK;
    case 'N':
        line->given |= OPTION_NEW;
        line->options.only_new = true;
        return EXIT_OK;
    case ':':
        return report_usage(&line->options, "%s needs a value", arguments[optind - 1]);
    case '?':
        if (strncmp(arguments[optind - 1], "--", 2) == 0 && optopt != 0)
            return report_usage(&line->options, "%.64s: this option takes no value",
                                arguments[optind - 1]);
        if (optopt != 0)
            return report_usage(&line->options, "unknown option -%c; see holdfastctl --help",
                                optopt);
        return report_usage(&line->options, "unknown option %s; see holdfastctl --help",
                            arguments[optind - 1]);
    default:
        return read_value(line, option);
    }
}

static enum exit_code read_line(struct line *line, int count, char **arguments)
{
    int option;
    enum exit_code code = EXIT_OK;
    opterr = 0;
    while (code == EXIT_OK &&
           (option = getopt_long(count, arguments, short_options, long_options, NULL)) != -1)
        code = read_option(line, option, arguments);
    return code;
}

static enum exit_code run_help(const struct options *options, char **arguments)
{
    if (arguments[0] == NULL) {
        help_general();
        return EXIT_OK;
    }
    const struct command *command = command_find(arguments[0]);
    if (command == NULL)
        return report_usage(options, "there is no command '%.64s'; see holdfastctl --help",
                            arguments[0]);
    help_command(command);
    return EXIT_OK;
}

static enum exit_code run_command(const struct line *line, int count, char **words)
{
    const struct options *options = &line->options;
    const struct command *command = command_find(words[0]);
    if (command == NULL)
        return report_usage(options, "there is no command '%.64s'; see holdfastctl --help",
                            words[0]);
    if (line->help) {
        help_command(command);
        return EXIT_OK;
    }
    if ((line->given & ~command->options) != 0)
        return report_usage(options, "an option is not one of %s; see holdfastctl help %s",
                            command->name, command->name);
    if (count - 1 < command->argument_count ||
        count - 1 > command->argument_count + command->more_arguments)
        return report_usage(options, "too %s arguments: holdfastctl %s %s",
                            count - 1 < command->argument_count ? "few" : "many", command->name,
                            command->arguments);
    return command->run(options, words + 1);
}

static enum exit_code run_line(const struct line *line, int count, char **words)
{
    if (line->version) {
        printf("holdfastctl %s\n", HOLDFAST_VERSION);
        return EXIT_OK;
    }
    if (count == 0 && line->help)
        return run_help(&line->options, words);
    if (count == 0)
        return report_usage(&line->options, "which command? See holdfastctl --help");
    if (strcmp(words[0], "help") == 0)
        return run_help(&line->options, words + 1);
    return run_command(line, count, words);
}

/* A standard descriptor that came closed must not become the VM's socket, to which our output would
 * then go. In the wrong direction, so that using it is the error that it was. */
static void occupy_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int count, char **arguments)
{
    struct line line = {.options = {.interval = 1}};
    struct error error;

    occupy_standard_descriptors();
    if (process_limits_prepare(&error) < 0)
        return report_failure(&line.options, EXIT_USAGE, &error);
    setlocale(LC_CTYPE, "");
    terminal_init();
    enum exit_code code = read_line(&line, count, arguments);
    if (code == EXIT_OK)
        code = run_line(&line, count - optind, arguments + optind);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        error_set(&error, "cannot write the output: %s", cause_text(errno));
        code = report_failure(&line.options, EXIT_FAILED, &error);
    }
    return code;
}
