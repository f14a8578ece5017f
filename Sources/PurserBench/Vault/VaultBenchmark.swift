import PurserCore
import PurserStore
import PurserVault

/// What the vault costs: sealing, opening, unlocking, and a new vault key for ten thousand tokens.
///
/// The yardstick of sealing and opening is one HMAC-SHA-256 of as many bytes, by the same library; that of the rotation,
/// sealing and opening as many notes, one by one.
struct VaultBenchmark {
    private static let tokens = 10_000
    private static let notes = 2_000
    private static let rounds = 7
    /// As long as the tokens that the service gives out.
    private static let note = [UInt8](repeating: 0x61, count: 300)

    let folder: String

    func run() async throws {
        let scratch = try ScratchFolder(in: folder)
        defer { scratch.remove() }
        var home = try await VaultHome(path: scratch.path + "/home")
        try showSealing(home)
        try await showUnlocking(home, tokens: 0)
        try await home.add(Self.tokens)
        try await showUnlocking(home, tokens: Self.tokens)
        try await showRotation(&home)
        try await home.close()
    }

    // MARK: Sealing

    private func showSealing(_ home: VaultHome) throws {
        let vault = home.vault
        let addresses = try (0..<Self.notes).map { _ in try home.address() }
        var sealing: [Double] = []
        var opening: [Double] = []
        var hashing: [Double] = []
        for _ in 0...Self.rounds {
            var sealed: [SealedRecord] = []
            sealing.append(
                try Self.microseconds(each: Self.notes) {
                    sealed = try addresses.map { try vault.seal(Self.note, at: $0) }
                }
            )
            var opened = 0
            opening.append(
                try Self.microseconds(each: Self.notes) {
                    for note in sealed { opened += try vault.open(note).count }
                }
            )
            guard opened == Self.notes * Self.note.count else {
                throw BenchmarkError("the notes did not open")
            }
            var codes: Set<[UInt8]> = []
            hashing.append(
                Self.microseconds(each: Self.notes) {
                    for _ in addresses { codes.insert(vault.ledgerMAC(Self.note)) }
                }
            )
            guard codes.count == 1 else { throw BenchmarkError("one text has several codes") }
        }
        // The first round only warms up.
        let yardstick = Array(hashing.dropFirst()).median
        var table = FigureTable(
            "vault: microseconds a record of \(Self.note.count) bytes, "
                + "median of \(Self.rounds) rounds of \(Self.notes)",
            columns: ["", "takes", "one HMAC-SHA-256", "ratio"]
        )
        for (name, figures) in [("seal", sealing), ("open", opening)] {
            let median = Array(figures.dropFirst()).median
            table.add(name, median.shown(2), yardstick.shown(2), (median / yardstick).shown(1))
        }
        table.show()
    }

    // MARK: Unlocking

    /// Slot, header, chain and manifest, from an image that was read before.
    private func showUnlocking(_ home: VaultHome, tokens: Int) async throws {
        let image = try await home.image()
        var unlocking: [Double] = []
        var checking: [Double] = []
        var hashing: [Double] = []
        for _ in 0...Self.rounds {
            var opened: Vault?
            unlocking.append(try Self.microseconds(each: 1) { opened = try home.unlock(image) })
            guard let opened else { throw BenchmarkError("the vault did not open") }
            checking.append(try Self.microseconds(each: 1) { _ = try opened.contents(of: image) })
            let bytes = image.records.flatMap(\.sealed)
            hashing.append(Self.microseconds(each: 1) { _ = Digest.sha256(bytes) })
        }
        var table = FigureTable(
            "vault: milliseconds to open with a key file, median of \(Self.rounds) rounds",
            columns: ["tokens", "header", "manifest", "SHA-256 of the records"]
        )
        table.add(
            tokens.grouped,
            (Array(unlocking.dropFirst()).median / 1000).shown(2),
            (Array(checking.dropFirst()).median / 1000).shown(2),
            (Array(hashing.dropFirst()).median / 1000).shown(2)
        )
        table.show()
    }

    // MARK: Rotating

    private func showRotation(_ home: inout VaultHome) async throws {
        var computing: [Double] = []
        var writing: [Double] = []
        var yardstick: [Double] = []
        for _ in 0..<3 {
            let contents = try await home.contents()
            yardstick.append(
                try Self.microseconds(each: 1) { try home.resealEach(contents) } / 1000
            )
            let rotation = try await home.rotate(contents)
            computing.append(rotation.computing.microseconds / 1000)
            writing.append(rotation.writing.microseconds / 1000)
        }
        var table = FigureTable(
            "vault: milliseconds for a new vault key with \(Self.tokens.grouped) tokens, median of 3",
            columns: ["computing", "writing, durable", "sealing and opening as many", "ratio"]
        )
        let whole = computing.median + writing.median
        table.add(
            computing.median.shown(0),
            writing.median.shown(0),
            yardstick.median.shown(0),
            (whole / yardstick.median).shown(2)
        )
        table.show()
    }

    private static func microseconds(each count: Int, _ work: () throws -> Void) rethrows -> Double
    {
        let begun = ContinuousClock.now
        try work()
        return (ContinuousClock.now - begun).microseconds / Double(count)
    }
}
