import PurserCore
import PurserGateway
import PurserPages
import PurserStore

/// How long the overview takes from the books to its text, beside writing it alone: 50 accounts, a year of history.
struct OverviewBenchmark {
    private static let rounds = 50
    private static let entries = 100_000

    let folder: String

    func run() async throws {
        let scratch = try ScratchFolder(in: folder)
        defer { scratch.remove() }
        let home = try await BooksHome(path: scratch.path + "/home")
        _ = try await home.work(entries: Self.entries)
        guard var owner = try await home.store.members().first?.member else {
            throw BenchmarkError("the books have no member")
        }
        owner.role = .owner
        let reading = OverviewReading(home.store)
        let pages = try Pages()
        let frame = PageFrame(
            language: .english,
            path: PagePath.overview.rawValue,
            viewer: Viewer(name: owner.name, role: owner.role),
            formToken: String(repeating: "x", count: 64)
        )
        let work = OverviewReading.Work(waiting: 0, limit: 1000, underWay: 0)
        var (read, written): ([Double], [Double]) = ([], [])
        // The first round only warms up.
        for _ in 0...Self.rounds {
            let begun = ContinuousClock.now
            let view = try await reading.view(for: owner, work, at: home.end)
            let between = ContinuousClock.now
            precondition(!pages.html(.overview(view), in: frame).isEmpty)
            read.append((between - begun).microseconds / 1000)
            written.append((ContinuousClock.now - between).microseconds / 1000)
        }
        try await home.store.close()
        show(read.dropFirst().map { $0 }.median, written.dropFirst().map { $0 }.median)
    }

    private func show(_ read: Double, _ written: Double) {
        var table = FigureTable(
            "page: ms for the overview of \(Self.entries.grouped) entries, median of \(Self.rounds) "
                + "(aim: under 50 together)",
            columns: ["read", "written", "together", "read to written"]
        )
        table.add(
            read.shown(2),
            written.shown(2),
            (read + written).shown(2),
            (read / written).shown(2)
        )
        table.show()
    }
}
