import PurserCore

/// Authenticates which records exist: no row can be deleted, replayed, mixed in or exchanged.
enum Manifest {
    /// The code over all records; `records` need not be sorted.
    static func mac(
        of records: [SealedRecord],
        sequence: UInt64,
        epoch: UInt32,
        vaultID: [UInt8],
        key: borrowing Secret
    ) -> [UInt8] {
        var message = Array("purser/v1/manifest\0".utf8)
        message.reserveCapacity(64 + records.count * 112)
        message += vaultID + epoch.bytes + sequence.bytes + UInt64(records.count).bytes
        for record in records.sorted(by: { $0.address < $1.address }) {
            message += record.address.encoded
            message += OpenSSL.sha256(record.sealed)
        }
        return OpenSSL.hmac(.sha256, key: key, message)
    }
}

extension RecordAddress {
    static let lengths = 1...255

    /// `len || table || id || len || field || version`: no two addresses share an encoding.
    var encoded: [UInt8] {
        let table = Array(table.utf8)
        let field = Array(field.utf8)
        return [UInt8(table.count)] + table + id + [UInt8(field.count)] + field + version.bytes
    }

    func checkShape() throws(VaultError) {
        guard Self.lengths.contains(table.utf8.count), Self.lengths.contains(field.utf8.count),
            id.count == 16
        else { throw .damaged(.record, "an address of an impossible shape") }
    }

    /// What a record is sealed for: it opens nowhere else.
    func context(vaultID: [UInt8], epoch: UInt32) -> [UInt8] {
        Array("purser/v1/record\0".utf8) + vaultID + epoch.bytes + encoded
    }
}
