#include "storage_probe.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

int probe_sqlite_version(void) { return sqlite3_libversion_number(); }

int probe_load(const char *path, const char *dump, int version) {
    sqlite3 *database = NULL;
    char pragmas[96];
    snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN",
             0x50555253, version);
    int code = sqlite3_open(path, &database);
    if (code == SQLITE_OK) {
        code = sqlite3_exec(database, pragmas, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(database, dump, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(database, "COMMIT", NULL, NULL, NULL);
    }
    sqlite3_close(database);
    return code;
}

// --- A limit for every connection

static sqlite3 *connections[64];
static int connection_count;
static int remembers;

static int remember(sqlite3 *database, const char **message,
                    const struct sqlite3_api_routines *api) {
    (void)message;
    (void)api;
    if (remembers && connection_count < 64) {
        connections[connection_count++] = database;
    }
    return SQLITE_OK;
}

void probe_remember_connections(void) {
    connection_count = 0;
    remembers = 1;
    sqlite3_auto_extension((void (*)(void))remember);
}

void probe_forget_connections(void) {
    connection_count = 0;
    remembers = 0;
}

void probe_limit_pages(int64_t pages) {
    char statement[64];
    snprintf(statement, sizeof(statement), "PRAGMA max_page_count = %lld", (long long)pages);
    for (int index = 0; index < connection_count; index++) {
        sqlite3_exec(connections[index], statement, NULL, NULL, NULL);
    }
}

// --- A fingerprint of the content

// Two FNV-1a sums with different beginnings: 128 bits against chance, not against an attacker.
struct sums {
    uint64_t high;
    uint64_t low;
};

static void add(struct sums *sums, const void *bytes, int size) {
    const unsigned char *next = bytes;
    for (int index = 0; index < size; index++) {
        sums->high = (sums->high ^ next[index]) * 0x100000001b3u;
        sums->low = (sums->low ^ next[index] ^ 0x5a) * 0x100000001b3u;
        sums->low ^= sums->low >> 29;
    }
}

static int add_rows(sqlite3 *database, const char *query, int blobs, struct sums *sums) {
    sqlite3_stmt *rows = NULL;
    int code = sqlite3_prepare_v2(database, query, -1, &rows, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        for (int column = 0; column < sqlite3_column_count(rows); column++) {
            int type = sqlite3_column_type(rows, column);
            const void *bytes = sqlite3_column_blob(rows, column);
            int size = sqlite3_column_bytes(rows, column);
            add(sums, &type, sizeof(type));
            add(sums, &size, sizeof(size));
            if (blobs || type != SQLITE_BLOB) {
                add(sums, bytes, size);
            }
        }
        code = SQLITE_OK;
    }
    sqlite3_finalize(rows);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int probe_digest(const char *path, int blobs, uint64_t *high, uint64_t *low) {
    sqlite3 *database = NULL;
    sqlite3_stmt *tables = NULL;
    struct sums sums = {0xcbf29ce484222325u, 0x84222325cbf29ce4u};
    int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        code = sqlite3_prepare_v2(
            database,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "ORDER BY name",
            -1, &tables, NULL);
    }
    while (code == SQLITE_OK && (code = sqlite3_step(tables)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(tables, 0);
        char query[256];
        add(&sums, name, (int)strlen(name));
        snprintf(query, sizeof(query), "SELECT * FROM \"%s\"", name);
        code = add_rows(database, query, blobs, &sums);
    }
    sqlite3_finalize(tables);
    sqlite3_close(database);
    *high = sums.high;
    *low = sums.low;
    return code == SQLITE_DONE ? SQLITE_OK : code;
}
