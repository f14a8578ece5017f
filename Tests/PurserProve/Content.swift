import CStorageProbe

/// A fingerprint of everything in the tables of a home.
struct Content: Hashable {
    private let high: UInt64
    private let low: UInt64

    /// Without `blobs` only their sizes count: two runs of one operation under one seed differ in nothing else.
    init(of folder: String, blobs: Bool = true) throws {
        var (high, low): (UInt64, UInt64) = (0, 0)
        let path = "\(folder)/\(Household.database)"
        let code = probe_digest(path, blobs ? 1 : 0, &high, &low)
        guard code == 0 else { throw ProofError("the content cannot be read: code \(code)") }
        (self.high, self.low) = (high, low)
    }
}
