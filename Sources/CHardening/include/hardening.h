#ifndef PURSER_HARDENING_H
#define PURSER_HARDENING_H

/// Leaves this process out of core dumps and out of reach of other processes' debuggers.
/// Returns 0, or -1 with errno set.
int purser_harden_process(void);

#endif
