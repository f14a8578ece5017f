extension JSONValue {
    /// Where the elements of the lists under `keys` stand in an object's bytes, in order; what is not a list is left out.
    ///
    /// For bytes that were read as a value already, and are passed on as they came.
    package static func elements(
        of keys: Set<String>,
        in bytes: [UInt8]
    ) throws -> [String: [Range<Int>]] {
        var scanner = try JSONScanner(bytes, dialect: .strict)
        try scanner.skipBlanks()
        var found: [String: [Range<Int>]] = [:]
        try scanner.readObject { (scanner, key) throws(RequestBodyError) in
            let name = scanner.text(of: key)
            guard keys.contains(name), try scanner.kind() == .array else {
                return try scanner.skipValue()
            }
            var elements: [Range<Int>] = []
            try scanner.readArray { (scanner, _) throws(RequestBodyError) in
                let start = scanner.offset
                try scanner.skipValue()
                elements.append(start..<scanner.offset)
            }
            found[name] = elements
        }
        return found
    }
}
