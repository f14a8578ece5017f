/// One place that breaks a rule.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

extension [Finding] {
    /// One finding a line, as editors and logs understand it.
    var listing: String { map(\.description).joined(separator: "\n") }
}
