/* SPDX-License-Identifier: MIT
 * Command lines of three releases of libvirt, as recorded, become Holdfast's own words; whatever
 * Holdfast cannot do is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/libvirt/libvirt.h"

#define WORDS_MOST 100

static const char *const records[] = {"9.0", "11.3", "12.8"};

struct words {
    int count;
    char *word[WORDS_MOST + 1];
};

static void add(struct words *words, const char *word)
{
    assert_true(words->count < WORDS_MOST);
    words->word[words->count++] = strdup(word);
}

static void forget(struct words *words)
{
    for (int i = 0; i < words->count; i++)
        free(words->word[i]);
    *words = (struct words){0};
}

/* The number-th command line of a record; descriptors that it names are open. */
static struct words recorded(const char *release, int number)
{
    char path[64], line[8192];
    struct words words = {0};
    snprintf(path, sizeof path, "tests/libvirt/recorded/%s.txt", release);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        fail_msg("%s is missing", path);
    while (words.count == 0 && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "ARGV ", 5) != 0 || number-- > 0)
            continue;
        json_t *list = json_loads(line + 5, 0, NULL);
        for (size_t i = 0; i < json_array_size(list); i++)
            add(&words, json_string_value(json_array_get(list, i)));
        json_decref(list);
    }
    fclose(file);
    assert_true(words.count > 5);
    for (int i = 0; i < words.count; i++) {
        int fd;
        if (sscanf(words.word[i], "set=0,fd=%d", &fd) == 1 ||
            sscanf(words.word[i], "socket,id=charmonitor,fd=%d", &fd) == 1) {
            const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
            assert_int_equal(dup2(null, fd), fd);
            close(null);
        }
    }
    return words;
}

static struct libvirt *read_words(struct words *words)
{
    struct error error = {""};
    words->word[words->count] = NULL;
    assert_true(libvirt_wrote(words->count, words->word));
    struct libvirt *libvirt = libvirt_read(words->count, words->word, &error);
    if (libvirt == NULL)
        fail_msg("%s", error.text);
    return libvirt;
}

/* What stands behind an own word; NULL if that is not there. */
static const char *own(const struct libvirt *libvirt, const char *option)
{
    int count;
    char **words = libvirt_own_words(libvirt, &count);
    assert_null(words[count]);
    for (int i = 1; i < count; i++)
        if (strcmp(words[i], option) == 0)
            return words[i + 1] != NULL ? words[i + 1] : "";
    return NULL;
}

static void check_machine(const struct libvirt *libvirt, const char *log)
{
    assert_false(libvirt_only_asks(libvirt));
    assert_string_equal(own(libvirt, "--name"), "hf2");
    assert_string_equal(own(libvirt, "--kernel"), "/srv/k.elf");
    assert_string_equal(own(libvirt, "--initrd"), "/srv/i.img");
    assert_string_equal(own(libvirt, "--append"), "console=ttyS0 foo=a,b");
    assert_string_equal(own(libvirt, "--memory"), "268435456");
    assert_string_equal(own(libvirt, "--vcpus"), "4");
    assert_string_equal(own(libvirt, "--console"), "pty");
    assert_string_equal(own(libvirt, "--console-log"), log);
    assert_string_equal(own(libvirt, "--object"), "name=db,path=/srv/a b,access=ro");
    assert_non_null(own(libvirt, "--paused"));
}

/* Also one that looks like an option of libvirt's. */
static void an_own_word_has_its_value(void **state)
{
    static const char *const own_words[] = {"--append", "-S --", "--budget=windows=1", "--object",
                                            "name=a,size=4K"};
    struct words words = recorded(records[0], 1);

    (void)state;
    for (size_t i = 0; i < 5; i++)
        add(&words, own_words[i]);
    struct libvirt *libvirt = read_words(&words);
    int count;
    char **made = libvirt_own_words(libvirt, &count);
    int found = 0;
    for (int i = 1; i < count && found < 5; i++)
        found = strcmp(made[i], own_words[found]) == 0 ? found + 1 : 0;
    assert_int_equal(found, 5);
    libvirt_free(libvirt);
    forget(&words);

    words = recorded(records[0], 1);
    add(&words, "--append");
    add(&words, "-S");
    libvirt = read_words(&words);
    assert_string_equal(own(libvirt, "--append"), "-S");
    libvirt_free(libvirt);
    forget(&words);
}

static const char *log_of(const char *release)
{
    return strcmp(release, "9.0") == 0 ? "fd:25" : "fd:19";
}

static void each_release_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct words words = recorded(records[i], 1);
        struct libvirt *libvirt = read_words(&words);
        check_machine(libvirt, log_of(records[i]));
        libvirt_free(libvirt);
        forget(&words);
        words = recorded(records[i], 0);
        libvirt = read_words(&words);
        assert_true(libvirt_only_asks(libvirt));
        libvirt_free(libvirt);
        forget(&words);
    }
}

