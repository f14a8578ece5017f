import Synchronization

@testable import PurserCLI

/// A console whose streams are kept, and whose answers are given beforehand.
final class CapturedConsole: Sendable {
    private let written = Mutex<(output: String, messages: String)>(("", ""))
    private let answers: Mutex<[String]>
    private let isTerminal: Bool
    private let width: Int?
    private let isQuiet: Bool

    init(
        isTerminal: Bool = false,
        width: Int? = nil,
        isQuiet: Bool = false,
        answers: [String] = []
    ) {
        self.isTerminal = isTerminal
        self.width = width
        self.isQuiet = isQuiet
        self.answers = Mutex(answers)
    }

    var output: String { written.withLock { $0.output } }
    var messages: String { written.withLock { $0.messages } }

    /// Writes into `output` and `messages`; has no colours.
    var console: Console {
        func stream(_ write: @escaping @Sendable (String) -> Void) -> Console.Stream {
            Console.Stream(isTerminal: isTerminal, hasColor: false, width: width, write: write)
        }
        return Console(
            output: stream { [self] text in written.withLock { $0.output += text } },
            messages: stream { [self] text in written.withLock { $0.messages += text } },
            input: Console.Input(isTerminal: isTerminal) { [self] in
                answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            },
            isQuiet: isQuiet
        )
    }
}
