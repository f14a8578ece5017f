import Glibc
import PurserCore
import Synchronization

/// The lock file by which others see whether this process still lives.
///
/// The kernel drops the lock when the process ends, however it ends; so no heartbeat and no clock decides.
final class InstanceFile: Sendable {
    let id: InstanceID
    private let folder: String
    private let descriptor = Mutex<Int32>(-1)

    init(id: InstanceID, folder: String) {
        self.id = id
        self.folder = folder
    }

    /// Takes the lock, once; repeats do nothing.
    func hold() throws {
        try descriptor.withLock { descriptor in
            guard descriptor < 0 else { return }
            let path = Self.path(of: id, in: folder)
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw StoreError.io("\(path): \(systemErrorText())") }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                close(file)
                throw StoreError.lockTimeout(path: path)
            }
            descriptor = file
        }
    }

    /// Gives the lock up; holds still open under it will be seen as abandoned.
    func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            unlink(Self.path(of: id, in: folder))
            close(descriptor)
            descriptor = -1
        }
    }

    deinit { descriptor.withLock { if $0 >= 0 { _ = close($0) } } }

    /// Whether the process behind `other` still holds its lock.
    func isAlive(_ other: InstanceID) -> Bool {
        if other == id { return true }
        let file = open(Self.path(of: other, in: folder), O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return errno != ENOENT }
        defer { close(file) }
        return flock(file, LOCK_SH | LOCK_NB) != 0
    }

    /// Removes what a process that is gone left behind.
    func forget(_ other: InstanceID) {
        unlink(Self.path(of: other, in: folder))
    }

    /// Whether any process holds a lock in `folder`.
    static func isAnyAlive(in folder: String) throws -> Bool {
        guard let listing = opendir(folder) else {
            throw StoreError.io("\(folder): \(systemErrorText())")
        }
        defer { closedir(listing) }
        while let item = readdir(listing) {
            let name = withUnsafePointer(to: &item.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasSuffix(".lock") else { continue }
            let file = open("\(folder)/\(name)", O_RDWR | O_CLOEXEC)
            guard file >= 0 else { continue }
            defer { close(file) }
            if flock(file, LOCK_SH | LOCK_NB) != 0 { return true }
        }
        return false
    }

    private static func path(of id: InstanceID, in folder: String) -> String {
        "\(folder)/\(id).lock"
    }
}
