import PurserCore
import PurserEngine
import Synchronization

/// What the program says: results on standard output, all else on standard error.
///
/// The only place that writes to either. Streams are values passed in, so a test captures both.
struct Console: Sendable {
    /// One of the two outputs.
    struct Stream: Sendable {
        let isTerminal: Bool
        let hasColor: Bool
        /// Columns; `nil` where lines may be as long as they like.
        let width: Int?
        let write: @Sendable (String) -> Void
        /// Writes bytes that must not lie in a `String`; without it they go through `write`.
        var writeBytes: (@Sendable (UnsafeRawBufferPointer) -> Void)?
    }

    /// Where answers to questions come from.
    struct Input: Sendable {
        let isTerminal: Bool
        /// The next line without its end; `nil` at the end of the input.
        let readLine: @Sendable () -> String?
    }

    let output: Stream
    let messages: Stream
    let input: Input
    /// Leaves out notes, hints and progress; never results, warnings and errors.
    let isQuiet: Bool
    private let progress = ProgressLine()

    init(output: Stream, messages: Stream, input: Input, isQuiet: Bool = false) {
        self.output = output
        self.messages = messages
        self.input = input
        self.isQuiet = isQuiet
    }

    /// A line of a result.
    func out(_ text: ConsoleText) {
        write(text.rendered(color: output.hasColor) + "\n")
    }

    /// A result as it is: bytes for another program, such as a body of the service.
    ///
    /// It may hold anything.
    func outVerbatim(_ text: String) {
        write(text)
    }

    /// A JSON result, over several lines.
    ///
    /// A string literal is text, not JSON.
    @_disfavoredOverload
    func out(_ value: JSONOutput) {
        write(value.pretty + "\n")
    }

    /// A report in the form that was asked for.
    func out(_ report: Report, as format: OutputFormat) {
        write(
            report.rendered(
                as: format,
                color: output.hasColor,
                width: output.width,
                onTerminal: output.isTerminal
            )
        )
    }

    /// Something worth knowing; left out when quiet.
    func note(_ text: ConsoleText) {
        if !isQuiet { say("note", .cyan, text) }
    }

    /// Something a person should look at.
    func warning(_ text: ConsoleText) {
        say("warning", .yellow, text)
    }

    func error(_ text: ConsoleText) {
        say("error", .red, text)
    }

    /// The next step, after an error or a result; left out when quiet.
    func hint(_ text: ConsoleText) {
        if !isQuiet { say("hint", .cyan, text) }
    }

    /// A failure with its hint; of a configuration, everything that is wrong in it.
    func report(_ failure: any Failure) {
        let problems = (failure as? ConfigurationError)?.problems ?? []
        guard problems.isEmpty else {
            for problem in problems {
                error("\(problem.message)")
                if let text = problem.hint { hint("\(text)") }
            }
            return
        }
        error("\(failure.message)")
        if let text = failure.hint { hint("\(text)") }
    }

    /// Shows how far long work has come.
    ///
    /// On a terminal one line is drawn again and again. Elsewhere every change is a line of its own, or, of a count that
    /// runs up, one in ten seconds.
    func progress(_ text: ConsoleText, isCount: Bool = false) {
        guard !isQuiet else { return }
        let plain = text.rendered(color: false)
        if messages.isTerminal {
            let width = (messages.width ?? 80) - 1
            progress.draw(plain.truncated(to: width), on: messages)
        } else if isCount ? progress.isDue(within: .seconds(10)) : progress.changes(to: plain) {
            messages.write("purser: \(plain)\n")
        }
    }

    /// Takes the progress line away.
    func endProgress() {
        progress.clear(on: messages)
    }

