import PurserCore
import Testing

@testable import PurserCLI

struct ConsoleTests {
    @Test func `results go to one stream, messages to the other`() {
        let captured = CapturedConsole()
        captured.console.out("5 accounts")
        captured.console.error("it broke")
        captured.console.hint("mend it")
        captured.console.note("by the way")
        #expect(captured.output == "5 accounts\n")
        #expect(
            captured.messages
                == "purser: error: it broke\npurser: hint: mend it\npurser: note: by the way\n"
        )
    }

    @Test func `quiet leaves out notes and progress only`() {
        let captured = CapturedConsole(isQuiet: true)
        captured.console.note("n")
        captured.console.progress("p")
        captured.console.warning("w")
        #expect(captured.messages == "purser: warning: w\n")
    }

    @Test func `text from outside cannot act on the terminal`() {
        let captured = CapturedConsole()
        let name = "a\u{1B}[2J\r\npurser: note: all is well\u{202E}"
        captured.console.out("account \(name, .bold)")
        captured.console.error("\(name)")
        let shown = "a\\u{1b}[2J\\r\\npurser: note: all is well\\u{202e}"
        #expect(captured.output == "account \(shown)\n")
        #expect(captured.messages == "purser: error: \(shown)\n")
    }

    @Test func `styles are escape sequences in colour, and nothing without`() {
        let text: ConsoleText = "a \("b", .red) \(3)"
        #expect(text.rendered(color: true) == "a \u{1B}[31mb\u{1B}[0m 3")
        #expect(text.rendered(color: false) == "a b 3")
    }

    @Test(arguments: [
        (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false),
        (true, ["NO_COLOR": ""], true), (true, ["TERM": "dumb"], false),
        (true, ["TERM": "xterm"], true),
    ])
    func `colour is for terminals that want it`(
        isTerminal: Bool,
        variables: [String: String],
        expected: Bool
    ) {
        #expect(Console.hasColor(isTerminal: isTerminal, Environment(variables)) == expected)
    }

    @Test(arguments: [
        ("y", true), (" YES", true), ("", false), ("n", false), ("yesterday", false),
    ])
    func `only yes is yes`(answer: String, expected: Bool) throws {
        let captured = CapturedConsole(isTerminal: true, answers: [answer])
        #expect(try captured.console.confirm("remove \("pro-2")?") == expected)
        #expect(captured.messages == "remove pro-2? [y/N] ")
        #expect(captured.output.isEmpty)
    }

    @Test func `nobody to ask is an error with a way out`() {
        #expect(throws: ConsoleError.notInteractive) {
            try CapturedConsole(answers: ["y"]).console.confirm("sure?")
        }
        #expect(throws: ConsoleError.inputEnded) {
            try CapturedConsole(isTerminal: true).console.confirm("sure?")
        }
        #expect(ConsoleError.notInteractive.hint == "pass --yes")
    }

    @Test func `progress on a terminal is one line, cut to its width`() {
        let captured = CapturedConsole(isTerminal: true, width: 10)
        let console = captured.console
        console.progress("1 of 2")
        console.progress("1 of 2")
        console.progress("2 of 2 jobs done")
        console.note("hm")
        console.endProgress()
        console.endProgress()
        let erase = "\r\u{1B}[K"
        let lines = [
            erase + "1 of 2", erase + "2 of 2 j…", erase + "purser: note: hm\n", "2 of 2 j…", erase,
        ]
        #expect(captured.messages == lines.joined())
    }

    @Test func `progress elsewhere is a line for each change`() {
        let captured = CapturedConsole()
        captured.console.progress("1 of 2")
        let console = captured.console
        console.progress("2 of 2")
        console.progress("2 of 2")
        console.endProgress()
        #expect(captured.messages == "purser: 1 of 2\npurser: 2 of 2\n")
    }

    @Test func `a count that runs up elsewhere is few lines, or none where it is soon done`() {
        let captured = CapturedConsole()
        for number in 1...500 {
            captured.console.progress("read \(number) of 500 balances", isCount: true)
        }
        #expect(captured.messages.isEmpty)
    }

    @Test func `a result takes the progress line away first`() {
        let captured = CapturedConsole(isTerminal: true)
        let console = captured.console
        console.progress("p")
        console.out("done")
        #expect(captured.messages == "\r\u{1B}[Kp\r\u{1B}[K")
        #expect(captured.output == "done\n")
    }

    @Test func `a failure shows its hint, a configuration everything that is wrong`() {
        let captured = CapturedConsole()
        captured.console.report(ConsoleError.noTerminal)
        captured.console.report(
            ConfigurationError.invalid([
                ConfigurationProblem(file: "f", line: 1, text: "one", hint: "h"),
                ConfigurationProblem(file: "f", line: 2, column: 3, text: "two"),
            ])
        )
        #expect(
            captured.messages == """
                purser: error: there is no terminal to ask for the secret
                purser: hint: name a file or a command for it; --help shows the options
                purser: error: f:1: one
                purser: hint: h
                purser: error: f:2:3: two

                """
        )
    }
}
