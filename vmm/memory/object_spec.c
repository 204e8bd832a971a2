/* SPDX-License-Identifier: MIT
 * How operators write an object: "name=N[,path=P][,size=S][,access=ro|rw][,create]". Knows no
 * VMM: the CLI reads its arguments with it, too. */
#include "vmm/memory/object.h"
#include "vmm/options/size.h"

#include <string.h>

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"

#define ITEM_MAX (sizeof((struct object_spec *)0)->path + 16)

/* Copies one item of the list and moves *text behind it; a comma that is part of a value is
 * written twice. Returns whether another item follows. *fits: the item was not cut. */
static bool take_item(const char **text, char item[ITEM_MAX], bool *fits)
{
    const char *at = *text;
    size_t length = 0;
    bool more = false;
    *fits = true;
    for (; *at != '\0' && !more; at++) {
        if (*at == ',' && at[1] != ',') {
            more = true;
            continue;
        }
        if (*at == ',')
            at++;
        if (length + 1 < ITEM_MAX)
            item[length++] = *at;
        else
            *fits = false;
    }
    item[length] = '\0';
    *text = at;
    return more;
}

static int copy(char *to, size_t room, const char *value, const char *key, struct error *error)
{
    if (strlen(value) >= room)
        return error_set(error, "the object's %s is longer than %zu bytes", key, room - 1);
    strcpy(to, value);
    return 0;
}

static int set_access(struct object_spec *spec, const char *value, struct error *error)
{
    spec->read_only = strcmp(value, "ro") == 0;
    if (!spec->read_only && strcmp(value, "rw") != 0)
        return error_set(error, "bad access '%.64s' of an object: ro or rw", value);
    return 0;
}

static int set_size(struct object_spec *spec, const char *value, struct error *error)
{
    if (size_parse(value, &spec->bytes, error) < 0)
        return -1;
    if (spec->bytes == 0)
        return error_set(error, "bad size '%.64s': an object has 1 byte or more", value);
    return 0;
}

enum key { KEY_NAME, KEY_PATH, KEY_SIZE, KEY_ACCESS, KEY_CREATE, KEYS };

static const char *const key_names[KEYS] = {"name", "path", "size", "access", "create"};

/* Cuts an item in two: its key (KEYS: there is none such) and its value, "" for create. */
static enum key split(char *item, const char **value)
{
    char *sign = strchr(item, '=');
    enum key key = 0;

    *value = sign != NULL ? sign + 1 : "";
    if (sign != NULL)
        *sign = '\0';
    while (key < KEYS &&
           (strcmp(item, key_names[key]) != 0 || (key == KEY_CREATE) != (sign == NULL)))
        key++;
    return key;
}

static int set_value(struct object_spec *spec, enum key key, const char *value, struct error *error)
{
    switch (key) {
    case KEY_NAME:
        return copy(spec->name, sizeof spec->name, value, "name", error);
    case KEY_PATH:
        if (value[0] == '\0')
            return error_set(error, "the object's path is empty; a memfd has none at all");
        return copy(spec->path, sizeof spec->path, value, "path", error);
    case KEY_SIZE:
        return set_size(spec, value, error);
    case KEY_ACCESS:
        return set_access(spec, value, error);
    default:
        spec->create = true;
        return 0;
    }
}

/* One "key=value" or "create"; given has a bit for each key that came before. */
static int set_item(struct object_spec *spec, char *item, unsigned *given, struct error *error)
{
    const char *value;
    const enum key key = split(item, &value);

    if (key == KEYS)
        return error_set(error,
                         "bad word '%.64s' in an object: it is written "
                         "name=N[,path=P][,size=S][,access=ro|rw][,create]",
                         item);
    if ((*given & 1u << key) != 0)
        return error_set(error, "%s is given twice in one object", item);
    *given |= 1u << key;
    return set_value(spec, key, value, error);
}

int object_parse(const char *text, struct object_spec *spec, struct error *error)
{
    char item[ITEM_MAX];
    unsigned given = 0;
    bool fits;
    *spec = (struct object_spec){0};
    for (bool more = true; more;) {
        more = take_item(&text, item, &fits);
        if (!fits)
            return error_set(error, "a word of the object is longer than %zu bytes: %.64s...",
                             ITEM_MAX - 1, item);
        if (set_item(spec, item, &given, error) != 0)
            return -1;
    }
    return object_check(spec, error);
}

int object_check(const struct object_spec *spec, struct error *error)
{
    if (spec->name[0] == '\0')
        return error_set(error, "an object needs a name: name=N");
    if (spec->name[strspn(spec->name, NAME_CHARACTERS)] != '\0')
        return error_set(error, "bad object name '%.64s': characters A-Z a-z 0-9 _ . - only",
                         spec->name);
    if (spec->bytes > INT64_MAX)
        return error_set(error, "object %s: a size of %llu bytes is too large", spec->name,
                         (unsigned long long)spec->bytes);
    if (spec->path[0] == '\0' && spec->bytes == 0)
        return error_set(error, "object %s needs a path (path=P) or, for a memfd, a size (size=S)",
                         spec->name);
    if (spec->path[0] == '\0' && spec->create)
        return error_set(error, "object %s: create makes a file and needs its path (path=P)",
                         spec->name);
    if (spec->create && spec->bytes == 0)
        return error_set(error, "object %s: create needs the file's size (size=S)", spec->name);
    if (spec->create && spec->read_only)
        return error_set(error,
                         "object %s: create makes a file of zeros, which nobody could fill with "
                         "access=ro; leave one of the two out",
                         spec->name);
    return 0;
}
