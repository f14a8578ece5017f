#include "shim.h"

#include <sqlite3.h>

// sqlite3_db_config is variadic, so Swift cannot call it.
static int set(sqlite3 *database, int option, int wanted) {
    int now = !wanted;
    int code = sqlite3_db_config(database, option, wanted, &now);
    if (code != SQLITE_OK) {
        return code;
    }
    return now == wanted ? SQLITE_OK : SQLITE_ERROR;
}

int purser_sqlite_defend(void *database) {
    int code = set(database, SQLITE_DBCONFIG_DEFENSIVE, 1);
    if (code == SQLITE_OK) {
        code = set(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
    }
    if (code == SQLITE_OK) {
        code = set(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
    }
    return code;
}
