import FoundationEssentials
import Glibc
import PurserCore
import Synchronization
import Testing

@testable import PurserCLI

struct SecretInputTests {
    /// Runs `read` on a buffer of 16 bytes and answers what it left there.
    private func text(
        _ read: (UnsafeMutableRawBufferPointer) throws(ConsoleError) -> Int
    ) throws(ConsoleError) -> String {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 1)
        defer { buffer.deallocate() }
        let count = try read(buffer)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// What is read when `keys` are typed at the prompt, and what the terminal showed.
    private func type(
        _ keys: String
    ) throws -> (result: Result<String, ConsoleError>, shown: String) {
        let screen = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(screen >= 0)
        defer { close(screen) }
        // unlockpt and ptsname, which Glibc's module leaves out: TIOCSPTLCK and TIOCGPTN.
        var isLocked: Int32 = 0
        var number: UInt32 = 0
        try #require(ioctl(screen, 0x4004_5431, &isLocked) == 0)
        try #require(ioctl(screen, 0x8004_5430, &number) == 0)
        let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        try #require(terminal >= 0)
        defer { close(terminal) }

        // The keys wait for the prompt: what was typed before it is thrown away.
        let typist = Typist(screen: screen, keys: keys)
        let thread = typist.start()
        let result: Result<String, ConsoleError>
        do throws(ConsoleError) {
            result = .success(
                try text { buffer throws(ConsoleError) in
                    try SecretInput.readPassphrase(
                        prompt: "Passphrase:",
                        from: terminal,
                        into: buffer
                    )
                }
            )
        } catch {
            result = .failure(error)
        }
        pthread_join(thread, nil)
        var settings = termios()
        tcgetattr(terminal, &settings)
        #expect(settings.c_lflag & tcflag_t(ECHO | ICANON | ISIG) == tcflag_t(ECHO | ICANON | ISIG))
        return (result, typist.shown)
    }

    @Test(arguments: [
        ("open sesame\n", Result<String, ConsoleError>.success("open sesame")),
        ("se\u{7F}ésa\u{7F}\u{7F}\u{7F}x\r", .success("sx")),
        ("wrong\u{15}right\n", .success("right")),
        ("abc\u{3}", .failure(.interrupted)), ("abc\u{4}", .failure(.inputEnded)),
        ("\n", .failure(.empty)), ("\u{7F}\u{7F}a\n", .success("a")),
        ("0123456789abcdef\n", .success("0123456789abcdef")),
        ("0123456789abcdefg", .failure(.tooLong(limit: 16))),
    ])
    func `a passphrase is typed unseen, and the terminal is as before`(
        keys: String,
        expected: Result<String, ConsoleError>
    ) throws {
        let (result, shown) = try type(keys)
        #expect(result == expected)
        #expect(shown == "Passphrase: ")
    }

    @Test func `what is no terminal is said to be none`() throws {
        let null = open("/dev/null", O_RDWR)
        defer { close(null) }
        #expect(throws: ConsoleError.noTerminal) {
            try text { buffer throws(ConsoleError) in
                try SecretInput.readPassphrase(prompt: "?", from: null, into: buffer)
            }
        }
    }

    @Test(arguments: [
        ("printf 'token\\n'", Result<String, ConsoleError>.success("token")),
        ("printf 'token\\r\\n'", .success("token")), ("printf 'a\\n\\n'", .success("a\n")),
        ("printf 0123456789abcdef", .success("0123456789abcdef")),
        ("printf 0123456789abcdefg", .failure(.tooLong(limit: 16))),
        ("true", .failure(.empty)), ("printf a; exit 3", .failure(.commandFailed(status: 3))),
        ("kill -9 $$", .failure(.commandFailed(status: 137))),
    ])
    func `a command's output is the secret`(
        command: String,
        expected: Result<String, ConsoleError>
    ) {
        let result = Result { () throws(ConsoleError) in
            try text { buffer throws(ConsoleError) in
                try SecretInput.read(command: command, into: buffer)
            }
        }
        #expect(result == expected)
    }

    @Test func `a file is read without its line end, and a missing one is named`() throws {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "purser-secret-\(UUID().uuidString)")
        try Data("s3cret\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let secret = try text { buffer throws(ConsoleError) in
            try SecretInput.read(file: file.path, into: buffer)
        }
        #expect(secret == "s3cret")
        #expect(throws: ConsoleError.unreadable(path: "/no", reason: "No such file or directory")) {
            try text { buffer throws(ConsoleError) in
                try SecretInput.read(file: "/no", into: buffer)
            }
        }
    }
}

/// The person at the other end of a pseudo-terminal, on a thread of their own.
private final class Typist: Sendable {
    private let screen: Int32
    private let keys: String
    private let seen = Mutex("")

    var shown: String { seen.withLock { $0 } }

    init(screen: Int32, keys: String) {
        self.screen = screen
        self.keys = keys
    }

    /// Waits for the prompt, then types.
    func start() -> pthread_t {
        var thread = pthread_t()
        pthread_create(
            &thread,
            nil,
            { context in
                if let context { Unmanaged<Typist>.fromOpaque(context).takeRetainedValue().work() }
                return nil
            },
            Unmanaged.passRetained(self).toOpaque()
        )
        return thread
    }

    private func work() {
        var buffer = [UInt8](repeating: 0, count: 64)
        while !shown.hasSuffix(": ") {
            let count = read(screen, &buffer, buffer.count)
            guard count > 0 else { return }
            let text = String(decoding: buffer[..<count], as: UTF8.self)
            seen.withLock { $0 += text }
        }
        _ = keys.withCString { write(screen, $0, strlen($0)) }
    }
}