    /// Asks a question that is answered by yes or no; anything but yes is no.
    ///
    /// Throws `notInteractive` when nobody is there to answer: a script says `--yes` instead.
    func confirm(_ question: ConsoleText) throws(ConsoleError) -> Bool {
        guard input.isTerminal else { throw .notInteractive }
        endProgress()
        messages.write(question.rendered(color: messages.hasColor) + " [y/N] ")
        guard let answer = input.readLine() else { throw .inputEnded }
        return ["y", "yes"].contains(answer.trimmingPrefix(while: \.isWhitespace).lowercased())
    }

    func write(_ text: String) {
        // Both streams usually end on one screen: a result must not follow half a progress line.
        endProgress()
        output.write(text)
    }

    private func say(_ word: String, _ style: Style, _ text: ConsoleText) {
        let line: ConsoleText = "purser: \(word + ":", style) \(text)"
        progress.lift(on: messages) {
            messages.write(line.rendered(color: messages.hasColor) + "\n")
        }
    }
}

/// The line that shows progress: what stands on the screen now.
private final class ProgressLine: Sendable {
    private static let erase = "\r\u{1B}[K"
    private let shown = Mutex<String?>(nil)
    private let written = Mutex<ContinuousClock.Instant?>(nil)

    func draw(_ text: String, on stream: Console.Stream) {
        shown.withLock { shown in
            guard shown != text else { return }
            stream.write(Self.erase + text)
            shown = text
        }
    }

    /// Whether so much time has gone by since a line was written, or since the first question.
    func isDue(within span: Duration) -> Bool {
        written.withLock { written in
            let now = ContinuousClock.now
            let isDue = written.map { now - $0 >= span } ?? false
            if isDue || written == nil { written = now }
            return isDue
        }
    }

    func changes(to text: String) -> Bool {
        shown.withLock { shown in
            defer { shown = text }
            return shown != text
        }
    }

    func clear(on stream: Console.Stream) {
        shown.withLock { shown in
            if shown != nil, stream.isTerminal { stream.write(Self.erase) }
            shown = nil
        }
    }

    /// Makes room for a message, then draws the line again below it.
    func lift(on stream: Console.Stream, _ message: () -> Void) {
        shown.withLock { shown in
            if shown != nil, stream.isTerminal { stream.write(Self.erase) }
            message()
            if let shown, stream.isTerminal { stream.write(shown) }
        }
    }
}

/// Why an answer could not be had from the person at the terminal.
enum ConsoleError: Failure, Equatable {
    case notInteractive
    case outputNotTerminal
    case inputEnded
    case noTerminal
    case interrupted
    case tooLong(limit: Int)
    case empty
    case unreadable(path: String, reason: String)
    /// A file that was read and holds no secret.
    case noSecret(path: String, reason: String)
    case commandFailed(status: Int32)

    var kind: FailureKind {
        switch self {
        case .notInteractive, .outputNotTerminal, .noTerminal: .usage
        case .tooLong, .empty, .noSecret: .invalidInput
        case .unreadable: .io
        case .inputEnded, .interrupted, .commandFailed: .failed
        }
    }

    var message: String {
        switch self {
        case .notInteractive: "this asks for a confirmation, and the input is not a terminal"
        case .outputNotTerminal: "standard output is not a terminal: a secret would be kept there"
        case .inputEnded: "the input ended before an answer"
        case .noTerminal: "there is no terminal to ask for the secret"
        case .interrupted: "interrupted"
        case .tooLong(let limit): "the secret is longer than \(limit) bytes"
        case .empty: "the secret is empty"
        case .unreadable(let path, let reason), .noSecret(let path, let reason):
            "\(path): \(reason)"
        case .commandFailed(let status): "the command for the secret ended with status \(status)"
        }
    }

    var hint: String? {
        switch self {
        case .notInteractive, .outputNotTerminal: "pass --yes"
        case .noTerminal: "name a file or a command for it; --help shows the options"
        case .unreadable: "look at the path, and at who may use it"
        case .noSecret: "the file must hold the secret and nothing else"
        default: nil
        }
    }
}
