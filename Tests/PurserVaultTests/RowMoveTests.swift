import PurserCore
import Testing

@testable import PurserVault

/// Who writes the database may swap, delete, double and bring back rows as they like: no such vault opens.
struct RowMoveTests {
    @Test(arguments: 0..<4)
    func `no move among the rows of 20 tokens goes unnoticed`(quarter: Int) throws {
        let history = try History()
        let moves = Array(history.moves())
        #expect(moves.count >= 4000, "\(moves.count) moves")
        for index in stride(from: quarter, to: moves.count, by: 4) {
            let error = failure { try history.vault.contents(of: moves[index]) }
            #expect(error?.kind == .tampered, "move \(index)")
        }
    }

    /// The manifest is one wall; a record's own context is the other.
    @Test func `a record opens nowhere but in its place`() throws {
        let history = try History()
        var moves = 0
        for record in history.image.records {
            for place in history.image.records.map(\.address) where place != record.address {
                let moved = SealedRecord(address: place, epoch: record.epoch, sealed: record.sealed)
                #expect(failure { try history.vault.opened(moved) }?.kind == .tampered)
                moves += 1
            }
        }
        #expect(moves == 40 * 39)
    }

    @Test func `an old vault key opens no record after a rotation`() throws {
        let history = try History()
        let old = history.vault
        let change = try old.contents(of: history.image).rotate(now: noon).change
        let image = history.image.applying(change)
        #expect(image.records.count == 40)
        let opened = image.records.filter { record in
            [UInt32(1), 2].contains { epoch in
                let shifted = SealedRecord(
                    address: record.address,
                    epoch: epoch,
                    sealed: record.sealed
                )
                return (try? old.opened(shifted).count) != nil
            }
        }
        #expect(opened.isEmpty)
        #expect(throws: VaultError.headerChanged) { try old.contents(of: image) }
    }
}

/// A vault of twenty tokens that was rotated token by token, and its rows of before.
private struct History {
    let vault: Vault
    let image: VaultImage
    private let before: VaultImage

    init() throws {
        var desk = try Desk("history")
        let accounts = (1...20).map { AccountID(high: 7, low: $0) }
        for account in accounts { try desk.add("token-\(account.low)", to: account) }
        before = desk.image
        for account in accounts {
            let change = try desk.contents().stageAndPlace(
                draft("fresh-\(account.low)"),
                for: account,
                now: noon
            )
            desk.apply(change.change)
            desk.apply(try desk.contents().purge([1], of: account))
        }
        vault = desk.vault
        image = desk.image
        #expect(image.records.count == 40)
    }

    /// The rows, in one order.
    private var rows: [SealedRecord] { image.records.sorted { $0.address < $1.address } }

    func moves() -> some Sequence<VaultImage> {
        let kinds = [
            swaps(), deletions(), duplicates(), replays(), states(),
        ]
        return kinds.joined()
    }

    private func with(_ records: [SealedRecord], count: Int? = nil) -> VaultImage {
        let state = image.state
        // The count is in clear, so whoever moves rows makes it fit.
        let fitting = VaultState(
            sequence: state.sequence,
            epoch: state.epoch,
            recordCount: UInt64(count ?? records.count),
            mac: state.mac
        )
        return image.with(state: fitting, records: records)
    }

    /// Any two rows exchange their blobs, their ids, their fields or their versions.
    private func swaps() -> [VaultImage] {
        var moved: [VaultImage] = []
        for left in rows.indices {
            for right in rows.indices where right > left {
                let (a, b) = (rows[left], rows[right])
                var pairs = [(a.at(a.address, b.sealed), b.at(b.address, a.sealed))]
                let (x, y) = (a.address, b.address)
                if x.id != y.id {
                    pairs.append(
                        (a.at(x.with(id: y.id), a.sealed), b.at(y.with(id: x.id), b.sealed))
                    )
                }
                if x.field != y.field, x.version != y.version {
                    pairs.append(
                        (
                            a.at(x.with(version: y.version), a.sealed),
                            b.at(y.with(version: x.version), b.sealed)
                        )
                    )
                }
                for (first, second) in pairs {
                    var records = rows
                    records[left] = first
                    records[right] = second
                    // Exchanging whole rows changes nothing: not a move.
                    if Set(records.map(\.key)) != Set(rows.map(\.key)) {
                        moved.append(with(records))
                    }
                }
            }
        }
        return moved
    }

    private func deletions() -> [VaultImage] {
        var moved: [VaultImage] = []
        for left in rows.indices {
            for right in rows.indices where right >= left {
                let kept = rows.enumerated().filter { $0.offset != left && $0.offset != right }
                moved.append(with(kept.map(\.element)))
                if left == right { moved.append(with(kept.map(\.element), count: rows.count)) }
            }
        }
        return moved
    }

    /// A row once more: as it is, at every other row's place, under another version.
    private func duplicates() -> [VaultImage] {
        rows.indices.flatMap { source -> [VaultImage] in
            let row = rows[source]
            let over = rows.indices.filter { $0 != source }.map { place -> VaultImage in
                var records = rows
                records[place] = row.at(rows[place].address, row.sealed)
                return with(records)
            }
            let further = [row.address, row.address.with(version: row.address.version + 7)]
            return over + further.map { with(rows + [row.at($0, row.sealed)]) }
        }
    }

    /// Rows of before: each beside what is there, and in its place.
    private func replays() -> [VaultImage] {
        before.records.flatMap { old -> [VaultImage] in
            let places = rows.indices.filter {
                rows[$0].address.id == old.address.id && rows[$0].address.field == old.address.field
            }
            return [with(rows + [old])]
                + places.flatMap { place -> [VaultImage] in
                    var asItWas = rows
                    asItWas[place] = old
                    var asItIs = rows
                    asItIs[place] = old.at(rows[place].address, old.sealed)
                    return [with(asItWas), with(asItIs)]
                }
        } + [with(before.records)]
    }

    /// The state's row of before, and numbers of another one.
    private func states() -> [VaultImage] {
        let state = image.state
        let numbers: [(UInt64, UInt32)] = [
            (state.sequence + 1, state.epoch), (state.sequence - 1, state.epoch),
            (before.state.sequence, state.epoch), (state.sequence, state.epoch + 1),
        ]
        return [image.with(state: before.state)]
            + numbers.map { sequence, epoch in
                image.with(
                    state: VaultState(
                        sequence: sequence,
                        epoch: epoch,
                        recordCount: state.recordCount,
                        mac: state.mac
                    )
                )
            }
    }
}

extension SealedRecord {
    fileprivate func at(_ address: RecordAddress, _ sealed: [UInt8]) -> SealedRecord {
        SealedRecord(address: address, epoch: epoch, sealed: sealed)
    }

    fileprivate var key: [UInt8] { address.encoded + sealed }
}

extension RecordAddress {
    fileprivate func with(id: [UInt8]? = nil, version: UInt64? = nil) -> RecordAddress {
        RecordAddress(
            table: table,
            id: id ?? self.id,
            field: field,
            version: version ?? self.version
        )
    }
}
