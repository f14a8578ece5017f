import Glibc

/// What is fuzzed: each reads bytes from outside, and states what must hold of whatever it accepts.
enum FuzzTarget: String, CaseIterable {
    case header
    case record
    case key
    case pin
    case answer
    case request
    case capture
    case upload
    case accounts
    case texts

    /// The one this process was started for.
    static let chosen: FuzzTarget = {
        let name = getenv("PURSER_FUZZ").map { String(cString: $0) } ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            let names = allCases.map(\.rawValue).joined(separator: " ")
            say("PURSER_FUZZ names no target: one of \(names)")
            exit(64)
        }
        return target
    }()

    func run(_ bytes: [UInt8]) {
        switch self {
        case .header: fuzzHeader(bytes)
        case .record: fuzzRecord(bytes)
        case .key: fuzzKey(bytes)
        case .pin: fuzzPin(bytes)
        case .answer: fuzzAnswer(bytes)
        case .request: fuzzRequest(bytes)
        case .capture: fuzzCapture(bytes)
        case .upload: fuzzUpload(bytes)
        case .accounts: fuzzAccounts(bytes)
        case .texts: fuzzTexts(bytes)
        }
    }
}

@_cdecl("purser_fuzz_one")
package func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    FuzzTarget.chosen.run(Array(UnsafeBufferPointer(start: start, count: count)))
}

/// Ends the process with the words of a property that does not hold; libFuzzer then keeps the input.
func require(_ isTrue: Bool, _ property: String) {
    if isTrue { return }
    say("this does not hold: \(property)")
    abort()
}

private func say(_ text: String) {
    let line = Array("purser: error: \(text)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
}
