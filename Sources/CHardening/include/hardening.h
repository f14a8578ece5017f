#ifndef PURSER_HARDENING_H
#define PURSER_HARDENING_H

/// Leaves this process out of core dumps and out of reach of other processes' debuggers.
/// Returns 0, or -1 with errno set.
int purser_harden_process(void);

/// Lets all threads share at most `most` heaps, where the C library is glibc; others keep their own ways.
/// For before there are threads: a heap that is there stays (mallopt(3), M_ARENA_MAX).
void purser_limit_heaps(int most);

#endif
