/* SPDX-License-Identifier: MIT
 * MAP, REMAP and UNMAP, a forced detach and a reset under the arena's lock, which whoever waits for the
 * host gives back meanwhile. Mirrors in vmm/arena: arena_map(), arena_unmap(), arena_remap() and
 * guard_rest() in map.c; wait_unlocked(), call_take_turn(), call_wait_for_others(), calls_use() and
 * call_end() in under_way.c; arena_detach(), take_away() and arena_unpin() in operators.c and storage.c;
 * arena_reset() in arena.c; windows_disown() in vmm/windows/disown.c and the tree of detached.c.
 *
 * One window of two pages, RAM and one object. After a reset the guest reserves the window anew.
 *
 * What holds:
 * - whenever no call is under way, nor one was given up for a reset, the host shows exactly what the
 *   table says, page by page, and nothing where an object was detached;
 * - what was decided still holds when it is committed;
 * - once a detach has returned, the host shows no page of the object;
 * - no page of an object is mapped once its descriptor is closed;
 * - nobody waits for ever.
 * MISTAKE=1: a detach takes no turn on the window. 2: a reset waits for no other call. 3: a call that
 * has waited for another one goes on without a new decision. 4: a detach does not look at calls under
 * way. 5: nor whether one was given up half done. */

#define VCPUS 2
#define DETACH 2
#define RESET 3
#define CALLS 3 /* of both vCPUs */
#define REFUSALS 1

mtype = { none, ram, object, detached };
mtype table[2] = none;
mtype host[2] = none;
byte window = 1; /* its number: another one after a reset */

bool lock;
bool is_listed[4];
byte on_window[4]; /* 0: not decided yet, or on none */
bool uses_object[4];
bool is_attached = true;
bool is_closed;
bool is_gone; /* the detach has returned */
bool is_reset_wanted;
bool is_incomplete; /* a call was given up half done: a reset is about to take all windows */
byte calls_in; /* vCPUs that are in a call */
byte refusals = REFUSALS;
byte calls = CALLS;

#define LOCK   atomic { !lock -> lock = true }

#define SHOWS(page) (host[page] == (table[page] == detached -> none : table[page]))
#define IS_BUSY(me) ((me != 0 && is_listed[0] && on_window[0] == window) || \
                     (me != 1 && is_listed[1] && on_window[1] == window) || \
                     (me != 2 && is_listed[2] && on_window[2] == window) || \
                     (me != 3 && is_listed[3] && on_window[3] == window))
#define OTHERS(me)  ((me != 0 && is_listed[0]) || (me != 1 && is_listed[1]) || \
                     (me != 2 && is_listed[2]) || (me != 3 && is_listed[3]))

inline unlock()
{
    atomic {
        assert(OTHERS(4) || is_incomplete || (SHOWS(0) && SHOWS(1)));
        lock = false
    }
}

/* Lists the call, and takes the lock back once it has paused. */
inline wait_unlocked(me)
{
    is_listed[me] = true;
    unlock();
    LOCK
}

inline call_end(me)
{
    atomic { is_listed[me] = false; on_window[me] = 0; uses_object[me] = false }
}

/* The host puts something there, or refuses, which leaves a hole that is closed, and is asked again. */
inline put(call, place, new)
{
    do
    :: is_given_up -> break
    :: !is_given_up ->
        assert(new != object || !is_closed);
        host[place] = new;
        break
    :: !is_given_up && refusals > 0 ->
        refusals--;
        host[place] = none;
        wait_unlocked(call);
        is_given_up = call < VCPUS && is_reset_wanted
    od
}

/* Decides until it is the call's turn; may is whether it may be done. */
inline decide(may)
{
    do
    :: !(may) -> is_refused = true; break
    :: (may) && !IS_BUSY(id) -> on_window[id] = window; break
    :: (may) && IS_BUSY(id) ->
        wait_unlocked(id);
        if
        :: is_reset_wanted -> is_given_up = true; break
#if MISTAKE == 3
        :: else -> on_window[id] = window; break
#else
        :: else
#endif
        fi
    od
}

