import PurserCore
import PurserEngine

extension Context {
    /// Hands `body` something that writes: to a new file that is there whole or not at all, else to standard output.
    func export<Value>(
        to path: String?,
        _ body: (_ write: (String) throws -> Void) async throws -> Value
    ) async throws -> Value {
        guard let path else { return try await body { console.outVerbatim($0) } }
        let place = Home.absolute(path, environment: surroundings.environment)
        var value: Value?
        try await writePrivateFile(place) { beside in
            let file = try WritableFile(beside)
            value = try await body { try file.write($0) }
        }
        console.endProgress()
        guard let value else { throw CommandError.fileExists(place) }
        return value
    }

    /// Says how much was written to a file; what went to standard output speaks for itself.
    func tellExport(of count: Int, _ one: String, _ many: String, to path: String?) {
        guard let path else { return }
        if isJSON {
            console.out(["file": .string(path), many: JSONOutput(count)])
        } else {
            console.out("wrote \(count.counted(one, many)) to \(path)")
        }
    }
}
