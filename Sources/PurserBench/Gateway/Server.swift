import Glibc

/// A process that serves until it is ended, and is watched meanwhile.
final class Server {
    let port: Int
    private let process: pid_t
    private var hasEnded = false

    /// Starts it and waits until it listens; what it says goes to files beside `name`.
    ///
    /// `port`: where it will listen, for a program that does not say.
    init(
        _ program: ChildProcess,
        as name: String,
        in scratch: ScratchFolder,
        port: Int? = nil
    ) throws {
        let output = "\(scratch.path)/\(name).out"
        process = try program.spawn(output: output, messages: "\(scratch.path)/\(name).err")
        for _ in 0..<600 {
            if let port = port ?? Self.announced(in: output), Self.listens(port) {
                self.port = port
                return
            }
            usleep(50_000)
        }
        kill(process, SIGKILL)
        throw BenchmarkError(
            "\(program.program) \(program.arguments.joined(separator: " ")) did not start"
        )
    }

    deinit {
        try? end()
    }

    /// Sends it a signal and waits for its end; throws unless it ends as told.
    func end(_ signal: Int32 = SIGTERM) throws {
        guard !hasEnded else { return }
        hasEnded = true
        kill(process, signal)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 || status & 0x7F == signal else {
            throw BenchmarkError("process \(process) ended with status \(status)")
        }
    }

    // MARK: What it takes

    /// Memory that it has in RAM, in KiB.
    var residentKiB: Int {
        for line in Self.text(of: "/proc/\(process)/status").split(separator: "\n")
        where line.hasPrefix("VmRSS:") {
            return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
        }
        return 0
    }

    var descriptors: Int {
        guard let folder = opendir("/proc/\(process)/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            if withUnsafeBytes(of: &entry.pointee.d_name, { $0[0] }) != UInt8(ascii: ".") {
                count += 1
            }
        }
        return count
    }

    // MARK: Where it listens

    private static let words = "listening on "

    /// What a server of this program says when it listens.
    static func announce(port: Int) {
        print("\(words)http://127.0.0.1:\(port)")
        fflush(nil)
    }

    private static func announced(in path: String) -> Int? {
        let line = text(of: path).split(separator: "\n", omittingEmptySubsequences: false)
        guard line.count > 1, line[0].hasPrefix(words) else { return nil }
        return line[0].split(separator: ":").last.flatMap { Int($0) }
    }

    private static func listens(_ port: Int) -> Bool {
        guard let (socket, _) = try? bound(to: port, connecting: true) else { return false }
        close(socket)
        return true
    }

    /// A port that was free a moment ago.
    static func freePort() throws -> Int {
        let (socket, port) = try bound(to: 0, connecting: false)
        close(socket)
        return port
    }

    private static func bound(to port: Int, connecting: Bool) throws -> (socket: Int32, port: Int) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                if connecting { return connect(socket, pointer, size) }
                let result = bind(socket, pointer, size)
                return result == 0 ? getsockname(socket, pointer, &size) : result
            }
        }
        guard result == 0 else {
            close(socket)
            throw BenchmarkError("port \(port): \(String(cString: strerror(errno)))")
        }
        return (socket, Int(in_port_t(bigEndian: address.sin_port)))
    }

    /// A whole small file; empty where there is none.
    static func text(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let character = getc(file), character != EOF { bytes.append(UInt8(character)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
