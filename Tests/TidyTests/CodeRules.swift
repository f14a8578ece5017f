/// Phrases of code that have no place in Purser, or only in some of it.
struct CodeRule {
    let phrase: [String]
    /// Whether it is the phrase only without a space before its last token.
    var isJoined = false
    /// What may stand before it: `report.print(` is somebody's method, `func print(` a declaration.
    var notAfter: Set<String> = []
    /// What a line may hold that makes it right: a source of chance that was handed in.
    var unlessLineHas: String?
    let reason: String

    func findings(in file: SourceFile) -> [Finding] {
        file.positions(of: phrase).compactMap { position in
            if notAfter.contains(file.token(before: position)) { return nil }
            if isJoined, !file.tokens[position + phrase.count - 1].isJoined { return nil }
            let line = file.lines[file.tokens[position].line - 1]
            if let unlessLineHas, line.contains(unlessLineHas) { return nil }
            return file.finding(position, "\(phrase.joined()): \(reason)")
        }
    }
}

enum CodeRules {
    /// Everywhere.
    static let unsafe = [
        CodeRule(phrase: ["try", "!"], isJoined: true, reason: "an error has to reach someone"),
        CodeRule(phrase: ["@", "unchecked", "Sendable"], reason: "let the compiler check it"),
        CodeRule(
            phrase: ["nonisolated", "(", "unsafe", ")"],
            reason: "let the compiler check it"
        ),
        CodeRule(phrase: ["Task", ".", "detached"], reason: "work needs an owner"),
        CodeRule(phrase: ["fatalError", "("], reason: "throw, or make the state impossible"),
        CodeRule(
            phrase: ["public"],
            notAfter: ["."],
            reason: "an application has no outside callers"
        ),
    ]

    /// Outside the console, the benchmarks and the simulation.
    static let printing =
        [
            CodeRule(
                phrase: ["print", "("],
                notAfter: [".", "func"],
                reason: "the console writes"
            ),
            CodeRule(phrase: ["Swift", ".", "print"], reason: "the console writes"),
            CodeRule(phrase: ["debugPrint", "("], reason: "the console writes"),
            CodeRule(
                phrase: ["dump", "("],
                notAfter: [".", "func"],
                reason: "the console writes"
            ),
        ]

    /// In Core.
    static let fractions = ["Double", "Float", "Float16", "Float32", "Float64", "CGFloat"].map {
        CodeRule(phrase: [$0], reason: "credits are whole numbers")
    }

    /// In Core, outside its ports.
    static let waiting = [CodeRule(phrase: ["async"], reason: "rules do not wait")]

    /// In Core and Engine.
    static let ambient =
        [
            ["Date", "(", ")"], ["Date", ".", "now"], ["UUID", "(", ")"],
            ["ContinuousClock"], ["SuspendingClock"], ["SystemRandomNumberGenerator"],
            ["Task", ".", "sleep"],
        ].map { CodeRule(phrase: $0, reason: "time and chance are arguments") }
        + [["random", "("], ["randomElement", "("], ["shuffled", "("], ["shuffle", "("]].map {
            CodeRule(phrase: $0, unlessLineHas: "using:", reason: "time and chance are arguments")
        }

    /// The rules that hold for a file, by where it lies.
    static func rules(for file: SourceFile) -> [CodeRule] {
        var rules = unsafe
        guard file.path.hasPrefix("Sources/") else { return rules }
        let isConsole = file.path.hasPrefix("Sources/PurserCLI/Console")
        let isTool = file.target == "PurserBench" || file.target == "PurserSimulation"
        if !isConsole, !isTool { rules += printing }
        switch file.target {
        case "PurserCore":
            rules += fractions + ambient
            if !file.path.hasPrefix("Sources/PurserCore/Ports/") { rules += waiting }
        case "PurserEngine": rules += ambient
        default: break
        }
        return rules
    }

    static func findings(in file: SourceFile) -> [Finding] {
        rules(for: file).flatMap { $0.findings(in: file) }
    }
}
