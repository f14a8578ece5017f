import PurserCore
import Testing

@testable import PurserVault

/// Sealed records, and the manifest that says which there are.
struct RecordTests {
    private static let place = RecordAddress(
        table: "submission",
        id: ada.bytes,
        field: "answer",
        version: 3
    )

    @Test func `every altered byte of a note is noticed`() throws {
        let vault = try Desk().vault
        let note = try vault.seal(Array("an answer".utf8), at: Self.place)
        for index in note.sealed.indices {
            for mask in isFullRun ? Array(1...255) : [UInt8(0x01), 0x80, 0xFF] {
                var bytes = note.sealed
                bytes[index] ^= mask
                let altered = SealedRecord(address: note.address, epoch: 1, sealed: bytes)
                guard case .tampered = failure({ try vault.open(altered) }) else {
                    Issue.record("byte \(index) ^ \(mask) was not noticed")
                    continue
                }
            }
        }
        for count in 0..<note.sealed.count {
            let cut = SealedRecord(
                address: note.address,
                epoch: 1,
                sealed: Array(note.sealed.prefix(count))
            )
            #expect(failure { try vault.open(cut) } != nil, "\(count) bytes")
        }
    }

    @Test func `a note opens at its own place only`() throws {
        let vault = try Desk().vault
        let note = try vault.seal([1, 2, 3], at: Self.place)
        #expect(try vault.open(note) == [1, 2, 3])
        let elsewhere = [
            RecordAddress(table: "credential", id: ada.bytes, field: "answer", version: 3),
            RecordAddress(table: "submission", id: ben.bytes, field: "answer", version: 3),
            RecordAddress(table: "submission", id: ada.bytes, field: "token", version: 3),
            RecordAddress(table: "submission", id: ada.bytes, field: "answer", version: 4),
            // The same bytes with another boundary between table and field.
            RecordAddress(table: "submissionx", id: ada.bytes, field: "nswer", version: 3),
        ]
        for address in elsewhere {
            let moved = SealedRecord(address: address, epoch: 1, sealed: note.sealed)
            #expect(
                failure { try vault.open(moved) } == .tampered("\(address.name) does not open")
            )
        }
        let later = SealedRecord(address: Self.place, epoch: 2, sealed: note.sealed)
        #expect(failure { try vault.open(later) } == .earlierEpoch(found: 2, current: 1))
        let other = try Desk("another").vault
        #expect(
            failure { try other.open(note) } == .tampered("\(Self.place.name) does not open")
        )
    }

    @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 262_144])
    func `a note of any size comes back`(size: Int) throws {
        let vault = try Desk().vault
        let answer = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        #expect(try vault.open(vault.seal(answer, at: Self.place)) == answer)
    }

    @Test func `more than a mebibyte is refused`() throws {
        let vault = try Desk().vault
        let large = [UInt8](repeating: 0, count: 1 << 20 + 1)
        guard case .unusable = failure({ try vault.seal(large, at: Self.place) }) else {
            Issue.record("it was sealed")
            return
        }
    }

    @Test func `no row can be deleted, added, doubled, replayed or exchanged`() throws {
        var desk = try Desk()
        try desk.add("token-of-ada", to: ada)
        try desk.add("token-of-ben", to: ben)
        let before = desk.image
        let change = try desk.contents().stageAndPlace(draft("token-of-ada-2"), for: ada, now: noon)
        desk.apply(change.change)
        let image = desk.image
        #expect(failure { try desk.vault.contents(of: image) } == nil)
        #expect(failure { try desk.vault.contents(of: before) } == nil)

        var altered: [VaultImage] = []
        for index in image.records.indices {
            var rows = image.records
            let row = rows.remove(at: index)
            altered.append(image.with(records: rows))
            altered.append(image.with(records: image.records + [row]))
            for other in image.records where other != row {
                rows = image.records
                rows[index] = SealedRecord(
                    address: row.address,
                    epoch: row.epoch,
                    sealed: other.sealed
                )
                altered.append(image.with(records: rows))
                altered.append(
                    image.with(
                        records: image.records.map { $0 == row ? other : $0 == other ? row : $0 }
                    ).with(state: before.state)
                )
            }
            for old in before.records where !image.records.contains(old) {
                rows = image.records
                rows[index] = old
                altered.append(image.with(records: rows))
            }
        }
        altered.append(image.with(records: before.records))
        altered.append(image.with(state: before.state))
        let state = image.state
        for (sequence, epoch, count) in [
            (state.sequence + 1, state.epoch, state.recordCount),
            (state.sequence, 2, state.recordCount), (state.sequence, 1, state.recordCount + 1),
        ] {
            altered.append(
                image.with(
                    state: VaultState(
                        sequence: sequence,
                        epoch: epoch,
                        recordCount: count,
                        mac: state.mac
                    )
                )
            )
        }
        for image in altered {
            guard case .tampered = failure({ try desk.vault.contents(of: image) }) else {
                Issue.record("an altered set of records was accepted")
                continue
            }
        }
    }

    @Test func `an empty state of another vault is not this one's`() throws {
        let desk = try Desk()
        let other = try Desk("another")
        guard
            case .tampered = failure({
                try desk.vault.contents(of: desk.image.with(state: other.image.state))
            })
        else {
            Issue.record("it was accepted")
            return
        }
        #expect(failure { try desk.vault.contents(of: other.image) } == .headerChanged)
    }
}

/// The plaintext of a credential has one spelling.
struct CredentialRecordTests {
    private static let record =
        #"{"v":1,"account":"1c03a0e9364766edc9c2b9a478ea5dba","added_at_ms":1,"expires_at_ms":null,"#
        + #""header_format":"Bearer {token}","header_name":"Authorization","kind":"bearer","#
        + #""origins":["https://a:443"],"token":"ya29.x"}"#

    @Test(arguments: [
        ("1c03a0", "1C03A0"), (":443", ":0443"), (":443", ""), ("https", "HTTPS"),
        ("added_at_ms\":1", "added_at_ms\":01"), ("bearer\"", "Bearer\""), ("}", "} "),
    ])
    func `another spelling of the same is refused`(_ text: String, _ other: String) throws {
        _ = try CredentialRecord(secret(Self.record))
        let changed = Self.record.replacing(text, with: other)
        #expect(changed != Self.record)
        #expect(throws: CanonicalJSON.Misfit.self) {
            let plaintext = try secret(changed)
            _ = try CredentialRecord(plaintext)
        }
    }
}
