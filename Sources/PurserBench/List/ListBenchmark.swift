/// `purser accounts list` as a whole process, beside a process that does nothing and, where there is
/// one, `sqlite3` printing the same accounts.
struct ListBenchmark {
    private static let sizes = [5, 500]
    private static let runs = 20

    let folder: String

    func run() throws {
        var table = FigureTable(
            "list: milliseconds a process, median of \(Self.runs) runs (aim: purser under 30)",
            columns: ["accounts", "purser accounts list", "true", "sqlite3", "purser to sqlite3"]
        )
        for size in Self.sizes {
            let scratch = try ScratchFolder(in: folder)
            defer { scratch.remove() }
            let home = try ListHome(in: scratch, accounts: size)
            let figures = try measure(home)
            table.add(
                "\(size)",
                figures.purser.shown(1),
                figures.nothing.shown(1),
                figures.sqlite?.shown(1) ?? "not installed",
                figures.sqlite.map { (figures.purser / $0).shown(2) } ?? "–"
            )
        }
        table.show()
    }

    private func measure(
        _ home: ListHome
    ) throws -> (purser: Double, nothing: Double, sqlite: Double?) {
        var purser: [Double] = []
        var nothing: [Double] = []
        var sqlite: [Double] = []
        // The first run only warms up. The three take turns.
        for run in 0...Self.runs {
            let list = try home.list.run()
            let idle = try home.doingNothing.run()
            let shell = try home.shell?.run()
            guard run > 0 else { continue }
            purser.append(list.microseconds / 1000)
            nothing.append(idle.microseconds / 1000)
            if let shell { sqlite.append(shell.microseconds / 1000) }
        }
        return (purser.median, nothing.median, home.shell == nil ? nil : sqlite.median)
    }
}
