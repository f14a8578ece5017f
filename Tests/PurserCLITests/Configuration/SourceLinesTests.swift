import Testing

@testable import PurserCLI

struct SourceLinesTests {
    private func line(_ path: SourceLines.Step..., in text: String) -> Int {
        SourceLines(text.utf8).line(of: path)
    }

    @Test func `keys and tables stand where they are first named`() {
        let text = "a = 1\n\n[t] # comment\nb = 2\n[t.u]\nc = 3\n"
        #expect(line(.key("a"), in: text) == 1)
        #expect(line(.key("t"), in: text) == 3)
        #expect(line(.key("t"), .key("b"), in: text) == 4)
        #expect(line(.key("t"), .key("u"), .key("c"), in: text) == 6)
    }

    @Test func `what is not there stands where its table does`() {
        #expect(line(.key("t"), .key("missing"), in: "\n[t]\na = 1\n") == 2)
        #expect(line(.key("missing"), in: "\na = 1\n") == 1)
    }

    @Test func `tables of an array are counted, and their subtables belong to the last`() {
        let text = "[[m]]\nid = 1\n[m.ultra]\nk = 1\n[[m]]\n[m.ultra]\nk = 2\n"
        #expect(line(.key("m"), .index(0), .key("ultra"), .key("k"), in: text) == 4)
        #expect(line(.key("m"), .index(1), in: text) == 5)
        #expect(line(.key("m"), .index(1), .key("ultra"), .key("k"), in: text) == 7)
    }

    @Test func `inline tables and lists give places of their own`() {
        let text = "m = [\n  { a = 1 }, # [\n  { a = 2, b = { c = [1,\n 2] } },\n]\nz = 1\n"
        #expect(line(.key("m"), .index(1), in: text) == 3)
        #expect(line(.key("m"), .index(1), .key("b"), .key("c"), in: text) == 3)
        #expect(line(.key("m"), .index(1), .key("b"), .key("c"), .index(1), in: text) == 4)
        #expect(line(.key("z"), in: text) == 6)
    }

    @Test func `dotted and quoted keys are followed`() {
        let text = "a . \"b.c\" . 'd' = 1\n[\"x\\u0041\".y]\nz = 2\n"
        #expect(line(.key("a"), .key("b.c"), .key("d"), in: text) == 1)
        #expect(line(.key("xA"), .key("y"), .key("z"), in: text) == 3)
    }

    @Test func `nothing inside a string is taken for a key`() {
        let text = #"""
            a = """
            [t]
            b = 1 \""" # """"
            c = '''
            d = 2 '''''
            e = "x \" # [u]" # y = 3
            f = 1979-05-27 07:32:00
            g = 1
            """#
        #expect(line(.key("c"), in: text) == 4)
        #expect(line(.key("e"), in: text) == 6)
        #expect(line(.key("g"), in: text) == 8)
        #expect(line(.key("t"), in: text) == 1)
    }

    @Test func `carriage returns and a byte order mark change no line`() {
        let text = "\u{FEFF}a = 1\r\n[t]\r\nb = 2\r\n"
        #expect(line(.key("a"), in: text) == 1)
        #expect(line(.key("t"), .key("b"), in: text) == 3)
    }

    @Test func `an escaped NUL is found, an escaped backslash is none`() {
        #expect(SourceLines("a = 1\nb = \"x\\u0000\"\n".utf8).escapedNUL == 2)
        #expect(SourceLines("b = \"\\U00000000\"\n".utf8).escapedNUL == 1)
        #expect(SourceLines("b = \"x\\\\u0000\"\nc = '\\u0000'\n".utf8).escapedNUL == nil)
    }

    @Test func `any bytes at all end the scan`() {
        var generator = SplitMix(state: 7)
        let letters = Array("[]{}=\"'.,#\\\n u0a".utf8)
        for _ in 0..<2000 {
            let text = (0..<40).map { _ in letters[Int(generator.next() % UInt64(letters.count))] }
            _ = SourceLines(text)
        }
    }

    @Test func `beyond what any setting nests, places are not kept`() {
        let text = "[a.b.c.d.e.f.g.h]\ni = 1\n[t]\nc = 1\n"
        #expect(line(.key("t"), .key("c"), in: text) == 4)
        #expect(SourceLines(text.utf8).tooDeep == nil)
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
