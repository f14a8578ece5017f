import Testing

@testable import PurserCore

/// What went aside, in memory.
private final class AsideBytes: PayloadFile {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func read(_ range: Range<Int>) async throws -> [UInt8] { Array(bytes[range]) }
}

private func sifted(_ parts: [ArraySlice<UInt8>], run: Int) -> Payload {
    var sieve = PayloadSieve(longestRun: run)
    var aside: [UInt8] = []
    for part in parts { sieve.take(Array(part), aside: &aside) }
    return sieve.payload(in: AsideBytes(aside))
}

private func sifted(_ body: [UInt8], run: Int) -> Payload { sifted([body[...]], run: run) }

extension Payload {
    fileprivate func whole(in size: Int = .max) async throws -> [UInt8] {
        var whole: [UInt8] = []
        while whole.count < count {
            whole += try await part(from: whole.count, upTo: min(size, count))
        }
        return whole
    }

    fileprivate var aside: [UInt8] { (file as? AsideBytes)?.bytes ?? [] }
}

private let upload = ProviderCall.upload(path: "flow/uploadImage")

private func parsed(_ payload: Payload) -> Result<RequestBody, RequestBodyError> {
    Result { () throws(RequestBodyError) in try RequestBody.parse(payload, for: upload) }
}

struct PayloadSieveTests {
    @Test func `however a body is cut as it arrives, it is parted alike and whole again`()
        async throws
    {
        let image = String(repeating: #"aB3+\/9Q"#, count: 6)
        let body = Array(
            #"{"a\u00e9":"\#(image)é\u12aF\#(image)\"\\","x":[1,"\#(image)"]}"#.utf8
        )
        let once = sifted(body, run: 8)
        #expect(once.holes.count == 3)
        #expect(try await once.whole() == body)
        for first in body.indices {
            for second in stride(from: first, to: body.count, by: 7) {
                let parts = [body[..<first], body[first..<second], body[second...]]
                let again = sifted(parts, run: 8)
                #expect(again.bytes == once.bytes && again.holes == once.holes)
                #expect(again.aside == once.aside)
            }
        }
        let single = sifted(body.map { [$0][...] }, run: 8)
        #expect(single.bytes == once.bytes && single.holes == once.holes)
        for size in [1, 2, 7, 31] { #expect(try await once.whole(in: size) == body) }
    }

    @Test func `an image goes aside, and what is left is small`() async throws {
        let image = String(repeating: #"iVBORw0KGgo\/"#, count: 100_000)
        let body = Array(#"{"imageBytes":"\#(image)","clientContext":{"projectId":"old"}}"#.utf8)
        let payload = sifted(body, run: PayloadSieve.longestRun)
        #expect(payload.bytes.count < PayloadSieve.longestRun + 100)
        #expect(payload.count == body.count)
        let sent = try RequestBody.parse(payload, for: upload)
            .rewritten(tier: .ultra, modelKeys: [], projectID: "a longer one")
        let expected = try RequestBody.parse(body, for: upload)
            .rewritten(tier: .ultra, modelKeys: [], projectID: "a longer one")
        #expect(!sent.isWhole)
        #expect(try await sent.whole(in: 100_000) == expected.bytes)
    }

    @Test func `names must be in memory, and errors name their place in the whole body`() throws {
        let long = String(repeating: "a", count: 100)
        for (body, column) in [
            (#"{"\#(long)":1}"#, 2),
            (#"{"clientContext":{"projectId":"\#(long)"}}"#, 31),
        ] {
            #expect(throws: RequestBodyError(.tooLong, line: 1, column: column, path: "")) {
                do throws(RequestBodyError) {
                    _ = try RequestBody.parse(sifted(Array(body.utf8), run: 64), for: upload)
                } catch {
                    throw RequestBodyError(
                        error.problem,
                        line: error.line,
                        column: error.column,
                        path: ""
                    )
                }
            }
        }
        #expect(throws: RequestBodyError(.badEscape, line: 2, column: 106, path: "x")) {
            try RequestBody.parse(
                sifted(Array("{\n\"x\":\"\(long)\\x\"}".utf8), run: 64),
                for: upload
            )
        }
    }

    /// The whole parser is the oracle.
    @Test(arguments: 1...40) func `a parted body is judged as the whole one`(
        seed: UInt64
    )
        async throws
    {
        var random = SplitMix(state: seed)
        for _ in 0..<100 {
            let body = randomBody(&random)
            let run = [8, 24, 64].randomElement(using: &random) ?? 8
            let payload = sifted(body, run: run)
            #expect(try await payload.whole() == body)
            let whole = parsed(Payload(body))
            switch (whole, parsed(payload)) {
            case (.success(let whole), .success(let parted)):
                #expect(parted.elements.map(\.modelKey) == whole.elements.map(\.modelKey))
                #expect(parted.mediaIDs == whole.mediaIDs)
                #expect(parted.tierName == whole.tierName && parted.projectID == whole.projectID)
                let keys = whole.elements.map { "key-\($0.index)" }
                let sent = parted.rewritten(tier: .ultra, modelKeys: keys, projectID: "new")
                #expect(
                    try await sent.whole(in: 16)
                        == whole.rewritten(tier: .ultra, modelKeys: keys, projectID: "new").bytes
                )
            case (.failure(let whole), .failure(let parted)):
                #expect(parted == whole || parted.problem == .tooLong, "\(seed)")
            case (.success, .failure(let parted)): #expect(parted.problem == .tooLong, "\(seed)")
            case (.failure(let whole), .success): Issue.record("\(seed): \(whole)")
            }
        }
    }
}

/// Bodies of uploads with long strings, and mistakes in some.
private func randomBody(_ random: inout SplitMix) -> [UInt8] {
    func text(_ random: inout SplitMix) -> String {
        let pieces = [
            "plain and long enough to go aside, surely so", "é", "\\u00e9", "\\/", "\\\"", "\\\\",
            "a", "0123456789abcdef",
        ]
        return (0..<Int.random(in: 0...8, using: &random))
            .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }
    var members = [
        "\"imageBytes\":\"\(text(&random))\"", "\"note\":[\"\(text(&random))\",{},-1.5e3]",
        "\"clientContext\":{\"projectId\":\"p\",\"userPaygateTier\":\"X\"}",
        "\"requests\":[{\"videoModelKey\":\"k\",\"startImage\":{\"mediaId\":\"m\"}}]",
        "\"\(text(&random))\":null",
    ]
    members.shuffle(using: &random)
    let space = ["", " ", "\n"].randomElement(using: &random) ?? ""
    let kept = members.prefix(Int.random(in: 0...5, using: &random))
    var body = Array("{\(space)\(kept.joined(separator: ",\(space)"))}".utf8)
    if Bool.random(using: &random) {
        let mistakes: [UInt8] = [0, 0x0A, 0x1F, 0x22, 0x5C, 0x7B, 0x7F, 0x80, 0xC3, 0xFF, 0x75]
        let place = Int.random(in: body.indices, using: &random)
        body[place] = mistakes.randomElement(using: &random) ?? 0
    }
    return body
}
