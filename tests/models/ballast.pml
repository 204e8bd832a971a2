/* SPDX-License-Identifier: MIT
 * Ballast is lent to the kernel and taken back. Mirrors ballast_want(), ballast_resize(),
 * resize_locked() and ballast_lend() in vmm/memory/ballast.c, keep_ballast() in ballast_thread.c, and
 * what RESERVE does with them in vmm/arena/reserve.c (set_aside(), reserve()). Memory is counted in
 * steps; the host has or has not a step to spare, and has always some in the end.
 *
 * What holds:
 * - a RESERVE that answers OK has its ballast: when it looks whether it is lent, all is populated;
 * - one MAP at a time gives it back, and nobody takes it again before all of it is given;
 * - once nobody lends any more and the host has memory again, all that is wanted is held, no more is
 *   populated than is held, and the thread sleeps.
 * MISTAKE=1: there is no state between kept and lent. 2: RESERVE does not look again whether it was
 * lent meanwhile. 3: a lender does not wake the thread. 4: nor does who could not take all. */

#define STEPS 2
#define SLACK 0

mtype = { kept, being_lent, lent_out };
mtype lent = kept;
byte wanted = 1;
byte held = 1;
bool populated[STEPS] = false;
bool resizing; /* the mutex */
byte work = 0; /* the semaphore; more than one post is one wakeup */
byte refusals = 1; /* how often the host has nothing to spare */
byte giving;

#define POST atomic { work = 1 }

inline give_back(from, to)
{
    d_step {
        if
        :: from <= 0 && 0 < to -> populated[0] = false
        :: else
        fi;
        if
        :: from <= 1 && 1 < to -> populated[1] = false
        :: else
        fi
    }
}

/* The host makes the pages one by one. */
inline grow()
{
    if
    :: atomic { refusals > 0 -> refusals-- }
    :: do
       :: now_held < now_wanted -> populated[now_held] = true; now_held++
       :: else -> break
       od
    fi
}

inline resize()
{
    atomic { !resizing -> resizing = true; now_wanted = wanted }
    atomic {
        now_held = held;
        if
        :: lent == lent_out -> lent = kept; was_lent = true
        :: else -> was_lent = false
        fi
    }
    if
    :: was_lent -> give_back(0, now_held); now_held = 0
    :: else
    fi;
    if
    :: now_held > now_wanted + SLACK -> give_back(now_wanted, now_held); now_held = now_wanted
    :: now_wanted > now_held -> grow()
    :: else
    fi;
    held = now_held;
    d_step {
#if MISTAKE == 2
        was_lent = false;
#else
        was_lent = lent != kept;
#endif
        assert(was_lent || now_held < 1 || populated[0]);
        assert(was_lent || now_held < 2 || populated[1])
    }
    if
    :: was_lent -> give_back(0, now_held)
    :: else
    fi;
    d_step {
        is_enough = !was_lent && now_held >= now_wanted;
        now_held = 0;
        now_wanted = 0;
        was_lent = false;
        resizing = false
    }
#if MISTAKE != 4
    if
    :: lent != kept || held < wanted -> POST
    :: else
    fi
#endif
}

inline want_less()
{
    wanted--;
    if
    :: lent == kept && held > wanted + SLACK -> POST
    :: else
    fi
}

proctype vcpu_that_maps()
{
    byte now_held;

    do
    :: break /* the host has not refused */
    :: lent == kept && held > 0 ->
        atomic {
            if
#if MISTAKE == 1
            :: lent == kept -> lent = lent_out
#else
            :: lent == kept -> lent = being_lent
#endif
            :: else -> goto end
            fi
        }
        atomic { giving++; assert(giving == 1); now_held = held }
        give_back(0, now_held);
        atomic {
            giving--;
            now_held = 0;
#if MISTAKE != 1
            assert(lent == being_lent);
            lent = lent_out
#endif
        }
#if MISTAKE != 3
        POST;
#endif
        break
    od;
end:
    skip
}

proctype vcpu_that_reserves()
{
    byte now_held;
    byte now_wanted;
    bool was_lent;
    bool is_enough;

    wanted++;
    resize();
    if
    :: is_enough -> skip
    :: else -> want_less(); resize()
    fi;
    is_enough = false
}

/* keep_ballast(); the pauses are of any length. */
active proctype keeper()
{
    byte now_held;
    byte now_wanted;
    bool was_lent;
    bool is_enough;

    do
    :: lent != kept || held < wanted || (lent == kept && held > wanted + SLACK) ->
        resize();
        is_enough = false
    :: else ->
endsleeps:
        atomic { work > 0 -> work-- }
    od
}

#define IS_RIGHT (lent == kept && held == wanted && populated[0] == (held > 0) && populated[1] == (held > 1))

/* Whenever all sleep, and sooner or later for ever. */
active proctype at_rest()
{
endwaits:
    timeout -> assert(IS_RIGHT)
}

ltl kept_again { <> [] IS_RIGHT }

init {
    atomic {
        populated[0] = true;
        run vcpu_that_maps();
        run vcpu_that_maps();
        run vcpu_that_reserves()
    }
}