/* Options with their values, in any order. */
static void the_order_does_not_matter(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 100; round++) {
        struct words words = recorded(records[round % 3], 1);
        struct words mixed = {0};
        bool taken[WORDS_MOST] = {false};
        add(&mixed, words.word[0]);
        while (mixed.count < words.count) {
            const int at = 1 + rand() % (words.count - 1);
            if (taken[at] || words.word[at][0] != '-' ||
                (mixed.count == 1 && words.word[at][1] == '-'))
                continue;
            taken[at] = true;
            add(&mixed, words.word[at]);
            if (at + 1 < words.count && words.word[at + 1][0] != '-')
                add(&mixed, words.word[at + 1]);
        }
        struct libvirt *libvirt = read_words(&mixed);
        check_machine(libvirt, log_of(records[round % 3]));
        libvirt_free(libvirt);
        forget(&words);
        forget(&mixed);
    }
}

/* The command line of 9.0 with an option more, or with another value of one that it has. */
static struct words changed(const char *option, const char *value)
{
    struct words words = recorded("9.0", 1);
    for (int i = 1; value != NULL && i + 1 < words.count; i++) {
        if (strcmp(words.word[i], option) == 0 && strcmp(option, "-device") != 0 &&
            strcmp(option, "-object") != 0 && strcmp(option, "-chardev") != 0 &&
            strcmp(option, "-add-fd") != 0) {
            free(words.word[i + 1]);
            words.word[i + 1] = strdup(value);
            return words;
        }
    }
    add(&words, option);
    if (value != NULL)
        add(&words, value);
    return words;
}

static void what_holdfast_cannot_do_is_refused(void **state)
{
    static const struct {
        const char *option, *value, *says;
    } cases[] = {
        {"-drive", "file=/x", "no disks"},
        {"-blockdev", "{\"driver\":\"file\"}", "no disks"},
        {"-device", "virtio-blk-pci,drive=x", "take <disk> out"},
        {"-device", "{\"driver\":\"virtio-net-pci\"}", "take <interface> out"},
        {"-netdev", "user,id=n", "no network"},
        {"-vnc", "127.0.0.1:0", "no display"},
        {"-spice", "port=5900", "no display"},
        {"-display", "sdl", "take <graphics> out"},
        {"-incoming", "defer", "cannot save, restore or migrate"},
        {"-loadvm", "x", "cannot save"},
        {"-usb", NULL, "<controller type='usb' model='none'/>"},
        {"-device", "piix3-usb-uhci,id=usb", "<controller type='usb' model='none'/>"},
        {"-device", "virtio-balloon-pci", "<memballoon model='none'/>"},
        {"-device", "isa-serial,chardev=charserial0", "take the second <serial> out"},
        {"-device", "isa-serial,chardev=c,index=1", "one serial port"},
        {"-device", "virtconsole", "type='serial'"},
        {"-bios", "/x", "no firmware"},
        {"-smbios", "type=1", "no SMBIOS"},
        {"-numa", "node", "no NUMA"},
        {"-cpu", "Haswell", "host-passthrough"},
        {"-cpu", "host,vmx=on", "take <feature name='vmx'> out of <cpu>"},
        {"-accel", "tcg", "type='kvm'"},
        {"-machine", "pc", "called holdfast"},
        {"-machine", "isapc,usb=on", "usb=on"},
        {"-machine", "isapc,memory-backend=other", "no such object"},
        {"-m", "many", "not an amount of memory"},
        {"-m", "512", "differ in size"},
        {"-m", "size=262144k,slots=16,maxmem=1048576k", "take <maxMemory> out"},
        {"-smp", "2,maxcpus=4,sockets=4,cores=1,threads=1", "cannot be added later"},
        {"-smp", "4,sockets=1,cores=2,threads=2", "take <topology> out"},
        {"-smp", "4,sockets=2,cores=2,threads=1", "take <topology> out"},
        {"-smp", "0", "not a number"},
        {"-object", "memory-backend-file,id=x,mem-path=/x,size=1M", "<source type='memfd'/>"},
        {"-object", "memory-backend-memfd,id=x,size=1M,hugetlb=on", "take <hugepages> out"},
        {"-object", "memory-backend-memfd,id=x,size=1M,prealloc=on", "--guarantee strict"},
        {"-object", "secret,id=other,data=x", "no such object"},
        {"-object", "rng-random,id=x", "no such object"},
        {"-overcommit", "mem-lock=on", "--guarantee strict"},
        {"-sandbox", "on", "seccomp_sandbox"},
        {"-rtc", "base=localtime", "clock"},
        {"-boot", "menu=on", "only the <kernel>"},
        {"-boot", "order=c", "take <boot> out of <os>"},
        {"-chardev", "tcp,id=x", "a <serial> is of type='pty' or 'file'"},
        {"-chardev", "pty,id=charserial0", "given twice"},
        {"-mon", "chardev=charmonitor,mode=readline", "QMP only"},
        {"-qmp", "unix:/x,server=on,wait=off", "one monitor"},
        {"-action", "watchdog=reset", "no watchdog"},
        {"-audiodev", "{\"id\":\"a\",\"driver\":\"alsa\"}", "take <audio> out"},
        {"-global", "kvm-pit.lost_tick_policy=delay", "take <timer name='pit'> out of <clock>"},
        {"-global", "PIIX4_PM.disable_s3=0", "take <pm> out"},
        {"-global", "isa-debugcon.iobase=0x402", "if <qemu:commandline> has it"},
        {"-acpitable", "sig=SLIC,file=/x", "take <acpi><table> out of <os>"},
        {"-cpu", "host,hv-time=on", "take <timer name='hypervclock'> out of <clock>"},
        {"-cpu", "host,kvm=off", "take <kvm> out of <features>"},
        {"-rtc", "base=utc,clock=vm", "take <timer name='rtc'> out of <clock>"},
        {"-add-fd", "set=0", "missing"},
        {"-pidfile", "/x", "only with -machine none"},
        {"-something-new", NULL, "-something-new: Holdfast does not know this option"},
        {"word", NULL, "word: Holdfast does not know this option"},
        {"-kernel", NULL, "needs a value"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct words words = changed(cases[i].option, cases[i].value);
        struct error error = {""};
        assert_null(libvirt_read(words.count, words.word, &error));
        if (strstr(error.text, cases[i].says) == NULL)
            fail_msg("%s %s: %s", cases[i].option, cases[i].value, error.text);
        forget(&words);
    }
}

static void console_is(const char *chardev, const char *console, const char *log)
{
    struct words words = {0};
    const char *const line[] = {
        "x",
        "-machine",
        "isapc",
        "-qmp",
        "unix:/x",
        "-kernel",
        "/k",
        "-device",
        "{\"driver\":\"isa-serial\",\"chardev\":\"s\",\"id\":\"serial0\",\"index\":0}",
        "-chardev",
        chardev};
    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++)
        add(&words, line[i]);
    struct libvirt *libvirt = read_words(&words);
    assert_string_equal(own(libvirt, "--console"), console);
    if (log == NULL)
        assert_null(own(libvirt, "--console-log"));
    else
        assert_string_equal(own(libvirt, "--console-log"), log);
    libvirt_free(libvirt);
    forget(&words);
}

