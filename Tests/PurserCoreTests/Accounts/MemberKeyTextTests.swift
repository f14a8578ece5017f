import PurserCore
import PurserTestSupport
import Testing

struct MemberKeyTextTests {
    private func key(_ seed: UInt64) throws -> MemberKeyText {
        var generator = SplitMix(state: seed)
        let bytes = (0..<MemberKeyText.randomBytes).map { _ in
            UInt8(truncatingIfNeeded: generator.next() >> 24)
        }
        return try #require(MemberKeyText(random: bytes))
    }

    @Test func `a key has a prefix, an id, 256 bits and a checksum`() throws {
        let random = (0..<UInt8(MemberKeyText.randomBytes)).map { $0 &* 7 }
        let key = try #require(MemberKeyText(random: random))
        let text = String(decoding: key.text, as: UTF8.self)
        #expect(text.count == 63)
        #expect(text.split(separator: "_").map(\.count) == [3, 8, 43, 6])
        #expect(key.secret == Array(random.suffix(32)))
        #expect(MemberKeyText(random: Array(random.dropLast())) == nil)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `what is written is read again`(_ seed: UInt64) throws {
        let key = try key(seed)
        let read = try #require(MemberKeyText(String(decoding: key.text, as: UTF8.self)))
        #expect(read.id == key.id)
        #expect(read.secret == key.secret)
    }

    @Test func `the extremes have the same width`() throws {
        for byte in [UInt8.min, .max] {
            let bytes = [UInt8](repeating: byte, count: MemberKeyText.randomBytes)
            let key = try #require(MemberKeyText(random: bytes))
            let text = String(decoding: key.text, as: UTF8.self)
            #expect(text.utf8.count == 63)
            #expect(MemberKeyText(text)?.secret == key.secret)
        }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `no change of one character is read`(_ seed: UInt64) throws {
        let text = try key(seed).text
        for index in text.indices {
            for byte in UInt8.min...UInt8.max where byte != text[index] {
                var changed = text
                changed[index] = byte
                #expect(MemberKeyText(String(decoding: changed, as: UTF8.self)) == nil)
            }
            var shorter = text
            shorter.remove(at: index)
            #expect(MemberKeyText(String(decoding: shorter, as: UTF8.self)) == nil)
        }
    }

    @Test(
        arguments: [
            "", "psr", "psr___", "psr_AAAAAAAA__", " ",
            // The secret is 2^256.
            "psr_AAAAAAAA_" + String(repeating: "z", count: 43) + "_000000",
        ]
    )
    func `other texts are no keys`(_ text: String) {
        #expect(MemberKeyText(text) == nil)
        #expect(MemberKeyText(text + "\n") == nil)
    }
}
