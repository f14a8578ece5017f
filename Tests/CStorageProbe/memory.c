#include "storage_probe.h"
#include "watch.h"

#include <sqlite3.h>
#include <stddef.h>

// SQLite's own allocator, which finds no memory when it is to fail.
static sqlite3_mem_methods below;

static void *memory_new(int size) {
    return probe_should_fail(PROBE_ON_MEMORY, PROBE_OTHER) ? NULL : below.xMalloc(size);
}

static void *memory_resized(void *bytes, int size) {
    return probe_should_fail(PROBE_ON_MEMORY, PROBE_OTHER) ? NULL : below.xRealloc(bytes, size);
}

int probe_install_memory(void) {
    int code = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &below);
    sqlite3_mem_methods failing = below;
    failing.xMalloc = memory_new;
    failing.xRealloc = memory_resized;
    return code == SQLITE_OK ? sqlite3_config(SQLITE_CONFIG_MALLOC, &failing) : code;
}
