#include "storage_probe.h"
#include "watch.h"

#include <sqlite3.h>
#include <string.h>

// SQLite's own layer with a look at every call; `real` lies behind each file.
struct layered_file {
    sqlite3_file base;
    sqlite3_file *real;
    int file;
};

static sqlite3_vfs *below;
static int swallows_synchronous;

static struct layered_file *layered(sqlite3_file *file) { return (struct layered_file *)file; }
static sqlite3_file *real(sqlite3_file *file) { return layered(file)->real; }
static int fails(sqlite3_file *file, int operation) {
    return probe_should_fail(operation, layered(file)->file);
}
static void note(sqlite3_file *file, int kind, sqlite3_int64 offset, sqlite3_int64 size,
                 const void *bytes) {
    if (layered(file)->file >= 0) {
        probe_note(kind, layered(file)->file, offset, size, bytes);
    }
}

// --- Files

static int layer_close(sqlite3_file *file) { return real(file)->pMethods->xClose(real(file)); }

static int layer_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset) {
    if (fails(file, PROBE_ON_READ)) {
        return SQLITE_IOERR_READ;
    }
    return real(file)->pMethods->xRead(real(file), bytes, size, offset);
}

static int layer_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset) {
    if (fails(file, PROBE_ON_WRITE)) {
        int manner = probe_manner_of_failing();
        if (manner == PROBE_SHORT && size > 1) {
            real(file)->pMethods->xWrite(real(file), bytes, size / 2, offset);
        }
        return manner == PROBE_IOERR ? SQLITE_IOERR_WRITE : SQLITE_FULL;
    }
    int code = real(file)->pMethods->xWrite(real(file), bytes, size, offset);
    if (code == SQLITE_OK) {
        note(file, PROBE_WRITE, offset, size, bytes);
    }
    return code;
}

static int layer_truncate(sqlite3_file *file, sqlite3_int64 size) {
    if (fails(file, PROBE_ON_TRUNCATE)) {
        return SQLITE_IOERR_TRUNCATE;
    }
    int code = real(file)->pMethods->xTruncate(real(file), size);
    if (code == SQLITE_OK) {
        note(file, PROBE_TRUNCATE, 0, size, NULL);
    }
    return code;
}

static int layer_sync(sqlite3_file *file, int flags) {
    if (fails(file, PROBE_ON_SYNC)) {
        return SQLITE_IOERR_FSYNC;
    }
    int code = real(file)->pMethods->xSync(real(file), flags);
    if (code == SQLITE_OK) {
        note(file, PROBE_SYNC, 0, 0, NULL);
    }
    return code;
}

static int layer_size(sqlite3_file *file, sqlite3_int64 *size) {
    if (fails(file, PROBE_ON_SIZE)) {
        return SQLITE_IOERR_FSTAT;
    }
    return real(file)->pMethods->xFileSize(real(file), size);
}

static int layer_lock(sqlite3_file *file, int level) {
    if (fails(file, PROBE_ON_LOCK)) {
        return SQLITE_IOERR_LOCK;
    }
    return real(file)->pMethods->xLock(real(file), level);
}

static int layer_unlock(sqlite3_file *file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
}

static int layer_is_reserved(sqlite3_file *file, int *answer) {
    return real(file)->pMethods->xCheckReservedLock(real(file), answer);
}

static int layer_control(sqlite3_file *file, int operation, void *argument) {
    if (operation == SQLITE_FCNTL_PRAGMA && swallows_synchronous) {
        char **words = argument;
        if (words[1] != NULL && sqlite3_stricmp(words[1], "synchronous") == 0 &&
            (words[2] == NULL || sqlite3_stricmp(words[2], "FULL") == 0)) {
            words[0] = sqlite3_mprintf("2");
            return SQLITE_OK;
        }
    }
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

static int layer_sector_size(sqlite3_file *file) {
    return real(file)->pMethods->xSectorSize(real(file));
}

static int layer_properties(sqlite3_file *file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int layer_map(sqlite3_file *file, int region, int size, int extend, void volatile **memory) {
    if (fails(file, PROBE_ON_LOCK)) {
        return SQLITE_IOERR_SHMMAP;
    }
    return real(file)->pMethods->xShmMap(real(file), region, size, extend, memory);
}

static int layer_shared_lock(sqlite3_file *file, int offset, int count, int flags) {
    // A lock that cannot be given up does not exist.
    if ((flags & SQLITE_SHM_LOCK) != 0 && fails(file, PROBE_ON_LOCK)) {
        return SQLITE_IOERR_SHMLOCK;
    }
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

static void layer_barrier(sqlite3_file *file) { real(file)->pMethods->xShmBarrier(real(file)); }

static int layer_unmap(sqlite3_file *file, int delete_too) {
    return real(file)->pMethods->xShmUnmap(real(file), delete_too);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = layer_close,
    .xRead = layer_read,
    .xWrite = layer_write,
    .xTruncate = layer_truncate,
    .xSync = layer_sync,
    .xFileSize = layer_size,
    .xLock = layer_lock,
    .xUnlock = layer_unlock,
    .xCheckReservedLock = layer_is_reserved,
    .xFileControl = layer_control,
    .xSectorSize = layer_sector_size,
    .xDeviceCharacteristics = layer_properties,
    .xShmMap = layer_map,
    .xShmLock = layer_shared_lock,
    .xShmBarrier = layer_barrier,
    .xShmUnmap = layer_unmap,
};

// --- The layer

static int layer_open(sqlite3_vfs *layer, sqlite3_filename name, sqlite3_file *file, int flags,
                      int *given) {
    (void)layer;
    struct layered_file *opened = layered(file);
    opened->base.pMethods = NULL;
    opened->real = (sqlite3_file *)(opened + 1);
    opened->file = probe_file_of(name);
    if (probe_should_fail(PROBE_ON_OPEN, opened->file)) {
        return SQLITE_CANTOPEN;
    }
    int there = 1;
    if (opened->file >= 0 && (flags & SQLITE_OPEN_CREATE) != 0) {
        below->xAccess(below, name, SQLITE_ACCESS_EXISTS, &there);
    }
    int code = below->xOpen(below, name, opened->real, flags, given);
    if (opened->real->pMethods != NULL) {
        opened->base.pMethods = &methods;
    }
    if (code == SQLITE_OK && !there) {
        note(file, PROBE_CREATE, 0, 0, NULL);
    }
    return code;
}

static int layer_delete(sqlite3_vfs *layer, const char *name, int sync_folder) {
    (void)layer;
    int file = probe_file_of(name);
    if (probe_should_fail(PROBE_ON_DELETE, file)) {
        return SQLITE_IOERR_DELETE;
    }
    // Noted before: SQLite flushes the folder within the call.
    if (file >= 0) {
        probe_note(PROBE_DELETE, file, 0, 0, NULL);
    }
    return below->xDelete(below, name, sync_folder);
}

static sqlite3_vfs layer;

int probe_install(void) {
    if (below != NULL) {
        return SQLITE_OK;
    }
    below = sqlite3_vfs_find(NULL);
    if (below == NULL) {
        return SQLITE_ERROR;
    }
    layer = *below;
    layer.zName = "purser-probe";
    layer.pNext = NULL;
    layer.szOsFile = (int)sizeof(struct layered_file) + below->szOsFile;
    layer.xOpen = layer_open;
    layer.xDelete = layer_delete;
    return sqlite3_vfs_register(&layer, 1);
}

void probe_swallow_synchronous(int on) { swallows_synchronous = on; }
