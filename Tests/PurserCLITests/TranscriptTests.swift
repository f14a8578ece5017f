import Foundation
import PurserSandbox
import Testing

@testable import PurserCLI

/// The transcripts in `Transcripts`: what is typed, and what the program says to it.
///
/// A line that begins with `$` is run, its standard input after `<`. What follows up to the next such line is what it
/// must print, standard output first; `[..]` stands for anything within a line, `(status 82)` for its exit status.
/// `!` tells what happens at the service, `#` is for the reader. `PURSER_RECORD=1` writes the answers anew.
struct TranscriptTests {
    @Test(arguments: ["first-day", "failure", "unknown", "mistakes", "several-people"])
    func `the transcript is still true`(_ name: String) async throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Transcripts/\(name).txt")
        let steps = Transcript.steps(of: try String(contentsOf: url, encoding: .utf8))
        #expect(steps.count { $0.command.hasPrefix("$") } > 1)
        var scenario = SandboxScenario.twoAccounts()
        // Jobs are over when they are asked about, so that the program says the same on any machine.
        scenario.jobSeconds = 0
        try await withCommandHome(scenario, isMade: false) { home in
            try home.write(CommandHome.ultraToken + "\n", to: "ultra.token")
            try home.write(CommandHome.tierOneToken + "\n", to: "pro.token")
            try home.write("ya29.fresh\n", to: "fresh.token")
            var recorded: [String] = []
            for step in steps {
                let answer = try await step.run(in: home)
                recorded += [step.command] + answer.map(Transcript.pattern)
                guard !isRecording else { continue }
                #expect(answer.count == step.answer.count, "\(step.command):\n\(listing(answer))")
                for (line, expected) in zip(answer, step.answer) {
                    #expect(Transcript.matches(line, expected), "\(step.command)")
                }
            }
            if isRecording {
                try listing(recorded).write(to: url, atomically: true, encoding: .utf8)
            }
        }
    }

    private var isRecording: Bool { ProcessInfo.processInfo.environment["PURSER_RECORD"] == "1" }

    private func listing(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}

enum Transcript {
    struct Step {
        /// With its `$`, `!` or `#`; blank lines too.
        let command: String
        var answer: [String] = []

        func run(in home: CommandHome) async throws -> [String] {
            if command.hasPrefix("! fault ") {
                try home.sandbox.arm(SandboxFault(preset: String(command.dropFirst(8))))
            }
            let words = command.split(separator: " ").map(String.init)
            if command.hasPrefix("! token "), words.count == 4 {
                try home.sandbox.setToken(of: words[2], to: words[3], keepOld: false)
            }
            guard command.hasPrefix("$ purser ") else { return [] }
            let parts = command.dropFirst(9).components(separatedBy: " < ")
            var input = ""
            if let file = parts.dropFirst().first {
                let path = file.replacing("~/", with: home.folder + "/")
                input = try String(contentsOfFile: path, encoding: .utf8)
            }
            let result = try await home.purser(parts[0], input: input, expecting: nil)
            let text = (result.output + result.messages).replacing(home.folder, with: "~")
            let lines = text.split(separator: "\n").map {
                String($0.replacing(#/ +$/#, with: ""))
            }
            return result.status == 0 ? lines : lines + ["(status \(result.status))"]
        }
    }

    static func steps(of text: String) -> [Step] {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(1)
            .reduce(into: []) { steps, line in
                let isStep = line.isEmpty || "$!#".contains(line.prefix(1))
                if isStep || steps.isEmpty {
                    steps.append(Step(command: String(line)))
                } else {
                    steps[steps.count - 1].answer.append(String(line))
                }
            }
    }

    /// Whether a line is as expected; columns may be wider where what varies stands in them.
    static func matches(_ line: String, _ expected: String) -> Bool {
        func tidy(_ text: String) -> String { text.replacing(#/ {2,}/#, with: "  ") }
        let parts = tidy(expected).components(separatedBy: "[..]")
        let pattern = parts.map(NSRegularExpression.escapedPattern).joined(separator: ".*")
        return tidy(line).range(of: "^\(pattern)$", options: .regularExpression) != nil
    }

    /// The line with `[..]` for ids, fingerprints, keys, instants and spans of time.
    static func pattern(of line: String) -> String {
        line
            .replacing(#/PURSER-KEY-1[0-9A-Z]+/#, with: "[..]")
            // What a passphrase costs and which library is there depends on the machine.
            .replacing(#/\b2\^\d\d\b/#, with: "[..]")
            .replacing(#/\d+\.\d+\.\d+, which (?:has|lacks)/#, with: "[..]")
            .replacing(#/\b(?:[0-9a-f]{4} ){11}[0-9a-f]{4}\b/#, with: "[..]")
            .replacing(#/\b[0-9a-f]{4,}(?:-[0-9a-f]{4,})+\b/#, with: "[..]")
            .replacing(#/\b[0-9a-f]{8,}\b/#, with: "[..]")
            .replacing(#/\b\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?Z?)?/#, with: "[..]")
            .replacing(
                #/\bin \d+ (?:s|min|h|days?)\b|\b\d+ (?:s|min|h|days?) ago\b|\bnow\b/#,
                with: "[..]"
            )
            .replacing(#/\bafter \d+ s/#, with: "after [..]")
            .replacing(#/, \d+ s$/#, with: ", [..]")
            .replacing(#/127\.0\.0\.1:\d+/#, with: "127.0.0.1:[..]")
    }
}
