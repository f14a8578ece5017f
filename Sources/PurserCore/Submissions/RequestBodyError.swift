/// What is wrong with a request's body, and where.
package struct RequestBodyError: Failure, Equatable {
    /// Everything that can be wrong with a body.
    package enum Problem: Sendable, Equatable {
        case empty
        case tooLarge(limit: Int)
        case notUTF8
        case byteOrderMark
        case nulByte
        case endsEarly(expected: String)
        case unexpected(found: String, expected: String)
        case textAfterBody
        case comment
        case trailingComma
        case looserSpelling(String)
        case badNumber
        case badEscape
        case controlCharacter
        case tooDeep(limit: Int)
        case tooLong
        case duplicateKey(String)
        case otherSpelling(of: String)
        case wrongType(expected: String)
        case missing(field: String, nearest: String?)
        case emptyValue
        case noElements
        case tooManyElements(limit: Int)
        case tooManyMedia(limit: Int)
        case statusQuery
        case noBody
        case curlCommand
        case webArchive
    }

    package let problem: Problem
    /// From 1, in the file or body as given.
    package let line: Int
    /// From 1, in characters.
    package let column: Int
    /// `requests[1].videoModelKey`; empty at the top.
    package let path: String

    package init(_ problem: Problem, line: Int, column: Int, path: String) {
        self.problem = problem
        self.line = line
        self.column = column
        self.path = path
    }

    package var kind: FailureKind { .invalidInput }

    package var message: String {
        let place = path.isEmpty ? "" : ", \(path)"
        return "line \(line), column \(column)\(place): \(problem.message)"
    }

    package var hint: String? { problem.hint }
}

extension RequestBodyError.Problem {
    var message: String {
        switch self {
        case .empty: "there is no body"
        case .tooLarge(let limit): "the body is larger than \(limit >> 20) MiB"
        case .notUTF8: "the bytes are not UTF-8"
        case .byteOrderMark: "the body begins with a byte order mark"
        case .nulByte: "there is a NUL byte"
        case .endsEarly(let expected): "the body ends where \(expected) should be"
        case .unexpected(let found, let expected): "found \(found) where \(expected) should be"
        case .textAfterBody: "there is more text after the end of the body"
        case .comment: "comments are not JSON"
        case .trailingComma: "a comma before the closing bracket is not JSON"
        case .looserSpelling(let what): "\(what), which the service does not take"
        case .badNumber: "this is not a number in JSON"
        case .badEscape: "this escape is not known in JSON"
        case .controlCharacter: "a control character stands in a string"
        case .tooDeep(let limit): "values are nested deeper than \(limit) levels"
        case .tooLong: "this text is too long"
        case .duplicateKey(let key): "\(key) is there twice"
        case .otherSpelling(let key): "this is another spelling of \(key)"
        case .wrongType(let expected): "\(expected) should be here"
        case .missing(let field, _): "\(field) is missing"
        case .emptyValue: "the text is empty"
        case .noElements: "requests is empty"
        case .tooManyElements(let limit): "there are more than \(limit) elements"
        case .tooManyMedia(let limit): "it names more than \(limit) media"
        case .statusQuery: "this asks about jobs and makes none"
        case .curlCommand: "this is a curl command, and no request body stands on lines of its own"
        case .webArchive: "this is a HAR file: an archive of many requests"
        case .noBody: "no request body was found: no object with clientContext or requests"
        }
    }

    var hint: String? {
        switch self {
        case .missing("videoModelKey", let nearest):
            nearest.map { "did you mean videoModelKey where \($0) stands?" }
                ?? "name the model as purser models list shows it"
        case .missing(_, let nearest): nearest.map { "did you mean it where \($0) stands?" }
        case .endsEarly: "the end of it is missing: save or copy it again, whole"
        case .notUTF8, .byteOrderMark: "save the file as UTF-8 without a byte order mark"
        case .comment, .trailingComma:
            "comments and trailing commas are for files given to purser send"
        case .looserSpelling: "write keys and texts in double quotes"
        case .duplicateKey: "leave one of them: which one the service reads is not known"
        case .otherSpelling(let key): "write \(key)"
        case .tooManyElements, .tooManyMedia: "send the rest as a second request"
        case .statusQuery: "purser jobs check asks about jobs"
        case .curlCommand: "save what stands between the quotes after --data-raw"
        case .webArchive:
            "copy one request's payload out of the developer tools, or its request.postData.text"
        case .noBody: "save the request's body as the developer tools show it, from { to }"
        default: nil
        }
    }
}
