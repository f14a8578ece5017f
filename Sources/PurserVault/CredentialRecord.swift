import PurserCore
import Synchronization

/// The plaintext of a credential's record: one canonical JSON object, keys sorted, no spaces.
///
/// The token stands last, so that writing and reading it goes from locked memory to locked memory and no
/// JSON library makes a copy. Version 2 has the mark of an exposed token, version 3 a command too; what has
/// neither is written as it always was.
struct CredentialRecord: ~Copyable {
    let account: AccountID
    let addedAt: Timestamp
    let command: String?
    let expiresAt: Timestamp?
    /// Since when somebody who could read the token should not know it any more.
    let exposedAt: Timestamp?
    let headerFormat: String
    let headerName: String
    let kind: CredentialKind
    let origins: [Origin]
    let token: Secret

    static func encode(
        _ draft: borrowing CredentialDraft,
        account: AccountID,
        addedAt: Timestamp,
        exposedAt: Timestamp? = nil
    ) throws -> Secret {
        let origins = draft.origins.map { CanonicalJSON.string($0.description) }
        let version = draft.command == nil ? exposedAt == nil ? 1 : 2 : 3
        let exposure = exposedAt.map { String($0.milliseconds) } ?? (version == 3 ? "null" : nil)
        let open =
            "{\"v\":\(version),\"account\":\"\(account)\",\"added_at_ms\":\(addedAt.milliseconds)"
            + (draft.command.map { ",\"command\":\(CanonicalJSON.string($0))" } ?? "")
            + ",\"expires_at_ms\":\(draft.expiresAt.map { String($0.milliseconds) } ?? "null")"
            + (exposure.map { ",\"exposed_at_ms\":\($0)" } ?? "")
            + ",\"header_format\":\(CanonicalJSON.string(draft.headerFormat))"
            + ",\"header_name\":\(CanonicalJSON.string(draft.headerName))"
            + ",\"kind\":\"\(draft.kind.rawValue)\",\"origins\":[\(origins.joined(separator: ","))]"
            + ",\"token\":\""
        return try unsafe draft.token.withBytes { token in
            let capacity = open.utf8.count + 2 * token.count + 2
            return try unsafe Secret(capacity: capacity) { buffer in
                var count = 0
                func put(_ byte: UInt8) {
                    unsafe buffer[count] = byte
                    count += 1
                }
                for byte in open.utf8 { put(byte) }
                for index in 0..<token.count {
                    let byte = unsafe token[index]
                    if CanonicalJSON.isEscaped(byte) { put(UInt8(ascii: "\\")) }
                    put(byte)
                }
                put(UInt8(ascii: "\""))
                put(UInt8(ascii: "}"))
                return count
            }
        }
    }

    /// The same credential, to be sealed again.
    consuming func draft() throws -> CredentialDraft {
        try CredentialDraft(
            kind: kind,
            token: token,
            origins: origins,
            headerName: headerName,
            headerFormat: headerFormat,
            expiresAt: expiresAt,
            command: command
        )
    }

    /// Reads exactly what `encode` writes.
    init(_ plaintext: borrowing Secret) throws {
        self = try unsafe plaintext.withBytes { bytes in try unsafe CredentialRecord(bytes) }
    }

