import Glibc

/// Reads secrets into memory that the caller owns and wipes; no copy is left behind here.
///
/// Each function answers the number of bytes it wrote from the beginning of `secret`.
enum SecretInput {
    /// Asks on the controlling terminal, whatever the standard streams are, and shows nothing of
    /// what is typed.
    static func readPassphrase(
        prompt: ConsoleText,
        into secret: UnsafeMutableRawBufferPointer
    ) throws(ConsoleError) -> Int {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { throw .noTerminal }
        defer { close(terminal) }
        return try readPassphrase(prompt: prompt, from: terminal, into: secret)
    }

    /// The same on an open terminal.
    static func readPassphrase(
        prompt: ConsoleText,
        from terminal: Int32,
        into secret: UnsafeMutableRawBufferPointer
    ) throws(ConsoleError) -> Int {
        var settings = termios()
        guard tcgetattr(terminal, &settings) == 0 else { throw .noTerminal }
        var hidden = settings
        // Signals are off too: a process that ends here would leave a terminal without echo.
        hidden.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | ISIG)
        guard tcsetattr(terminal, TCSAFLUSH, &hidden) == 0 else { throw .noTerminal }
        defer { tcsetattr(terminal, TCSAFLUSH, &settings) }
        show(prompt.rendered(color: false) + " ", on: terminal)
        defer { show("\n", on: terminal) }
        return try typed(on: terminal, into: secret)
    }

    /// Reads to the end of a stream, such as standard input; one line end after it is not part of it.
    static func read(
        from descriptor: Int32,
        into secret: UnsafeMutableRawBufferPointer
    ) throws(ConsoleError) -> Int {
        var count = 0
        while true {
            guard count < secret.count else {
                guard atEnd(descriptor) else { throw .tooLong(limit: secret.count) }
                break
            }
            let room = UnsafeMutableRawBufferPointer(rebasing: secret[count...])
            let length = Glibc.read(descriptor, room.baseAddress, room.count)
            if length < 0, errno == EINTR { continue }
            guard length >= 0 else {
                throw .unreadable(path: "input", reason: String(cString: strerror(errno)))
            }
            if length == 0 { break }
            count += length
        }
        if count > 0, secret[count - 1] == UInt8(ascii: "\n") { count -= 1 }
        if count > 0, secret[count - 1] == UInt8(ascii: "\r") { count -= 1 }
        guard count > 0 else { throw .empty }
        return count
    }

    /// Reads a file.
    ///
    /// A pipe serves too, so that a shell's `<(…)` does.
    static func read(
        file path: String,
        into secret: UnsafeMutableRawBufferPointer
    ) throws(ConsoleError) -> Int {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        do throws(ConsoleError) {
            return try read(from: descriptor, into: secret)
        } catch .unreadable(_, let reason) {
            throw .unreadable(path: path, reason: reason)
        } catch {
            throw .noSecret(path: path, reason: error.message)
        }
    }

    /// Runs a command line in `/bin/sh` and reads what it writes; its messages go to standard error.
    static func read(
        command: String,
        into secret: UnsafeMutableRawBufferPointer
    ) throws(ConsoleError) -> Int {
        guard let pipe = popen(command, "re") else {
            throw .unreadable(path: "/bin/sh", reason: String(cString: strerror(errno)))
        }
        let outcome: Result<Int, ConsoleError>
        do throws(ConsoleError) {
            // By the descriptor: the stream's own buffer would keep a copy of the secret.
            outcome = .success(try read(from: fileno(pipe), into: secret))
        } catch {
            outcome = .failure(error)
        }
        let status = pclose(pipe)
        // The status comes first: a command that failed has usually written nothing too.
        guard status == 0 else {
            throw .commandFailed(
                status: status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
            )
        }
        return try outcome.get()
    }

    private static func typed(
        on terminal: Int32,
        into secret: UnsafeMutableRawBufferPointer
    ) throws(ConsoleError) -> Int {
        var count = 0
        while true {
            var byte: UInt8 = 0
            let length = Glibc.read(terminal, &byte, 1)
            if length < 0, errno == EINTR { continue }
            guard length == 1 else { throw .inputEnded }
            switch byte {
            case 0x0A, 0x0D:
                guard count > 0 else { throw .empty }
                return count
            case 0x03, 0x1C: throw .interrupted
            case 0x04: throw .inputEnded
            case 0x08, 0x7F: count = start(ofLastCharacter: secret, count)
            case 0x15: count = 0
            default:
                guard count < secret.count else { throw .tooLong(limit: secret.count) }
                secret[count] = byte
                count += 1
            }
        }
    }

    /// Steps back over the continuation bytes of one UTF-8 sequence.
    private static func start(
        ofLastCharacter secret: UnsafeMutableRawBufferPointer,
        _ count: Int
    ) -> Int {
        var start = count
        while start > 0 {
            start -= 1
            if secret[start] & 0xC0 != 0x80 { break }
        }
        return start
    }

    private static func atEnd(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        return Glibc.read(descriptor, &byte, 1) == 0
    }

    private static func show(_ text: String, on terminal: Int32) {
        _ = text.withCString { write(terminal, $0, strlen($0)) }
    }
}
