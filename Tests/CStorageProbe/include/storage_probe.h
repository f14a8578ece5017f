#ifndef STORAGE_PROBE_H
#define STORAGE_PROBE_H

#include <stdint.h>

// A layer below SQLite that notes what is written, lies, or fails, as a test asks. It is SQLite's default once
// installed, so the store above it is the real one. Only files of the watched folder are touched.

/// Makes the probe SQLite's default layer, once. Returns SQLITE_OK.
int probe_install(void);
/// The folder whose files are meant, without a slash at its end; NULL, none.
void probe_watch(const char *folder);

// --- Notes

enum probe_file { PROBE_DATABASE = 0, PROBE_LOG = 1, PROBE_JOURNAL = 2, PROBE_FOLDER = 3, PROBE_OTHER = 4 };

enum probe_kind {
    PROBE_CREATE = 0,
    PROBE_WRITE = 1,
    PROBE_TRUNCATE = 2,
    PROBE_SYNC = 3,
    PROBE_DELETE = 4,
    /// The test's own mark: `offset` is its number.
    PROBE_MARK = 5,
    /// A folder above the watched one was flushed: `size` is the length of its path.
    PROBE_SYNC_ABOVE = 6,
};

struct probe_event {
    int kind;
    int file;
    int64_t offset;
    int64_t size;
    const uint8_t *bytes;
};

/// Notes what happens from here on, in the order in which it happens.
void probe_record(int on);
void probe_mark(int64_t number);
int64_t probe_event_count(void);
struct probe_event probe_event_at(int64_t index);
void probe_forget(void);

// --- Lies

/// Swallows every `PRAGMA synchronous` of Purser's, and answers FULL: what GRDB set before stays.
void probe_swallow_synchronous(int on);
/// Remembers every connection that is opened from here on, so that `probe_limit_pages` reaches them all. They must
/// stay open until `probe_forget_connections`, and none may be at work when the limit is set.
void probe_remember_connections(void);
void probe_forget_connections(void);
/// How many pages the database may have; never fewer than it has.
void probe_limit_pages(int64_t pages);

// --- Failures

enum probe_operation {
    PROBE_ON_OPEN = 1,
    PROBE_ON_READ = 2,
    PROBE_ON_WRITE = 4,
    PROBE_ON_SYNC = 8,
    PROBE_ON_TRUNCATE = 16,
    PROBE_ON_LOCK = 32,
    PROBE_ON_SIZE = 64,
    PROBE_ON_DELETE = 128,
    /// Everything above, of the disk.
    PROBE_ON_ALL = 255,
    /// SQLite asks for memory.
    PROBE_ON_MEMORY = 256,
};

enum probe_manner { PROBE_IOERR = 0, PROBE_FULL = 1, PROBE_SHORT = 2 };

/// Puts the probe between SQLite and its memory; before SQLite is used at all. Returns SQLITE_OK.
int probe_install_memory(void);
/// Lets the `nth` operation of the chosen kinds fail, and with `and_all_after` every later one, too.
void probe_fail(int operations, int manner, int64_t nth, int and_all_after);
/// Ends the failing; how many operations failed.
int64_t probe_heal(void);
/// Which operations have failed since `probe_fail`, as a sum of `PROBE_ON_…`.
int probe_failed_operations(void);

// --- Reading without the probe

/// A fingerprint of everything in the tables of a database; 0 on success. Without `blobs` only their sizes
/// count, so that what chance made of seals and ids does not.
int probe_digest(const char *path, int blobs, uint64_t *high, uint64_t *low);
/// Makes a database of what SQLite dumped, as Purser's of that version; 0 on success.
int probe_load(const char *path, const char *dump, int version);
/// The library's version as a number, such as 3040001.
int probe_sqlite_version(void);

// --- The race that libsqlite3 before 3.51.3 loses

/// Writes rows for so many seconds, a commit each. Returns 0, or SQLite's code.
int probe_race_write(const char *path, int writer, int seconds, int64_t *commits);
/// Runs PASSIVE checkpoints, without any lock, for so many seconds.
int probe_race_checkpoint(const char *path, int seconds);
/// Makes the database of the race. Returns 0, or SQLite's code.
int probe_race_prepare(const char *path);
/// Whether the database is whole and has so many rows of the writer: 0 when it is.
int probe_race_check(const char *path, int writer, int64_t commits);

#endif
