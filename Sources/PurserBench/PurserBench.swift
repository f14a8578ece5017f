import Glibc

/// `purser-bench [NAME …] [--folder DIR]`: runs the benchmarks of these names, or all of them.
@main
struct PurserBench {
    private static let usage = """
        usage: purser-bench [choose] [forecast] [claims] [list] [vault] [books] [page] [ten-million]
                            [gateway] [gateway-soak] [routing] [--folder DIR] [--seconds N]
                            [--requests N] [--seed N] [--scenarios N]
          --folder  where files are made, and removed again; its disk is what `claims` measures.
                    Default: /var/tmp
          books measures 10 thousand and 1 million entries; ten-million, which runs when it is named
          only, 10 million: it needs an hour and a half and 10 GB.
          gateway lets each target answer for --seconds (3) in every turn; nginx is one where it is in PATH or
          /usr/sbin. gateway-soak, which runs when it is named only, sends --requests (200000).
          routing replays made-up histories: eight with a name, thirty random ones, and --scenarios (30) from --seed (1000).
        """

    private struct Plan {
        var names: [BenchmarkName] = []
        var folder = "/var/tmp"
        var seconds = 3.0
        var requests = 200_000
        var seed: UInt64 = 1000
        var scenarios = 30
    }

    static func main() async {
        do {
            let words = Array(CommandLine.arguments.dropFirst())
            // What the benchmark of the gateway starts beside it.
            switch words.first {
            case "upstream" where words.count == 3:
                try await FixedUpstream.run(credits: Int(words[1]) ?? 0, price: Int(words[2]) ?? 0)
            case "bare-proxy" where words.count == 2: try await BareProxy.run(to: words[1])
            default:
                let plan = try parse(words)
                print(Machine.line)
                for name in plan.names { try await run(name, plan) }
            }
        } catch let error as UsageError {
            stop("\(error.message)\n\(usage)", status: 2)
        } catch {
            stop("\(error)", status: 1)
        }
    }

    private static func run(_ name: BenchmarkName, _ plan: Plan) async throws {
        let folder = plan.folder
        switch name {
        case .choose: try ChooseBenchmark.run()
        case .forecast: try ForecastBenchmark.run()
        case .claims: try await ClaimsBenchmark(folder: folder).run()
        case .list: try ListBenchmark(folder: folder).run()
        case .vault: try await VaultBenchmark(folder: folder).run()
        case .books: try await BooksBenchmark(folder: folder, sizes: [10_000, 1_000_000]).run()
        case .tenMillion: try await BooksBenchmark(folder: folder, sizes: [10_000_000]).run()
        case .page:
            try PageBenchmark.run()
            try await OverviewBenchmark(folder: folder).run()
        case .gateway: try await GatewayBenchmark(folder: folder, seconds: plan.seconds).run()
        case .routing: RoutingBenchmark(seed: plan.seed, count: plan.scenarios).run()
        case .gatewaySoak: try await GatewaySoak(folder: folder, requests: plan.requests).run()
        }
    }

    private static func parse(_ arguments: [String]) throws(UsageError) -> Plan {
        var plan = Plan()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if let name = BenchmarkName(rawValue: argument) {
                plan.names.append(name)
                continue
            }
            guard
                ["--folder", "--seconds", "--requests", "--seed", "--scenarios"].contains(argument)
            else {
                throw UsageError(message: "'\(argument)' is no benchmark")
            }
            switch (argument, rest.popFirst()) {
            case ("--folder", let path?): plan.folder = path
            case ("--seconds", let text?) where Double(text).map { $0 > 0 } ?? false:
                plan.seconds = Double(text) ?? plan.seconds
            case ("--requests", let text?) where Int(text).map { $0 >= 1000 } ?? false:
                plan.requests = Int(text) ?? plan.requests
            case ("--seed", let text?) where UInt64(text) != nil:
                plan.seed = UInt64(text) ?? plan.seed
            case ("--scenarios", let text?) where Int(text).map { $0 >= 1 } ?? false:
                plan.scenarios = Int(text) ?? plan.scenarios
            default:
                throw UsageError(
                    message: "\(argument) needs a value; a soak at least 1000 requests"
                )
            }
        }
        if plan.names.isEmpty {
            plan.names = BenchmarkName.allCases.filter { $0 != .tenMillion && $0 != .gatewaySoak }
        }
        return plan
    }

    private static func stop(_ message: String, status: Int32) {
        let line = Array("purser-bench: error: \(message)\n".utf8)
        write(STDERR_FILENO, line, line.count)
        exit(status)
    }
}

enum BenchmarkName: String, CaseIterable {
    case choose
    case forecast
    case claims
    case list
    case vault
    case books
    case page
    case tenMillion = "ten-million"
    case gateway
    case routing
    case gatewaySoak = "gateway-soak"
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
