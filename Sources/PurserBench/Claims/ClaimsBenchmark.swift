import GRDBSQLite
import Glibc
import PurserCore

/// Durable claims a second through the store, beside what SQLite alone commits of the same rows.
///
/// In every round the store takes claims; then the yardstick writes the very rows that these left,
/// in groups as large as the callers could make them, into a copy that began as the same file.
struct ClaimsBenchmark {
    private static let accounts = 50
    private static let rounds = 7
    private static let cases = [
        (callers: 1, claims: 300), (8, 1_600), (64, 6_400), (256, 12_800),
    ]

    let folder: String

    func run() async throws {
        var table = FigureTable(
            "claims: durable claims a second, \(Self.accounts) accounts, "
                + "median of \(Self.rounds) rounds (aim: at least 0.80 of bare SQLite at 64)",
            columns: [
                "at a time", "budget", "store", "bare SQLite", "ratio", "lowest", "highest",
                "claims a commit",
            ]
        )
        for hasBudget in [true, false] {
            let scratch = try ScratchFolder(in: folder)
            defer { scratch.remove() }
            let home = try await ClaimsHome(
                path: scratch.path + "/home",
                accounts: Self.accounts,
                hasBudget: hasBudget
            )
            let bare = try BareBooks(
                copyOf: home.database,
                at: scratch.path + "/bare.db",
                checkpointAbove: home.checkpointAbove
            )
            for (callers, claims) in Self.cases {
                let figures = try await measure(home, bare, callers: callers, claims: claims)
                table.add(
                    "\(callers)",
                    hasBudget ? "yes" : "no",
                    figures.store.median.shown(0),
                    figures.bare.median.shown(0),
                    figures.ratios.median.shown(2),
                    (figures.ratios.min() ?? .nan).shown(2),
                    (figures.ratios.max() ?? .nan).shown(2),
                    figures.claimsPerCommit.shown(1)
                )
            }
            try bare.assertSameHeads(as: home.database)
            try await home.close()
        }
        table.show()
    }

    private struct Figures {
        var store: [Double] = []
        var bare: [Double] = []
        var ratios: [Double] = []
        var claimsPerCommit = 0.0
    }

    private func measure(
        _ home: ClaimsHome,
        _ bare: BareBooks,
        callers: Int,
        claims: Int
    ) async throws -> Figures {
        var figures = Figures()
        let commits = home.commits
        // The first round only warms up.
        for round in 0...Self.rounds {
            let ours = try await home.claim(claims, callers: callers)
            let rows = try bare.newRows(of: home.database)
            let theirs = try bare.write(rows, claimsPerCommit: callers)
            guard round > 0 else { continue }
            figures.store.append(Double(claims) / ours.microseconds * 1e6)
            figures.bare.append(Double(claims) / theirs.microseconds * 1e6)
            figures.ratios.append(theirs.microseconds / ours.microseconds)
        }
        let total = Double(claims * (Self.rounds + 1))
        figures.claimsPerCommit = total / Double(home.commits - commits)
        return figures
    }
}
