package import PurserCore

extension VaultContents {
    /// Opens and reads every record, as no single operation does; what is wrong, record by record.
    package func recordFaults() -> [any Failure] {
        addresses.compactMap { address in
            do {
                try check(address)
                return nil
            } catch {
                return error as? any Failure ?? VaultError.damaged(.record, address.name)
            }
        }
    }

    private func check(_ address: RecordAddress) throws {
        guard let record = records[address] else { return }
        let account = AccountID(bytes: address.id)
        guard address.table == Self.credentialTable, let account else {
            _ = try vault.opened(record)
            return
        }
        if address.field == Self.pointersField {
            // The token in place must be there and open, too.
            _ = try exposure(of: account, current: currentVersion(of: account))
        } else {
            _ = try self.record(of: account, version: address.version)
        }
    }
}
