/// What `purser send` takes: a body, or what a browser's developer tools copy of a request.
///
/// Such a copy has the request's address, its headers line by line in the browser's language, the
/// body, perhaps the answer, and what somebody wrote below. Of the headers nothing is used but the path: a
/// token in there is neither read nor repeated.
package enum CaptureFile {
    /// Finds call and body.
    ///
    /// Lines and columns of errors are those of the file. `call` wins over an address in the file.
    package static func parse(
        _ bytes: [UInt8],
        for call: ProviderCall? = nil
    ) throws(RequestBodyError) -> RequestBody {
        do throws(RequestBodyError) {
            return try found(in: bytes, for: call)
        } catch {
            throw otherFormat(bytes).map { RequestBodyError($0, line: 1, column: 1, path: "") }
                ?? error
        }
    }

    /// What else developer tools save of a request; only of a file in which no body was found.
    private static func otherFormat(_ bytes: [UInt8]) -> RequestBodyError.Problem? {
        let text = bytes.drop(while: isBlank)
        if text.starts(with: "curl ".utf8) { return .curlCommand }
        let isObject = text.first == UInt8(ascii: "{")
        let key = text.dropFirst().drop(while: isBlank)
        return isObject && key.starts(with: "\"log\"".utf8) ? .webArchive : nil
    }

    private static func found(
        in bytes: [UInt8],
        for call: ProviderCall?
    ) throws(RequestBodyError) -> RequestBody {
        var scanner = try JSONScanner(bytes, dialect: .relaxed)
        // A file that begins as a body does is nothing but a body, so that a mistake in it is
        // reported where it is and not taken for text around another body.
        if beginsAsBody(bytes) {
            return try RequestBody.parse(bytes, for: call, dialect: .relaxed)
        }
        var found: ProviderCall?
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            let line = bytes[start..<end]
            if let brace = line.firstIndex(where: { !isBlank($0) }),
                bytes[brace] == UInt8(ascii: "{")
            {
                let call = call ?? found
                let object = try scanner.object(at: brace)
                if isBody(object.keys, for: call) {
                    let range = brace..<object.end
                    return try RequestBody.parse(
                        Payload(bytes),
                        in: range,
                        for: call,
                        dialect: .relaxed
                    )
                }
                start = object.end
            } else {
                found = found ?? self.call(in: line)
                start = end + 1
            }
        }
        throw scanner.error(.noBody, at: 0)
    }

    private static func beginsAsBody(_ bytes: [UInt8]) -> Bool {
        let text = bytes.drop(while: isBlank).prefix(2)
        return text.first.map { "{['\"".utf8.contains($0) } ?? true
            || text.elementsEqual("//".utf8) || text.elementsEqual("/*".utf8)
    }

    private static func isBody(_ keys: Set<String>, for call: ProviderCall?) -> Bool {
        switch call {
        case .upload, .cancel, .status, .credits: true
        case .generate, nil: keys.contains("clientContext") || keys.contains("requests")
        }
    }

    /// The call that a line such as `POST https://…/v1/video:… HTTP/1.1` names.
    private static func call(in line: ArraySlice<UInt8>) -> ProviderCall? {
        guard line.count <= 4096 else { return nil }
        return line.split(whereSeparator: isBlank)
            .map { String(decoding: $0, as: UTF8.self) }
            .filter { $0.contains("/v1") }
            .lazy.compactMap { ProviderCall($0) }.first
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }
}

extension JSONScanner {
    /// The keys of the object that begins at an offset, and where it ends; what follows is not looked at.
    fileprivate mutating func object(
        at start: Int
    ) throws(RequestBodyError) -> (keys: Set<String>, end: Int) {
        offset = start
        var keys: Set<String> = []
        try readObject { (scanner, key) throws(RequestBodyError) in
            keys.insert(scanner.text(of: key))
            try scanner.skipValue()
        }
        return (keys, offset)
    }
}
