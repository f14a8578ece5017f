import ArgumentParser
import Foundation
import PurserCore
import Testing

@testable import PurserCLI

/// `Documentation/CLI.md` says what the commands themselves say.
struct CommandReferenceTests {
    @Test func `the reference holds the help of every command`() throws {
        let reference = try Document("CLI.md")
        if ProcessInfo.processInfo.environment["PURSER_RECORD"] == "1" {
            try reference.replace("help", with: CommandHelp.reference)
        }
        #expect(
            try reference.part("help") == CommandHelp.reference,
            "record it anew: PURSER_RECORD=1 swift test --filter CommandReferenceTests"
        )
    }

    @Test func `every line of help explains itself`() {
        for help in CommandHelp.all(of: PurserCommand.self) {
            for entry in help.entries where !entry.explains {
                Issue.record("purser \(help.name): \(entry.lines[0])")
            }
        }
    }

    /// A name that is not given is made from the type's at each start, which asks the runtime about every conformance in the
    /// program.
    @Test func `every command names itself`() {
        func unnamed(_ command: any ParsableCommand.Type) -> [String] {
            let below = command.configuration.subcommands.flatMap(unnamed)
            return command.configuration.commandName == nil ? ["\(command)"] + below : below
        }
        #expect(unnamed(PurserCommand.self).isEmpty)
    }

    @Test func `the reference names every exit status`() throws {
        let rows = try Document("CLI.md").rows(of: "statuses")
        let documented = Set(rows.map { "\($0[0]) \($0[1])" })
        let real = FailureKind.allCases.map { "\(ExitStatus.status(of: $0)) \($0.rawValue)" }
        #expect(documented == Set(real + ["0 –"]))
    }
}

/// The help of one command, cut into what can be left out.
struct CommandHelp {
    /// An option, an argument or a subcommand with its explanation; or any other line.
    struct Entry: Equatable {
        var lines: [String]

        var isListed: Bool { lines[0].hasPrefix("  ") && !lines[0].hasPrefix("   ") }

        var explains: Bool {
            guard isListed, !lines[0].hasPrefix("  See ") else { return true }
            return lines.count > 1 || lines[0].dropFirst(2).contains("  ")
        }
    }

    let name: String
    let entries: [Entry]

    private init(name: String, text: String) {
        self.name = name
        entries = text.split(separator: "\n", omittingEmptySubsequences: false)
            .reduce(into: []) { entries, line in
                let isMore = line.hasPrefix(String(repeating: " ", count: 26))
                if isMore, let last = entries.indices.last, entries[last].isListed {
                    entries[last].lines.append(String(line))
                } else {
                    entries.append(Entry(lines: [String(line)]))
                }
            }
    }

    /// A command and everything below it.
    static func all(of command: any ParsableCommand.Type, path: [String] = []) -> [CommandHelp] {
        let text = PurserCommand.helpMessage(for: command, columns: 80)
        let own = CommandHelp(name: path.joined(separator: " "), text: text)
        return command.configuration.subcommands.reduce(into: [own]) { all, next in
            all += self.all(of: next, path: path + [next._commandName])
        }
    }

    /// One section a command; the options that every command takes stand once, in front.
    static var reference: String {
        let common = CommandHelp(
            name: "",
            text: CommonOptions.helpMessage(columns: 80)
        )
        let shared = common.entries.filter { $0.isListed }
        let front = "### Options of every command\n\n" + common.fenced(from: "OPTIONS:")
        return all(of: PurserCommand.self).reduce(into: front) { text, help in
            let title = help.name.isEmpty ? "purser" : "purser \(help.name)"
            text += "\n### \(title)\n\n" + help.without(shared).fenced(from: nil)
        }
    }

    private func without(_ shared: [Entry]) -> CommandHelp {
        let left = entries.filter { !shared.contains($0) }
        // A heading that nothing is left below goes too.
        let kept = left.indices.filter { index in
            guard left[index].lines[0].hasSuffix("S:") || left[index].lines[0] == "UNLOCKING:"
            else { return true }
            return left.dropFirst(index + 1).first?.isListed == true
        }
        return CommandHelp(name: name, entries: kept.map { left[$0] })
    }

    private init(name: String, entries: [Entry]) {
        self.name = name
        self.entries = entries
    }

    private func fenced(from heading: String?) -> String {
        var lines = entries.flatMap(\.lines)
        if let heading { lines = Array(lines.drop { $0 != heading }) }
        let text = lines.map { $0.replacing(#/ +$/#, with: "") }.joined(separator: "\n")
        let tidy = text.replacing(#/\n{3,}/#, with: "\n\n")
        return "```text\n\(tidy.trimmingCharacters(in: .whitespacesAndNewlines))\n```\n"
    }
}

/// What the sections of the reference leave out.
private struct CommonOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purser",
        version: Version.number
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup(title: "Unlocking") var unlock: UnlockOptions
}

/// A file of `Documentation`, with parts between `<!-- name: begin -->` and `<!-- name: end -->`.
struct Document {
    private let url: URL
    private let text: String

    init(_ name: String) throws {
        url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Documentation/\(name)")
        text = try String(contentsOf: url, encoding: .utf8)
    }

    func part(_ name: String) throws -> String {
        // Read again: the part may just have been recorded.
        let text = try String(contentsOf: url, encoding: .utf8)
        return String(text[try range(of: name, in: text)])
    }

    func replace(_ name: String, with part: String) throws {
        var text = text
        text.replaceSubrange(try range(of: name, in: text), with: part)
        try text.write(to: url, atomically: true, encoding: .utf8)
    }

    /// The cells of a part's table, without its heading; code marks are taken off.
    func rows(of name: String) throws -> [[String]] {
        try part(name).split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2).map {
            $0.split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "")
            }
        }
    }

    /// The text of the first fenced block of a part.
    func block(_ name: String) throws -> String {
        let lines = try part(name).split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("```") })
        return lines[(start + 1)...].prefix { $0 != "```" }.joined(separator: "\n")
    }

    private func range(of name: String, in text: String) throws -> Range<String.Index> {
        let begin = try #require(text.range(of: "<!-- \(name): begin -->\n"))
        let end = try #require(text.range(of: "<!-- \(name): end -->"))
        return begin.upperBound..<end.lowerBound
    }
}
