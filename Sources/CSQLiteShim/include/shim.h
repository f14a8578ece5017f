#ifndef PURSER_SQLITE_SHIM_H
#define PURSER_SQLITE_SHIM_H

/// Sets what every connection of Purser's must have, on a `sqlite3 *`: the schema and the file's own
/// pages cannot be written by SQL, no extension is loaded, and closing leaves the write-ahead log as
/// it is. Returns SQLITE_OK, or the code of the first setting that SQLite refused or did not take.
int purser_sqlite_defend(void *database);

#endif