proctype vcpu(byte id)
{
    byte page;
    byte to;
    mtype what;
    bool is_refused;
    bool is_given_up;

    do
    :: calls == 0 -> break
    :: atomic { calls > 0 && !is_reset_wanted -> calls--; calls_in++ } /* else it is parked */
        atomic {
            if :: page = 0 :: page = 1 fi;
            if :: what = ram :: what = object fi
        }
        LOCK;
        if
        :: /* MAP */
            decide(table[page] == none && (what == ram || is_attached));
            if
            :: !is_refused && !is_given_up ->
                uses_object[id] = what == object;
                put(id, page, what);
                if
                :: is_given_up
                :: else -> assert(table[page] == none); table[page] = what
                fi
            :: else
            fi
        :: /* UNMAP */
            decide(table[page] != none);
            if
            :: !is_refused && !is_given_up ->
                put(id, page, none);
                if
                :: is_given_up
                :: else -> assert(table[page] != none); table[page] = none
                fi
            :: else
            fi
        :: /* REMAP, in its place or to the other page */
            if :: to = page :: to = 1 - page fi;
            decide(table[page] != none && (to == page || table[to] == none) && (what == ram || is_attached));
            if
            :: !is_refused && !is_given_up ->
                uses_object[id] = what == object || table[page] == object;
                put(id, to, what);
                if /* another extent of the list may have to wait */
                :: !is_given_up && refusals > 0 ->
                    refusals--;
                    wait_unlocked(id);
                    is_given_up = is_reset_wanted
                :: skip
                fi;
                if
                :: to != page -> put(id, page, none)
                :: else
                fi;
                if
                :: is_given_up
                :: else ->
                    assert(table[page] != none && (to == page || table[to] == none));
                    d_step { table[page] = none; table[to] = what }
                fi
            :: else
            fi
        fi;
        call_end(id);
        if
        :: is_given_up -> is_incomplete = true; lock = false
        :: else -> unlock()
        fi;
        d_step {
            calls_in--; page = 0; to = 0; what = none; is_refused = false; is_given_up = false
        }
    od
}

proctype detacher()
{
    byte page;
    bool is_given_up;

    do
    :: LOCK;
       if
#if MISTAKE != 4
       :: uses_object[0] && is_listed[0] -> unlock()
       :: uses_object[1] && is_listed[1] -> unlock()
#if MISTAKE != 5
       :: is_incomplete -> unlock()
#endif
       :: !(uses_object[0] && is_listed[0]) && !(uses_object[1] && is_listed[1]) &&
          (!is_incomplete || MISTAKE == 5) ->
#else
       :: true ->
#endif
           is_attached = false;
           unlock();
           break
       fi
    od;
    do
    :: LOCK;
       if
       :: table[0] != object && table[1] != object -> call_end(DETACH); unlock(); break
       :: table[0] == object -> page = 0
       :: table[0] != object && table[1] == object -> page = 1
       fi;
       if
#if MISTAKE != 1
       :: IS_BUSY(DETACH) -> wait_unlocked(DETACH)
#endif
       :: !IS_BUSY(DETACH) || MISTAKE == 1 ->
           on_window[DETACH] = window;
           table[page] = detached;
           put(DETACH, page, none)
       fi;
       call_end(DETACH);
       unlock()
    od;
    LOCK;
    assert(host[0] != object && host[1] != object);
    is_closed = true;
    is_gone = true;
    unlock()
}

proctype resetter()
{
    is_reset_wanted = true;
    calls_in == 0; /* all vCPUs are parked */
    LOCK;
    do
#if MISTAKE != 2
    :: OTHERS(RESET) -> wait_unlocked(RESET)
    :: else -> break
#else
    :: break
#endif
    od;
    atomic { table[0] = none; table[1] = none; window++ }
    atomic { host[0] = none; host[1] = none; is_incomplete = false }
    call_end(RESET);
    unlock();
    is_reset_wanted = false
}

init {
    atomic { run vcpu(0); run vcpu(1); run detacher(); run resetter() }
}
