import Glibc
import PurserCore

/// The folder that holds the database, and what must be true of it before a file is opened there.
struct Home {
    let path: String

    var database: String { path + "/" + SQLiteStore.databaseName }
    var instances: String { path + "/instances" }

    /// Makes folders (0700) and an empty database file (0600) where they are missing, durably.
    func prepare() throws {
        try makeFolder(path)
        try refuseNetworkFileSystem()
        try makeFolder(instances)
        guard access(database, F_OK) != 0 else {
            var status = stat()
            if stat(database, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
                throw refused("\(database) is not a file")
            }
            return
        }
        let file = open(database, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 || errno == EEXIST else {
            throw refused("\(database): \(systemErrorText())")
        }
        if file >= 0 { close(file) }
    }

    /// Makes names created here survive a power cut.
    func sync() throws {
        try sync(path)
    }

    private func sync(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError.io("\(folder): \(systemErrorText())") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw StoreError.io("\(folder): \(systemErrorText())")
        }
    }

    private func makeFolder(_ folder: String) throws {
        let slash = folder.lastIndex(of: "/")
        let parent = slash.map { $0 > folder.startIndex ? String(folder[..<$0]) : "/" } ?? "."
        if mkdir(folder, 0o700) == 0 { return try sync(parent) }
        if errno == EEXIST { return }
        guard errno == ENOENT, parent != "/", parent != "." else {
            throw refused(systemErrorText())
        }
        try makeFolder(parent)
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw refused(systemErrorText())
        }
        try sync(parent)
    }

    /// Locks and shared memory do not work across machines.
    private func refuseNetworkFileSystem() throws {
        guard let resolved = realpath(path, nil) else { return }
        defer { free(resolved) }
        let folder = String(cString: resolved) + "/"
        var innermost = (length: -1, type: "")
        for mount in textOfSystemFile("/proc/self/mounts").split(separator: "\n") {
            let fields = mount.split(separator: " ")
            guard fields.count > 2 else { continue }
            let prefix = fields[1].hasSuffix("/") ? String(fields[1]) : fields[1] + "/"
            guard folder.hasPrefix(prefix), prefix.utf8.count >= innermost.length else { continue }
            innermost = (prefix.utf8.count, String(fields[2]))
        }
        let network: Set<String> = [
            "nfs", "nfs4", "cifs", "smb3", "afs", "ceph", "fuse.sshfs", "glusterfs",
        ]
        if network.contains(innermost.type) { throw refused("it lies on a network file system") }
    }

    private func refused(_ reason: String) -> StoreError {
        .notAHome(path: path, reason: reason)
    }
}

/// A file of `/proc`; empty where it cannot be read.
func textOfSystemFile(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
        bytes += chunk.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
}
