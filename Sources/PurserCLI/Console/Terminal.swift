import Glibc

extension Console {
    /// The console of this process.
    static func live(environment: Environment, isQuiet: Bool = false) -> Console {
        Console(
            output: stream(STDOUT_FILENO, environment),
            messages: stream(STDERR_FILENO, environment),
            input: Input(isTerminal: isatty(STDIN_FILENO) == 1) { Swift.readLine() },
            isQuiet: isQuiet
        )
    }

    /// Whether a stream gets colours: a terminal that is not `dumb`, unless `NO_COLOR` is set.
    static func hasColor(isTerminal: Bool, _ environment: Environment) -> Bool {
        isTerminal && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    }

    private static func stream(_ descriptor: Int32, _ environment: Environment) -> Stream {
        let isTerminal = isatty(descriptor) == 1
        return Stream(
            isTerminal: isTerminal,
            hasColor: hasColor(isTerminal: isTerminal, environment),
            width: isTerminal ? width(of: descriptor, environment) : nil,
            write: { writeAll($0, to: descriptor) },
            writeBytes: { writeAll($0, to: descriptor) }
        )
    }

    /// `COLUMNS`, else what the terminal says, else 80.
    private static func width(of descriptor: Int32, _ environment: Environment) -> Int {
        if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}

/// Writes unbuffered.
///
/// Nobody is left to tell when an output is gone, so what fails is dropped.
private func writeAll(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
}

private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
    var rest = bytes
    while !rest.isEmpty {
        let count = write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
}
