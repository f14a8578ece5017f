/// Requests through `purser serve`, holds durable and everything included, beside the service asked directly, nginx and a
/// bare proxy made of the gateway's own libraries.
///
/// All of it on one machine, each a process of its own. In every round each takes its turn with the same load.
struct GatewayBenchmark {
    private static let cases = [1, 32, 256]
    private static let rounds = 5

    let folder: String
    /// How long each turn lasts.
    let seconds: Double

    private enum Target: String, CaseIterable {
        case direct
        case nginx
        case bare = "bare proxy"
        case gateway = "purser serve"
    }

    private struct Series {
        var perSecond: [Double] = []
        var medians: [Double] = []
        var p99s: [Double] = []
        var toBare: [Double] = []
        var toDirect: [Double] = []
    }

    func run() async throws {
        let scratch = try ScratchFolder(in: folder)
        defer { scratch.remove() }
        let itself = "/proc/self/exe"
        let price = try GatewayHome.price()
        let upstream = try Server(
            ChildProcess(itself, ["upstream", "\(GatewayHome.credits)", "\(price)"], []),
            as: "upstream",
            in: scratch
        )
        let home = try GatewayHome(in: scratch, upstream: upstream.port)
        let service = "http://127.0.0.1:\(upstream.port)"
        let bare = try Server(
            ChildProcess(itself, ["bare-proxy", service], []),
            as: "bare",
            in: scratch
        )
        let nginx = try Nginx.serve(upstream: upstream.port, in: scratch)
        let gateway = try home.serve()
        let flushes = try FlushCost(in: scratch)
        let targets: [(Target, Int)] =
            [(.direct, upstream.port)] + (nginx.map { [(.nginx, $0.port)] } ?? [])
            + [(.bare, bare.port), (.gateway, gateway.port)]

        var table = Self.table(seconds)
        var accepted = 0
        var added: [Double] = []
        var flush: [Double] = []
        for connections in Self.cases {
            var series: [Target: Series] = [:]
            // The first round only warms up.
            for round in 0...Self.rounds {
                if connections == 1 { flush.append(try flushes.measure()) }
                var figures: [Target: Load.Figures] = [:]
                for (target, port) in targets {
                    let result: Load.Figures
                    do {
                        result = try await home.load.run(
                            on: port,
                            connections: connections,
                            .seconds(seconds)
                        )
                    } catch {
                        throw BenchmarkError("\(connections) through \(target.rawValue): \(error)")
                    }
                    figures[target] = result
                    if target == .gateway { accepted += result.answered }
                }
                guard round > 0 else { continue }
                add(figures, to: &series)
                if connections == 1, let ours = figures[.gateway], let direct = figures[.direct] {
                    added.append(ours.median - direct.median)
                }
            }
            for target in Target.allCases {
                Self.show(series[target], of: target, connections, in: &table)
            }
        }
        try gateway.end()
        try home.check(requests: accepted)
        table.show()
        Self.show(added: added.median, flush: flush.median)
        print(
            "\n  \(accepted.grouped) requests were accepted, and charged; ledger verify found nothing"
        )
    }

    private func add(_ figures: [Target: Load.Figures], to series: inout [Target: Series]) {
        for (target, result) in figures {
            series[target, default: Series()].perSecond.append(result.perSecond)
            series[target, default: Series()].medians.append(result.median)
            series[target, default: Series()].p99s.append(result.p99)
            let (bare, direct) = (figures[.bare]?.perSecond, figures[.direct]?.perSecond)
            series[target, default: Series()].toBare.append(result.perSecond / (bare ?? .nan))
            series[target, default: Series()].toDirect.append(result.perSecond / (direct ?? .nan))
        }
    }

    // MARK: Tables

    private static func table(_ seconds: Double) -> FigureTable {
        FigureTable(
            "gateway: requests a second and microseconds each, median of \(rounds) rounds of \(seconds.shown(1)) s "
                + "(aim: at 256 at least 0.70 of the bare proxy)",
            columns: [
                "connections", "through", "a second", "lowest", "highest", "to bare", "lowest",
                "highest", "to direct", "p50", "p99",
            ]
        )
    }

    private static func show(
        _ series: Series?,
        of target: Target,
        _ connections: Int,
        in table: inout FigureTable
    ) {
        guard let series else {
            return table.add(
                "\(connections)",
                target.rawValue,
                "not installed",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                ""
            )
        }
        table.add(
            "\(connections)",
            target.rawValue,
            series.perSecond.median.shown(0),
            (series.perSecond.min() ?? .nan).shown(0),
            (series.perSecond.max() ?? .nan).shown(0),
            series.toBare.median.shown(2),
            (series.toBare.min() ?? .nan).shown(2),
            (series.toBare.max() ?? .nan).shown(2),
            series.toDirect.median.shown(2),
            series.medians.median.shown(0),
            series.p99s.median.shown(0)
        )
    }

    private static func show(added: Double, flush: Double) {
        var table = FigureTable(
            "gateway: what it adds at one connection, in microseconds (aim: two flushes and 500)",
            columns: ["to direct", "one flush", "beyond two flushes"]
        )
        table.add(added.shown(0), flush.shown(0), (added - 2 * flush).shown(0))
        table.show()
    }
}
