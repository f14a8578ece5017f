import PurserCore

/// Takes an upload as it comes: what must be read stays in memory, the image goes to a file.
struct UploadIntake: ~Copyable {
    private let folder: String
    private let place: Admission.Place
    private var sieve: PayloadSieve
    private var file: BodyFile?
    /// What goes to the file next.
    private var aside: [UInt8] = []
    private var written = 0

    /// A file is made in `folder` when there is something for it; what is taken counts in `place`.
    init(in folder: String, place: Admission.Place, sieve: PayloadSieve = PayloadSieve()) {
        self.folder = folder
        self.place = place
        self.sieve = sieve
    }

    /// - Throws: ``Problem`` where there is no room in memory or on the disk.
    mutating func take(_ part: [UInt8]) async throws {
        try place.reserve(.memory, sieve.bytes.count + aside.count + part.count)
        sieve.take(part, aside: &aside)
        if aside.count >= Self.portion { try await put() }
    }

    consuming func payload() async throws -> Payload {
        try await put()
        return sieve.payload(in: file)
    }

    private mutating func put() async throws {
        guard !aside.isEmpty else { return }
        try place.reserve(.disk, written + aside.count)
        let file = try file ?? BodyFile(in: folder)
        self.file = file
        try await file.write(aside, at: written)
        written += aside.count
        aside.removeAll(keepingCapacity: true)
    }

    /// How much is written at a time.
    private static let portion = 128 << 10
}
