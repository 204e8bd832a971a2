#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""house_dialect.py BUILD: prints what is not in the dialect of the project's C. It asks the compiler
(libclang) what is a pointer, an object or a variable's first use; a search for text cannot know.

- A pointer is compared with NULL: `p != NULL`, not `p` or `!p`.
- sizeof of an object has no parentheses: `sizeof x`, but `sizeof(struct x)`.
- A variable is declared where it gets its first value. Only cases without doubt are told: the first
  statement that names it is an assignment, and could be the declaration.

The kernel modules have the kernel's style, and generated code has none."""
import glob
import multiprocessing
import os
import re
import sys
from ctypes import POINTER, byref, c_uint

from clang import cindex
from clang.cindex import CursorKind as Kind, TypeKind

KERNEL = ("guest/linux/", "tests/linux/module/")
ROOMS = ("vmm/", "guest/", "include/", "tests/")
CHECKED = set()  # what stands in headers is met by many files
LOOPS = (Kind.FOR_STMT, Kind.WHILE_STMT, Kind.DO_STMT)
NEEDS_NO_PARENTHESES = (Kind.DECL_REF_EXPR, Kind.MEMBER_REF_EXPR, Kind.ARRAY_SUBSCRIPT_EXPR,
                        Kind.UNARY_OPERATOR, Kind.STRING_LITERAL, Kind.CALL_EXPR)

# libclang's Python side tells only where a macro is expanded, not where its body or argument stands.
for name in ("clang_getSpellingLocation", "clang_getFileLocation"):
    getattr(cindex.conf.lib, name).argtypes = [
        cindex.SourceLocation, POINTER(cindex.c_object_p)] + [POINTER(c_uint)] * 3


class Source:
    """One C file and the headers of the project that it includes."""

    def __init__(self, path, flags):
        self.unit = cindex.Index.create().parse(path, args=flags)
        errors = [d for d in self.unit.diagnostics if d.severity >= cindex.Diagnostic.Error]
        if errors:
            raise RuntimeError(f"{path}: libclang cannot read it: {errors[0].spelling}")
        self.text = {}
        self.findings = set()

    def spelled(self, cursor, ask="clang_getSpellingLocation"):
        """(file, offset) of where the cursor's first token is written, in a macro's body too."""
        file, line, column, offset = cindex.c_object_p(), c_uint(), c_uint(), c_uint()
        getattr(cindex.conf.lib, ask)(cursor.extent.start, byref(file), byref(line), byref(column),
                                      byref(offset))
        return (os.path.normpath(cindex.File(file).name), offset.value) if file else (None, 0)

    def contents(self, path):
        if path not in self.text:
            with open(path, "rb") as file:
                self.text[path] = file.read()
        return self.text[path]

    def tell(self, cursor, what):
        path, offset = self.spelled(cursor)
        if path is not None and is_ours(path):
            line = self.contents(path)[:offset].count(b"\n") + 1
            self.findings.add((path, line, offset, what))


def is_ours(path):
    return path.startswith(ROOMS) and not path.startswith(KERNEL)


def is_conversion(cursor):
    """Whether the compiler converts without being told to; what it writes is its operand."""
    children = list(cursor.get_children())
    return cursor.kind == Kind.UNEXPOSED_EXPR and len(children) == 1 and \
        cursor.extent == children[0].extent


def bare(cursor):
    """The expression without parentheses and conversions around it."""
    while cursor.kind == Kind.PAREN_EXPR or is_conversion(cursor):
        cursor = next(iter(cursor.get_children()))
    return cursor


def is_pointer(cursor):
    return bare(cursor).type.get_canonical().kind in (TypeKind.POINTER, TypeKind.CONSTANTARRAY)


def is_written(source, cursor):
    """Whether the expression stands where spelled() says; not so if the preprocessor pasted it."""
    first = cursor
    while True:
        child = next(iter(first.get_children()), None)
        if child is None or child.extent.start != first.extent.start:
            break
        first = child
    text = text_at(source, cursor, 64).decode(errors="replace")
    word = re.match(r"\w*", text).group()
    return word == (first.spelling if first.kind == Kind.DECL_REF_EXPR else "")


def text_at(source, cursor, length):
    path, offset = source.spelled(cursor)
    return source.contents(path)[offset:offset + length] if path and os.path.exists(path) else b""


# ---- truth ----

def for_condition(source, loop):
    """The condition among a loop's children, of which those that are left out are missing."""
    path, offset = source.spelled(loop)
    text = source.contents(path)
    depth, ends = 0, []
    at = offset
    while len(ends) < 2 and at < len(text):
        byte = text[at:at + 1]
        depth += (byte in b"([{") - (byte in b")]}")
        if byte == b";" and depth == 1:
            ends.append(at)
        at += 1
    if len(ends) < 2:
        return []
    return [c for c in loop.get_children()
            if source.spelled(c)[0] == path and ends[0] < source.spelled(c)[1] < ends[1]]


def operator_before(source, operand):
    """The operator that is written before its right operand."""
    path, offset = source.spelled(operand, "clang_getFileLocation")
    if path is None:
        return b""
    return re.search(rb"[-+*/%&|^=!<>]*$", source.contents(path)[:offset].rstrip()).group()


