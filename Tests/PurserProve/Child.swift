import Glibc

/// This program again, as a process of its own: it can be killed, and shares nothing but files.
final class Child {
    private let process: pid_t
    private let output: Int32
    private var unread: [UInt8] = []
    private var status: Int32?

    /// Runs `purser-prove` with these words.
    convenience init(_ words: [String]) throws {
        try self.init(program: "/proc/self/exe", words)
    }

    init(program: String, _ words: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw ProofError.system("pipe") }
        // No other child may keep the pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        var arguments = ([program] + words).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, program, &actions, nil, &arguments, environ)
        close(ends[1])
        output = ends[0]
        process = child
        guard code == 0 else {
            throw ProofError("\(program): \(String(cString: strerror(code)))")
        }
    }

    deinit {
        kill()
        _ = wait()
        close(output)
    }

    func kill(_ signal: Int32 = SIGKILL) {
        if status == nil { _ = Glibc.kill(process, signal) }
    }

    /// The exit status, or minus the signal that ended it.
    @discardableResult
    func wait() -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        while waitpid(process, &raw, 0) < 0, errno == EINTR {}
        let ended = raw & 0x7F == 0 ? raw >> 8 & 0xFF : -(raw & 0x7F)
        status = ended
        return ended
    }

    /// The next line that it writes; `nil` when it has ended.
    func line() -> String? {
        while true {
            if let end = unread.firstIndex(of: 10) {
                defer { unread.removeSubrange(...end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    /// Everything else that it writes, until its end; a line that was cut off is not one.
    func rest() -> [String] {
        while fill() {}
        var lines = unread.split(separator: 10, omittingEmptySubsequences: false)
        lines.removeLast()
        unread = []
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    private func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = read(output, &chunk, chunk.count)
        guard count > 0 else { return false }
        unread += chunk.prefix(count)
        return true
    }
}

extension Findings {
    /// One whole line in one write, so that what a killed process said is never half a line.
    static func tell(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }
}
