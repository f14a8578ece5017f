import Glibc

/// `purser-bench [NAME …] [--folder DIR]`: runs the benchmarks of these names, or all of them.
@main
struct PurserBench {
    private static let usage = """
        usage: purser-bench [choose] [claims] [list] [vault] [books] [ten-million] [--folder DIR]
          --folder  where files are made, and removed again; its disk is what `claims` measures.
                    Default: /var/tmp
          books measures 10 thousand and 1 million entries; ten-million, which runs when it is named
          only, 10 million: it needs a quarter of an hour and 10 GB.
        """

    static func main() async {
        do {
            let (names, folder) = try parse(Array(CommandLine.arguments.dropFirst()))
            print(Machine.line)
            for name in names { try await run(name, in: folder) }
        } catch let error as UsageError {
            stop("\(error.message)\n\(usage)", status: 2)
        } catch {
            stop("\(error)", status: 1)
        }
    }

    private static func run(_ name: BenchmarkName, in folder: String) async throws {
        switch name {
        case .choose: try ChooseBenchmark.run()
        case .claims: try await ClaimsBenchmark(folder: folder).run()
        case .list: try ListBenchmark(folder: folder).run()
        case .vault: try await VaultBenchmark(folder: folder).run()
        case .books: try await BooksBenchmark(folder: folder, sizes: [10_000, 1_000_000]).run()
        case .tenMillion: try await BooksBenchmark(folder: folder, sizes: [10_000_000]).run()
        }
    }

    private static func parse(
        _ arguments: [String]
    ) throws(UsageError) -> (names: [BenchmarkName], folder: String) {
        var names: [BenchmarkName] = []
        var folder = "/var/tmp"
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--folder", let path = rest.popFirst() {
                folder = path
            } else if let name = BenchmarkName(rawValue: argument) {
                names.append(name)
            } else {
                throw UsageError(message: "'\(argument)' is no benchmark")
            }
        }
        let all = BenchmarkName.allCases.filter { $0 != .tenMillion }
        return (names.isEmpty ? all : names, folder)
    }

    private static func stop(_ message: String, status: Int32) {
        let line = Array("purser-bench: error: \(message)\n".utf8)
        write(STDERR_FILENO, line, line.count)
        exit(status)
    }
}

enum BenchmarkName: String, CaseIterable {
    case choose
    case claims
    case list
    case vault
    case books
    case tenMillion = "ten-million"
}

struct UsageError: Error {
    let message: String
}

/// Why a benchmark has no figures to show.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