static void the_serial_port_leads_where_its_chardev_does(void **state)
{
    (void)state;
    console_is("pty,id=s", "pty", NULL);
    console_is("null,id=s", "file:/dev/null", NULL);
    console_is("stdio,id=s", "stdio", NULL);
    console_is("file,id=s,path=/a,,b", "file:/a,b", NULL);
    console_is("file,id=s,path=/a,append=off", "file:/a", NULL);
    console_is("pty,id=s,logfile=/log,logappend=on", "pty", "file:/log");
}

static void the_memory_backend_alone_says_how_much_there_is(void **state)
{
    struct words words = {0};
    const char *const line[] = {"x",
                                "-machine",
                                "isapc,memory-backend=ram",
                                "-object",
                                "memory-backend-memfd,id=ram,size=1048576k",
                                "-qmp",
                                "unix:/x",
                                "-kernel",
                                "/k"};
    (void)state;
    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++)
        add(&words, line[i]);
    struct libvirt *libvirt = read_words(&words);
    assert_non_null(own(libvirt, "--memory"));
    assert_string_equal(own(libvirt, "--memory"), "1073741824");
    libvirt_free(libvirt);
    forget(&words);
}

static void descriptors_of_others_stay_open(void **state)
{
    struct words words = changed("-usb", NULL);
    struct error error = {""};
    const int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)state;
    assert_int_equal(dup2(other, STDIN_FILENO), STDIN_FILENO);
    assert_null(libvirt_read(words.count, words.word, &error));
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
    close(other);
    forget(&words);
}

static void own_words_go_before_those_of_the_domain(void **state)
{
    struct words words = changed("--name", "other");
    struct libvirt *libvirt = read_words(&words);
    (void)state;
    assert_string_equal(own(libvirt, "--name"), "other");
    libvirt_free(libvirt);
    forget(&words);
}

static void other_command_lines_are_not_libvirts(void **state)
{
    char *own_form[] = {"x", "--kernel", "k", "--append", "-machine", NULL};
    char *unknown[] = {"x", "-x", NULL};
    char *help[] = {"x", "--help", NULL};
    char *none[] = {"x", NULL};
    (void)state;
    assert_false(libvirt_wrote(5, own_form));
    assert_false(libvirt_wrote(2, unknown));
    assert_false(libvirt_wrote(2, help));
    assert_false(libvirt_wrote(1, none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_release_is_understood),
        cmocka_unit_test(an_own_word_has_its_value),
        cmocka_unit_test(the_order_does_not_matter),
        cmocka_unit_test(what_holdfast_cannot_do_is_refused),
        cmocka_unit_test(the_serial_port_leads_where_its_chardev_does),
        cmocka_unit_test(the_memory_backend_alone_says_how_much_there_is),
        cmocka_unit_test(descriptors_of_others_stay_open),
        cmocka_unit_test(own_words_go_before_those_of_the_domain),
        cmocka_unit_test(other_command_lines_are_not_libvirts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
