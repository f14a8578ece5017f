import PurserCore
import Testing

@testable import PurserVault

/// The command that is sealed with a token.
struct TokenCommandRecordTests {
    private func draft(_ command: String?) throws -> CredentialDraft {
        try CredentialDraft(
            token: secret("a-token"),
            origins: [Origin(scheme: "https", host: "example.test", port: 443)],
            command: command
        )
    }

    @Test(arguments: [nil, "pass show purser/ultra-1", #"printf '%s' "a\"b\\c""#, "échos 令牌"])
    func `a command is read as it was sealed`(_ command: String?) throws {
        let plaintext = try CredentialRecord.encode(
            try draft(command),
            account: ada,
            addedAt: Timestamp(milliseconds: 1)
        )
        let record = try CredentialRecord(plaintext)
        #expect(record.command == command)
        let version = plaintext.withBytes { String(decoding: $0.prefix(6), as: UTF8.self) }
        #expect(version == (command == nil ? "{\"v\":1" : "{\"v\":3"))
    }

    @Test(arguments: ["", "a\nb", "a\u{0}b", "a\u{85}b", String(repeating: "x", count: 4097)])
    func `what is no single line is refused`(_ command: String) throws {
        #expect(throws: VaultError.self) { _ = try draft(command) }
    }

    @Test(arguments: [
        #"{"v":2,"account":"ACCOUNT","added_at_ms":1,"expires_at_ms":null,"#,
        #"{"v":1,"account":"ACCOUNT","added_at_ms":1,"command":"x","expires_at_ms":null,"#,
        #"{"v":2,"account":"ACCOUNT","added_at_ms":1,"command":null,"expires_at_ms":null,"#,
        #"{"v":3,"account":"ACCOUNT","added_at_ms":1,"command":"x","expires_at_ms":null,"#,
    ])
    func `a record of another shape is damage`(_ start: String) throws {
        let rest =
            #""header_format":"Bearer {token}","header_name":"Authorization","kind":"bearer","origins":["https://example.test:443"],"token":"t"}"#
        let text = start.replacing("ACCOUNT", with: ada.description) + rest
        #expect(throws: (any Error).self) {
            _ = try CredentialRecord(try Secret(copying: Array(text.utf8)))
        }
    }
}
