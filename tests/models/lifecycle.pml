/* SPDX-License-Identifier: MIT
 * Pause, reset, end, and the kick that gets vCPUs out of the guest. Mirrors in vmm/machine:
 * lifecycle_kick(), lifecycle_may_run(), lifecycle_wait(), lifecycle_let_go(), machine_pause(),
 * machine_resume() and lifecycle_request_reset() in lifecycle.c; vcpu_thread() and answer_error() in
 * vcpu_thread.c; reset_thread(), machine_reset() and power_on_again() in reset.c; end() and
 * wait_for_operator() in ending.c.
 *
 * One vCPU leaves the guest by itself as often as GUEST_EXITS says; then it does, as the other one,
 * only for a signal. A signal
 * that comes while its thread is not in KVM_RUN is gone: immediate_exit is there for that.
 *
 * What holds:
 * - no kick is lost: nobody waits for ever, every pause, resume and reset returns, and once the machine
 *   ends, so do all threads;
 * - once a pause has returned no vCPU enters the guest until the machine is resumed or reset;
 * - while the windows are released and the vCPUs reset, no vCPU is in the guest or in a call.
 * MISTAKE=1: a vCPU looks for the reason before it takes the mark of the kick away. 2: the kick is the
 * signal alone. 3: a reset does not wait for vCPUs that wait in a call. 4: who lets vCPUs go does not
 * wake them. */

#define VCPUS 2
#define GUEST_EXITS 1

#define HOLD_PAUSE 1
#define HOLD_RESET 2
#define HOLD_OVER 4

#define OPERATOR 2 /* who waits for `changed`, after the vCPUs */
#define RESETTER 3
#define RESET_THREAD 4

bool lock;
bool sleeps[5];
byte hold;
byte parked;
byte waiting;
bool is_ended;
bool attention;
byte resets;
bool is_paused; /* as the operator was told */

bool immediate_exit[VCPUS];
bool is_in_run[VCPUS]; /* its thread is in KVM_RUN, where a signal stays */
bool is_in_guest[VCPUS];
bool is_in_call[VCPUS];
bool has_signal[VCPUS];

#define LOCK   atomic { !lock -> lock = true }
#define UNLOCK lock = false
/* Waits for `changed` with the lock held. */
#define SLEEP(who) atomic { sleeps[who] = true; lock = false }
#define WAKE(who)  atomic { !sleeps[who] && !lock -> lock = true }
#define WAIT(who)  SLEEP(who); WAKE(who)

inline broadcast()
{
    d_step {
        sleeps[0] = false; sleeps[1] = false; sleeps[OPERATOR] = false;
        sleeps[RESETTER] = false; sleeps[RESET_THREAD] = false
    }
}

/* The lock is held. */
inline kick()
{
    attention = true;
#if MISTAKE != 2
    immediate_exit[0] = true;
#endif
    has_signal[0] = is_in_run[0];
#if MISTAKE != 2
    immediate_exit[1] = true;
#endif
    has_signal[1] = is_in_run[1];
    broadcast()
}

inline let_go(reasons)
{
    d_step {
        hold = hold & ~(reasons);
        is_paused = false;
        if
        :: hold == 0 && !is_ended -> attention = false
        :: else
        fi
    };
#if MISTAKE != 4
    broadcast()
#endif
}

/* ---- a vCPU's thread ---- */

/* A call that the host keeps waiting, in one or two pauses. */
inline wait_in_call()
{
    is_in_call[id] = true;
    do
    :: LOCK;
       if
       :: !is_ended && (hold & HOLD_RESET) == 0 ->
           waiting++;
           if
           :: hold != 0 -> broadcast()
           :: else
           fi;
           UNLOCK;
           LOCK;
           waiting--
       :: else
       fi;
       if
       :: is_ended || (hold & HOLD_RESET) != 0 -> UNLOCK; break /* given up */
       :: else -> UNLOCK; if :: break :: skip fi
       fi
    od;
    is_in_call[id] = false
}

/* The guest has come to its end, and the policy is to pause. */
inline guest_is_over()
{
    LOCK;
    if
    :: !is_ended && (hold & (HOLD_OVER | HOLD_RESET)) == 0 -> hold = hold | HOLD_OVER; kick()
    :: else
    fi;
    UNLOCK
}