def truths(source, cursor, children):
    """The operands of which only the truth is asked."""
    kind = cursor.kind
    if kind in (Kind.IF_STMT, Kind.WHILE_STMT, Kind.CONDITIONAL_OPERATOR):
        return children[:1]
    if kind == Kind.DO_STMT:
        return children[-1:]
    if kind == Kind.FOR_STMT:
        return for_condition(source, cursor)
    if kind == Kind.UNARY_OPERATOR and text_at(source, cursor, 1) == b"!":
        return children
    if kind == Kind.BINARY_OPERATOR and cursor.type.kind == TypeKind.INT and \
            any(is_pointer(c) for c in children) and \
            operator_before(source, children[1]) in (b"&&", b"||"):
        return children
    if kind == Kind.UNEXPOSED_EXPR and cursor.type.get_canonical().kind == TypeKind.BOOL and \
            is_conversion(cursor):
        return children
    return []


def check_truth(source, cursor, children):
    for operand in truths(source, cursor, children):
        if is_pointer(operand) and is_written(source, bare(operand)):
            source.tell(bare(operand), "a pointer is compared with NULL")


# ---- sizeof ----

def check_sizeof(source, cursor, children):
    if cursor.kind != Kind.CXX_UNARY_EXPR or len(children) != 1 or \
            children[0].kind != Kind.PAREN_EXPR or text_at(source, cursor, 7) != b"sizeof(":
        return
    inner = next(iter(children[0].get_children()))
    path, offset = source.spelled(cursor)
    # Not the parameter of a macro, nor what begins with a cast.
    if inner.kind in NEEDS_NO_PARENTHESES and source.spelled(inner) == (path, offset + 7) and \
            text_at(source, inner, 1) != b"(":
        source.tell(cursor, "sizeof of an object has no parentheses")


# ---- declarations ----

def names(cursor, variable):
    if cursor.kind == Kind.DECL_REF_EXPR and cursor.referenced == variable:
        return True
    return any(names(c, variable) for c in cursor.get_children())


def assigns(source, statement, variable):
    """Whether a statement is `variable = something else`."""
    if statement.kind != Kind.BINARY_OPERATOR:
        return False
    left, right = list(statement.get_children())
    return left.kind == Kind.DECL_REF_EXPR and left.referenced == variable and \
        operator_before(source, right) == b"=" and not names(right, variable)


def could_be_later(source, statements, variable):
    users = [s for s in statements if names(s, variable)]
    if not users:
        return False
    first = users[0]
    if assigns(source, first, variable):
        return True
    if len(users) > 1:
        return False
    if first.kind == Kind.COMPOUND_STMT:
        return could_be_later(source, list(first.get_children()), variable)
    if first.kind not in LOOPS and first.kind != Kind.IF_STMT:
        return False
    parts = [c for c in first.get_children() if names(c, variable)]
    if first.kind == Kind.FOR_STMT and assigns(source, parts[0], variable):
        return next(iter(first.get_children())) == parts[0]
    return len(parts) == 1 and parts[0].kind == Kind.COMPOUND_STMT and \
        could_be_later(source, list(parts[0].get_children()), variable)


def check_declarations(source, cursor, children):
    if cursor.kind != Kind.COMPOUND_STMT:
        return
    for index, statement in enumerate(children):
        if statement.kind != Kind.DECL_STMT:
            continue
        for variable in statement.get_children():
            if variable.kind == Kind.VAR_DECL and \
                    variable.storage_class != cindex.StorageClass.STATIC and \
                    variable.type.get_canonical().kind != TypeKind.CONSTANTARRAY and \
                    not any(c.kind.is_expression() for c in variable.get_children()) and \
                    could_be_later(source, children[index + 1:], variable):
                source.tell(variable, f"{variable.spelling} is declared where it gets its first value")


def check(source, cursor):
    children = list(cursor.get_children())
    check_truth(source, cursor, children)
    check_sizeof(source, cursor, children)
    check_declarations(source, cursor, children)
    for child in children:
        check(source, child)


def flags(build):
    return ["-std=c11", "-D_GNU_SOURCE", "-DHOLDFAST_VERSION=\"\"", "-I.", "-Iinclude", "-Iguest/nano",
            f"-I{build}/proto", f"-I{build}/acpi"]


def findings(task):
    path, options = task
    source = Source(path, options)
    for cursor in source.unit.cursor.get_children():
        file = cursor.location.file
        there = (os.path.normpath(file.name), cursor.extent.start.offset) if file else ("", 0)
        if is_ours(there[0]) and there not in CHECKED:
            check(source, cursor)
            CHECKED.add(there)
    return source.findings


def main():
    options = flags(sys.argv[1])
    files = sys.argv[2:] or [f for room in ROOMS for f in glob.glob(f"{room}**/*.c", recursive=True)
                             if is_ours(f)]
    wrong = set()
    with multiprocessing.Pool() as pool:
        for found in pool.imap_unordered(findings, [(f, options) for f in files], chunksize=4):
            wrong |= found
    for path, line, _, what in sorted(wrong):
        print(f"{path}:{line}: {what}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
