import PurserCore
import PurserTestSupport
import PurserVault
import Testing

@testable import PurserEngine

/// An answer kept for repeats lies beside its status and content type in clear, and is sealed with them.
struct StoredAnswerTests {
    private let id = AnswerPlace.submission(SubmissionID(high: 1, low: 2))
    private let answer = ProviderAnswer(
        status: 200,
        contentType: "application/json",
        body: Array(#"{"remainingCredits": 680}"#.utf8)
    )

    @Test func `an answer can be deleted but not bent, moved or passed off`() async throws {
        try await withEngine { home in
            let vault = home.engine.keyring.vault
            let sealed = try Keyring.seal(answer, of: id, with: vault)
            #expect(try Keyring.open(sealed, of: id, with: vault) == answer)
            var flipped = sealed.sealed
            flipped[flipped.count - 1] ^= 1
            let bent = [
                changed(sealed, status: 500), changed(sealed, contentType: "text/html"),
                changed(sealed, contentType: .some(nil)), changed(sealed, sealed: flipped),
            ]
            for other in bent {
                #expect(throws: VaultError.self) { try Keyring.open(other, of: id, with: vault) }
            }
            let elsewhere = AnswerPlace.submission(SubmissionID(high: 1, low: 3))
            #expect(throws: VaultError.self) {
                try Keyring.open(sealed, of: elsewhere, with: vault)
            }
        }
    }

    @Test func `an answer that does not open stays, and stops no rotation`() async throws {
        try await withEngine { home in
            let contents = try await home.engine.keyring.contents()
            let next = try contents.rotate(now: home.clock.now).vault
            let sealed = try Keyring.seal(answer, of: id, with: contents.vault)
            let bent = changed(sealed, status: 201)
            #expect(Keyring.resealed(id, bent, contents.vault, next) == nil)
            let anew = try #require(Keyring.resealed(id, sealed, contents.vault, next))
            #expect(anew.epoch == 2)
            #expect(try Keyring.open(anew, of: id, with: next) == answer)
            #expect(throws: VaultError.self) { try Keyring.open(sealed, of: id, with: next) }
        }
    }

    private func changed(
        _ answer: SealedAnswer,
        status: Int? = nil,
        contentType: String?? = nil,
        sealed: [UInt8]? = nil
    ) -> SealedAnswer {
        SealedAnswer(
            status: status ?? answer.status,
            contentType: contentType ?? answer.contentType,
            epoch: answer.epoch,
            sealed: sealed ?? answer.sealed
        )
    }
}
