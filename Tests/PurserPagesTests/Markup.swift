/// A reader of the HTML that pages are, strict where browsers forgive: every element is closed in order, every
/// attribute is named once and quoted, and no `&` or `<` stands for itself.
struct Markup {
    struct Element: Equatable {
        let name: String
        /// In order, with values as they are written.
        let attributes: [(name: String, value: String)]

        static func == (a: Element, b: Element) -> Bool {
            a.name == b.name && a.attributes.map(\.name) == b.attributes.map(\.name)
        }

        subscript(name: String) -> String? { attributes.first { $0.name == name }?.value }
    }

    struct Defect: Error, CustomStringConvertible {
        let description: String
    }

    /// In order of their beginning.
    private(set) var elements: [Element] = []
    /// The text between tags, as it is written.
    private(set) var text = ""

    private static let void: Set<String> = ["meta", "link", "input", "br", "hr", "img"]

    private var rest: Substring.UnicodeScalarView
    private var open: [String] = []

    init(_ html: String) throws {
        rest = Substring(html).unicodeScalars
        if html.hasPrefix("<!doctype html>") { rest = rest.dropFirst(15) }
        while let scalar = rest.first {
            if scalar == "<" { try tag() } else { try content() }
        }
        guard open.isEmpty else { throw Defect(description: "not closed: \(open)") }
    }

    private mutating func content() throws {
        // A style sheet of our own holds what HTML does not read.
        let isRaw = open.last == "style"
        let piece = rest.prefix { $0 != "<" }
        rest = rest[piece.endIndex...]
        if !isRaw { try check(piece) }
        if piece.contains(where: { $0 == ">" }), !isRaw { throw Defect(description: "a bare >") }
        text += String(piece)
    }

    private mutating func tag() throws {
        rest.removeFirst()
        if rest.first == "/" {
            rest.removeFirst()
            let name = word()
            guard rest.first == ">", open.popLast() == name else {
                throw Defect(description: "</\(name)> closes nothing: \(open)")
            }
            rest.removeFirst()
            return
        }
        let name = word()
        guard !name.isEmpty else { throw Defect(description: "a bare <") }
        var attributes: [(name: String, value: String)] = []
        while true {
            let blanks = rest.prefix { $0 == " " || $0 == "\n" }
            rest = rest[blanks.endIndex...]
            if rest.first == ">" || rest.first == "/" { break }
            guard !blanks.isEmpty else { throw Defect(description: "no blank in <\(name)") }
            let attribute = try self.attribute(of: name)
            guard !attributes.contains(where: { $0.name == attribute.name }) else {
                throw Defect(description: "\(attribute.name) twice in <\(name)")
            }
            attributes.append(attribute)
        }
        let isClosed = rest.first == "/"
        if isClosed { rest.removeFirst() }
        guard rest.popFirst() == ">" else { throw Defect(description: "<\(name) has no end") }
        elements.append(Element(name: name, attributes: attributes))
        if !isClosed, !Self.void.contains(name) { open.append(name) }
    }

    private mutating func attribute(of element: String) throws -> (name: String, value: String) {
        let name = word()
        guard !name.isEmpty else { throw Defect(description: "no name in <\(element)") }
        guard rest.first == "=" else { return (name, "") }
        rest.removeFirst()
        guard rest.popFirst() == "\"" else {
            throw Defect(description: "\(name) is not quoted in <\(element)")
        }
        let value = rest.prefix { $0 != "\"" }
        try check(value)
        if value.contains("<") { throw Defect(description: "a < in \(name) of <\(element)") }
        rest = rest[value.endIndex...].dropFirst()
        return (name, String(value))
    }

    private mutating func word() -> String {
        let word = rest.prefix { scalar in
            scalar.properties.isAlphabetic && scalar.isASCII || ("0"..."9").contains(scalar)
                || scalar == "-" || scalar == "_" || scalar == ":"
        }
        rest = rest[word.endIndex...]
        return String(word)
    }

    /// Every `&` begins one of the references we write.
    private func check(_ piece: Substring.UnicodeScalarView) throws {
        let known = ["amp;", "lt;", "gt;", "quot;", "#39;"]
        for part in String(piece).unicodeScalars.split(
            separator: "&",
            omittingEmptySubsequences: false
        )
        .dropFirst()
        where !known.contains(where: { part.starts(with: $0.unicodeScalars) }) {
            throw Defect(description: "a bare & before \(String(part).prefix(20))")
        }
    }
}
