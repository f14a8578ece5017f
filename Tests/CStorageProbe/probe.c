#define _GNU_SOURCE
#include "storage_probe.h"
#include "watch.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static size_t folder_length;

// --- What is watched

int probe_file_of(const char *path) {
    if (path == NULL || folder_length == 0 || strncmp(path, folder, folder_length) != 0 ||
        path[folder_length] != '/') {
        return -1;
    }
    const char *name = path + folder_length + 1;
    if (strchr(name, '/') != NULL) {
        return -1;
    }
    size_t length = strlen(name);
    if (length > 8 && strcmp(name + length - 8, "-journal") == 0) {
        return PROBE_JOURNAL;
    }
    if (length > 4 && strcmp(name + length - 4, "-wal") == 0) {
        return PROBE_LOG;
    }
    return length > 3 && strcmp(name + length - 3, ".db") == 0 ? PROBE_DATABASE : PROBE_OTHER;
}

void probe_watch(const char *path) {
    pthread_mutex_lock(&mutex);
    folder_length = 0;
    if (path != NULL && strlen(path) < sizeof(folder)) {
        strcpy(folder, path);
        folder_length = strlen(path);
    }
    pthread_mutex_unlock(&mutex);
}

// --- Notes

static int recording;
static struct probe_event *events;
static int64_t event_count;
static int64_t event_room;

void probe_note(int kind, int file, int64_t offset, int64_t size, const void *bytes) {
    pthread_mutex_lock(&mutex);
    if (recording) {
        if (event_count == event_room) {
            event_room = event_room == 0 ? 1024 : 2 * event_room;
            events = realloc(events, (size_t)event_room * sizeof(*events));
        }
        uint8_t *copy = NULL;
        if (bytes != NULL) {
            copy = malloc((size_t)size);
            memcpy(copy, bytes, (size_t)size);
        }
        events[event_count++] = (struct probe_event){kind, file, offset, size, copy};
    }
    pthread_mutex_unlock(&mutex);
}

void probe_record(int on) {
    pthread_mutex_lock(&mutex);
    recording = on;
    pthread_mutex_unlock(&mutex);
}

void probe_mark(int64_t number) { probe_note(PROBE_MARK, PROBE_OTHER, number, 0, NULL); }

int64_t probe_event_count(void) {
    pthread_mutex_lock(&mutex);
    int64_t count = event_count;
    pthread_mutex_unlock(&mutex);
    return count;
}

struct probe_event probe_event_at(int64_t index) {
    pthread_mutex_lock(&mutex);
    struct probe_event event = events[index];
    pthread_mutex_unlock(&mutex);
    return event;
}

void probe_forget(void) {
    pthread_mutex_lock(&mutex);
    for (int64_t index = 0; index < event_count; index++) {
        free((void *)events[index].bytes);
    }
    event_count = 0;
    pthread_mutex_unlock(&mutex);
}

// Stands before libc's: the store flushes folders itself, which SQLite's layer does not see.
static void note_folder(int descriptor) {
    struct stat status;
    if (!recording || fstat(descriptor, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return;
    }
    char link[64];
    char path[PATH_MAX];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof(path) - 1);
    if (length <= 0) {
        return;
    }
    path[length] = 0;
    if (strcmp(path, folder) == 0) {
        probe_note(PROBE_SYNC, PROBE_FOLDER, 0, 0, NULL);
    } else if (strncmp(path, folder, (size_t)length) == 0) {
        probe_note(PROBE_SYNC_ABOVE, PROBE_FOLDER, 0, length, NULL);
    }
}

int fsync(int descriptor) {
    int result = (int)syscall(SYS_fsync, descriptor);
    if (result == 0) {
        note_folder(descriptor);
    }
    return result;
}

int fdatasync(int descriptor) {
    int result = (int)syscall(SYS_fdatasync, descriptor);
    if (result == 0) {
        note_folder(descriptor);
    }
    return result;
}

// --- Failures

static struct {
    int operations;
    int manner;
    int64_t nth;
    int and_all_after;
    int64_t seen;
    int64_t failed;
    int failed_operations;
} failing;

int probe_should_fail(int operation, int file) {
    if (file < 0) {
        return 0;
    }
    pthread_mutex_lock(&mutex);
    int fails = 0;
    if ((failing.operations & operation) != 0) {
        failing.seen++;
        fails = failing.seen == failing.nth ||
                (failing.and_all_after && failing.seen > failing.nth);
        failing.failed += fails;
        if (fails) {
            failing.failed_operations |= operation;
        }
    }
    pthread_mutex_unlock(&mutex);
    return fails;
}

int probe_manner_of_failing(void) { return failing.manner; }

void probe_fail(int operations, int manner, int64_t nth, int and_all_after) {
    pthread_mutex_lock(&mutex);
    memset(&failing, 0, sizeof(failing));
    failing.operations = operations;
    failing.manner = manner;
    failing.nth = nth;
    failing.and_all_after = and_all_after;
    pthread_mutex_unlock(&mutex);
}

int64_t probe_heal(void) {
    pthread_mutex_lock(&mutex);
    failing.operations = 0;
    int64_t failed = failing.failed;
    pthread_mutex_unlock(&mutex);
    return failed;
}

int probe_failed_operations(void) {
    pthread_mutex_lock(&mutex);
    int operations = failing.failed_operations;
    pthread_mutex_unlock(&mutex);
    return operations;
}
