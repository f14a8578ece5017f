#include "storage_probe.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

// What SQLite's documentation calls the WAL-reset bug, without any of Purser's code.

static sqlite3 *opened(const char *path) {
    sqlite3 *database = NULL;
    if (sqlite3_open(path, &database) != SQLITE_OK) {
        sqlite3_close(database);
        return NULL;
    }
    sqlite3_busy_timeout(database, 5000);
    sqlite3_exec(database, "PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = NORMAL", NULL, NULL,
                 NULL);
    return database;
}

int probe_race_prepare(const char *path) {
    sqlite3 *database = opened(path);
    int code = sqlite3_exec(database,
                            "PRAGMA journal_mode = WAL;"
                            "CREATE TABLE race (writer INTEGER, id INTEGER, filler BLOB,"
                            " PRIMARY KEY (writer, id));"
                            "CREATE INDEX race_filler ON race (filler)",
                            NULL, NULL, NULL);
    sqlite3_close(database);
    return code;
}

int probe_race_write(const char *path, int writer, int seconds, int64_t *commits) {
    time_t end = time(NULL) + seconds;
    sqlite3 *database = opened(path);
    sqlite3_stmt *insert = NULL;
    int code = sqlite3_prepare_v2(
        database, "INSERT INTO race VALUES (?1, ?2, randomblob(100))", -1, &insert, NULL);
    while (code == SQLITE_OK && time(NULL) < end) {
        sqlite3_bind_int(insert, 1, writer);
        sqlite3_bind_int64(insert, 2, *commits + 1);
        code = sqlite3_step(insert);
        int reset = sqlite3_reset(insert);
        if (code == SQLITE_DONE && reset == SQLITE_OK) {
            *commits += 1;
            code = SQLITE_OK;
        } else if ((reset & 0xFF) == SQLITE_BUSY) {
            code = SQLITE_OK;
        }
    }
    sqlite3_finalize(insert);
    sqlite3_close(database);
    return code;
}

int probe_race_checkpoint(const char *path, int seconds) {
    time_t end = time(NULL) + seconds;
    sqlite3 *database = opened(path);
    while (time(NULL) < end) {
        sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    sqlite3_close(database);
    return SQLITE_OK;
}

static int text_is(sqlite3 *database, const char *query, const char *wanted) {
    sqlite3_stmt *row = NULL;
    int is = sqlite3_prepare_v2(database, query, -1, &row, NULL) == SQLITE_OK &&
             sqlite3_step(row) == SQLITE_ROW && sqlite3_column_text(row, 0) != NULL &&
             strcmp((const char *)sqlite3_column_text(row, 0), wanted) == 0;
    sqlite3_finalize(row);
    return is;
}

int probe_race_check(const char *path, int writer, int64_t commits) {
    sqlite3 *database = opened(path);
    char query[128];
    char wanted[32];
    snprintf(query, sizeof(query), "SELECT count(*) FROM race WHERE writer = %d", writer);
    snprintf(wanted, sizeof(wanted), "%lld", (long long)commits);
    int whole = text_is(database, "PRAGMA integrity_check", "ok") &&
                text_is(database, query, wanted);
    sqlite3_close(database);
    return whole ? 0 : 1;
}