    private init(_ bytes: UnsafeRawBufferPointer) throws {
        var json = unsafe CanonicalJSON(bytes)
        var version = 1
        if json.skip("{\"v\":2,") {
            version = 2
        } else if json.skip("{\"v\":3,") {
            version = 3
        } else {
            try json.expect("{\"v\":1,")
        }
        try json.expect("\"account\":")
        let id = try json.string()
        guard let account = AccountID(id), account.description == id else {
            throw CanonicalJSON.Misfit()
        }
        try json.expect(",\"added_at_ms\":")
        let addedAt = Timestamp(milliseconds: try json.integer())
        var command: String?
        if version == 3 {
            try json.expect(",\"command\":")
            command = try json.string()
        }
        try json.expect(",\"expires_at_ms\":")
        let expiresAt = try json.optional { json throws(CanonicalJSON.Misfit) in
            Timestamp(milliseconds: try json.integer())
        }
        var exposedAt: Timestamp?
        if version > 1 {
            try json.expect(",\"exposed_at_ms\":")
            exposedAt = try json.optional { json throws(CanonicalJSON.Misfit) in
                Timestamp(milliseconds: try json.integer())
            }
            // One spelling each: without a mark and a command a record is of version 1.
            guard version == 3 || exposedAt != nil else { throw CanonicalJSON.Misfit() }
        }
        try json.expect(",\"header_format\":")
        let headerFormat = try json.string()
        try json.expect(",\"header_name\":")
        let headerName = try json.string()
        try json.expect(",\"kind\":")
        guard let kind = CredentialKind(rawValue: try json.string()) else {
            throw CanonicalJSON.Misfit()
        }
        try json.expect(",\"origins\":[")
        var origins: [Origin] = []
        repeat {
            let text = try json.string()
            guard let origin = Origin(text), origin.description == text else {
                throw CanonicalJSON.Misfit()
            }
            origins.append(origin)
        } while json.skip(",")
        try json.expect("],\"token\":")
        let token = try json.secret()
        try json.expect("}")
        guard json.isAtEnd else { throw CanonicalJSON.Misfit() }
        self.account = account
        self.addedAt = addedAt
        self.command = command
        self.expiresAt = expiresAt
        self.exposedAt = exposedAt
        self.headerFormat = headerFormat
        self.headerName = headerName
        self.kind = kind
        self.origins = origins
        self.token = token
    }
}

/// Which version of an account's credential is which: sealed as well, so that who can write the database
/// cannot put an old token back in place.
struct CredentialPointers: Equatable {
    var current: UInt64
    /// The highest number ever given; none is given twice.
    var latest: UInt64
    var previous: UInt64?
    var staged: UInt64?

    init(current: UInt64) {
        self.current = current
        latest = current
    }

    var encoded: [UInt8] {
        func text(_ number: UInt64?) -> String { number.map(String.init) ?? "null" }
        return Array(
            "{\"current\":\(current),\"latest\":\(latest),\"previous\":\(text(previous)),\"staged\":\(text(staged))}"
                .utf8
        )
    }

    /// Reads exactly what `encoded` writes.
    init(_ plaintext: borrowing Secret) throws {
        self = try unsafe plaintext.withBytes { bytes in
            var json = unsafe CanonicalJSON(bytes)
            return try CredentialPointers(from: &json)
        }
    }

    private init(from json: inout CanonicalJSON) throws(CanonicalJSON.Misfit) {
        try json.expect("{\"current\":")
        current = try json.integer()
        try json.expect(",\"latest\":")
        latest = try json.integer()
        try json.expect(",\"previous\":")
        previous = try json.optional { json throws(CanonicalJSON.Misfit) in try json.integer() }
        try json.expect(",\"staged\":")
        staged = try json.optional { json throws(CanonicalJSON.Misfit) in try json.integer() }
        try json.expect("}")
        guard json.isAtEnd else { throw CanonicalJSON.Misfit() }
    }

    func state(of version: UInt64) -> CredentialVersion.State {
        switch version {
        case current: .current
        case staged: .staged
        case previous: .previous
        default: .retired
        }
    }
}

/// The pointers of one state of the vault that were opened; they are no secret.
final class KnownPointers: Sendable {
    private let known = Mutex<[AccountID: CredentialPointers]>([:])

    func of(
        _ account: AccountID,
        open: () throws -> CredentialPointers
    ) throws -> CredentialPointers {
        if let pointers = known.withLock({ $0[account] }) { return pointers }
        let pointers = try open()
        known.withLock { $0[account] = pointers }
        return pointers
    }
}
