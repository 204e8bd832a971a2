/* SPDX-License-Identifier: MIT
 * FLUSH: calls share fsyncs. Mirrors flush(), arena_flush() and arena_unpin() in vmm/arena/storage.c
 * and the pin of arena_detach() in vmm/arena/operators.c.
 *
 * Each caller writes a page, then calls. The kernel loses a page whose writing fails, and tells the
 * error to one fsync only, the next that returns. What holds:
 * - a call that answers OK was followed by an fsync that began after it and wrote the caller's page,
 *   unless the loss of that page was told before the call began;
 * - an fsync runs on no descriptor that is closed, and never beside another one;
 * - every call returns.
 * MISTAKE=1: a call takes the fsync that is on for its own. 2: it looks at its last fsync only. 3: no
 * pin keeps the descriptor. */

#define CALLERS 3
#define FAILURES 1

bool lock; /* flush_lock */
bool sleeps[CALLERS];
byte begun;
byte ended;
byte failed;

byte pins;
bool is_detached;
bool is_closed;

/* ---- the kernel ---- */

bool dirty[CALLERS];
bool stable[CALLERS];
bool lost[CALLERS];
bool told[CALLERS]; /* that it was lost */
bool is_error;      /* not told yet */
byte failures;
byte syncing;

#define LOCK   atomic { !lock -> lock = true }
#define UNLOCK lock = false
#define WAIT   atomic { sleeps[id] = true; lock = false }; !sleeps[id]; LOCK

inline broadcast()
{
    d_step { sleeps[0] = false; sleeps[1] = false; sleeps[2] = false }
}

inline write_back(page)
{
    if
    :: dirty[page] -> dirty[page] = false; stable[page] = true
    :: dirty[page] && failures < FAILURES ->
        failures++; dirty[page] = false; lost[page] = true; is_error = true
    :: !dirty[page] -> skip
    fi
}

/* What is dirty when it begins is written; what comes later may be. */
inline fsync()
{
    assert(!is_closed);
    syncing++;
    assert(syncing == 1);
    atomic { write_back(0) }
    atomic { write_back(1) }
    atomic { write_back(2) }
    d_step {
        assert(!is_closed);
        is_bad = is_error;
        is_error = false;
        told[0] = told[0] || (is_bad && lost[0]);
        told[1] = told[1] || (is_bad && lost[1]);
        told[2] = told[2] || (is_bad && lost[2]);
        syncing--
    }
}

inline unpin()
{
    atomic {
        pins--;
        if
        :: pins == 0 && is_detached -> is_closed = true
        :: else
        fi
    }
}

/* ---- the calls ---- */

proctype caller(byte id)
{
    byte at_ended;
    byte needed;
    bool is_bad;
    bool was_told;
    byte fsyncs;

    dirty[id] = true;
    atomic { /* under the arena's lock */
        if
        :: is_detached -> goto end
#if MISTAKE == 3
        :: else -> pins = pins
#else
        :: else -> pins++
#endif
        fi
    }
    LOCK;
    was_told = told[id];
    at_ended = ended;
#if MISTAKE == 1
    needed = (begun > ended -> begun : begun + 1);
#else
    needed = begun + 1;
#endif
    do
    :: ended >= needed -> break
    :: ended < needed && begun > ended -> WAIT
    :: ended < needed && begun == ended ->
        begun++;
        fsyncs++;
        assert(fsyncs == 1);
        UNLOCK;
        fsync();
        LOCK;
        ended++;
        if
        :: is_bad -> failed = ended
        :: else
        fi;
        broadcast()
    od;
#if MISTAKE == 2
    is_bad = failed >= needed;
#else
    is_bad = failed > at_ended;
#endif
    UNLOCK;
    assert(is_bad || stable[id] || was_told);
#if MISTAKE != 3
    unpin();
#endif
end:
    skip
}

active proctype detach()
{
    atomic { pins++; is_detached = true }
    unpin()
}

init {
    atomic { run caller(0); run caller(1); run caller(2) }
}
