import PurserCore
import Testing

struct IdentifierTests {
    private static let text = "00112233445566778899aabbccddeeff"

    @Test func `an id is read as it is written`() {
        #expect(JobID(Self.text)?.description == Self.text)
    }

    @Test(arguments: [
        "", "0011", text + "0", text.uppercased(), "+" + text.dropFirst(),
        String(text.prefix(16)) + "-" + String(repeating: "0", count: 15),
        "０" + text.dropFirst(3), text.dropLast() + "g",
    ])
    func `an id has one spelling`(_ text: String) {
        #expect(JobID(text) == nil)
    }
}