proctype vcpu(byte id)
{
    byte exits = (id == 0 -> GUEST_EXITS : 0);
    bool saw;

    do
    ::
#if MISTAKE == 1
       skip;
#else
       saw = attention;
#endif
       if
       :: saw ->
           LOCK;
           if
           :: hold != 0 && !is_ended ->
               parked++;
               broadcast();
               do
               :: hold != 0 && !is_ended ->
                   SLEEP(id);
endparked:         WAKE(id)
               :: else -> break
               od;
               parked--
           :: else
           fi;
           if
           :: is_ended -> UNLOCK; goto end
           :: else -> UNLOCK
           fi
       :: else
       fi;
       saw = false;
       /* KVM_RUN */
       is_in_run[id] = true;
       if
       :: immediate_exit[id] -> skip
       :: else ->
           atomic {
               assert(!is_paused || (hold & HOLD_PAUSE) == 0);
               is_in_guest[id] = true
           }
endguest:  if
           :: has_signal[id] -> is_in_guest[id] = false
           :: atomic { exits > 0 -> exits--; is_in_guest[id] = false; is_in_run[id] = false };
               has_signal[id] = false; /* its handler runs */
               if
               :: wait_in_call()
               :: guest_is_over()
               fi;
               goto next
           fi
       fi;
       /* EINTR */
       d_step { is_in_run[id] = false; has_signal[id] = false }
#if MISTAKE == 1
       saw = attention;
#endif
       immediate_exit[id] = false;
next:
       skip
    od;
end:
    skip
}

/* ---- the others ---- */

#define ARE_STOPPED (parked + waiting == VCPUS)

proctype operator()
{
    LOCK;
    hold = hold | HOLD_PAUSE;
    kick();
    do
    :: (hold & HOLD_PAUSE) != 0 && !ARE_STOPPED && !is_ended -> WAIT(OPERATOR)
    :: else -> break
    od;
    is_paused = (hold & HOLD_PAUSE) != 0 && !is_ended;
    assert(!is_paused || (!is_in_guest[0] && !is_in_guest[1]));
    UNLOCK;
    LOCK;
    if
    :: !is_ended && (hold & HOLD_OVER) == 0 && (hold & HOLD_PAUSE) != 0 -> let_go(HOLD_PAUSE)
    :: else
    fi;
    UNLOCK
}

proctype resetter()
{
    byte before;

    LOCK;
    before = resets;
    hold = hold | HOLD_RESET;
    kick();
    do
    :: resets == before && !is_ended -> WAIT(RESETTER)
    :: else -> break
    od;
    UNLOCK
}

proctype reset_thread()
{
    LOCK;
    do
    :: is_ended -> break
    :: !is_ended && (hold & HOLD_RESET) == 0 ->
        SLEEP(RESET_THREAD);
endidle:
        WAKE(RESET_THREAD)
    :: !is_ended && (hold & HOLD_RESET) != 0 ->
        do
#if MISTAKE == 3
        :: parked + waiting < VCPUS && !is_ended -> WAIT(RESET_THREAD)
#else
        :: parked < VCPUS && !is_ended -> WAIT(RESET_THREAD)
#endif
        :: else -> break
        od;
        if
        :: !is_ended ->
            UNLOCK;
            assert(is_ended || (!is_in_guest[0] && !is_in_guest[1] && !is_in_call[0] && !is_in_call[1]));
            LOCK; /* the windows are released */
            if
            :: !is_ended ->
                assert(!is_in_run[0] && !is_in_run[1] && !is_in_call[0] && !is_in_call[1]);
                d_step {
                    resets++;
                    hold = ((hold & HOLD_OVER) != 0 -> (hold & ~HOLD_OVER) | HOLD_PAUSE : hold)
                };
                let_go(HOLD_RESET)
            :: else
            fi
        :: else
        fi
    od;
    UNLOCK
}

/* Comes at any time, or never. */
proctype stopper()
{
    if
    :: goto end
    :: LOCK
    fi;
    is_ended = true;
    kick();
    UNLOCK;
end:
    skip
}

/* When nothing happens any more, all that was asked for has been done. */
active proctype at_rest()
{
endwaits:
    timeout ->
        assert(is_ended || (hold & HOLD_RESET) == 0);
        assert(hold == 0 || (!is_in_guest[0] && !is_in_guest[1]));
        assert(hold != 0 || (!sleeps[0] && !sleeps[1]));
        assert(!is_ended || (!is_in_run[0] && !is_in_run[1]))
}

init {
    atomic {
        run vcpu(0); run vcpu(1); run operator(); run resetter(); run reset_thread(); run stopper()
    }
}
