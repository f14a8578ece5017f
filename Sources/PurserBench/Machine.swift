import GRDBSQLite
import Glibc

/// What the figures were measured on, as the system says.
enum Machine {
    static var line: String {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        let kernel = firstLine(of: "/proc/sys/kernel/osrelease") ?? "unknown"
        let sqlite = String(cString: sqlite3_libversion())
        return "machine: \(cores) cores, Linux \(kernel), SQLite \(sqlite), \(build) build"
    }

    private static var build: String {
        #if DEBUG
        "debug"
        #else
        "release"
        #endif
    }

    private static func firstLine(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        guard fgets(&buffer, 256, file) != nil else { return nil }
        let bytes = buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
