#ifndef STORAGE_PROBE_WATCH_H
#define STORAGE_PROBE_WATCH_H

#include <stdint.h>

/// Which of the watched folder's files `path` is; -1, none.
int probe_file_of(const char *path);
void probe_note(int kind, int file, int64_t offset, int64_t size, const void *bytes);
/// Counts the operation and says whether it is to fail.
int probe_should_fail(int operation, int file);
int probe_manner_of_failing(void);

#endif
