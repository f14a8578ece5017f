/// A member's question about jobs, in either shape of the service or in both.
package struct StatusRequest: Sendable, Equatable {
    /// One element of the question.
    package struct Question: Sendable, Equatable {
        package let shape: ResponseShape
        package let name: String
        package let sceneID: String?
        package let projectID: String?

        /// An element that says no more than the job's state, and why it failed, for want of the service's own.
        package func element(in state: JobState, failure: String? = nil) -> [UInt8] {
            let name = "\"name\":" + name.jsonQuoted
            let error = failure.map { ",\"error\":{\"message\":\($0.jsonQuoted)}" } ?? ""
            let text =
                switch shape {
                case .operations:
                    "{\"operation\":{\(name)\(error)}\(Self.member("sceneId", sceneID)),"
                        + "\"status\":\(state.wireName.jsonQuoted)}"
                case .media:
                    "{\(name)\(Self.member("projectId", projectID)),\"mediaMetadata\":"
                        + "{\"mediaStatus\":{\"mediaGenerationStatus\":\(state.wireName.jsonQuoted)\(error)}}}"
                }
            return Array(text.utf8)
        }

        private static func member(_ key: String, _ value: String?) -> String {
            value.map { ",\"\(key)\":\($0.jsonQuoted)" } ?? ""
        }
    }

    /// The most jobs one question may name.
    package static let limit = 100

    /// In the order asked; those of one shape come together.
    package let questions: [Question]

    /// Reads a body.
    ///
    /// Strict: a duplicate key or a comment is refused, as everywhere.
    package init(_ body: [UInt8]) throws(StatusRequestError) {
        guard let value = JSONValue(body), case .object = value else { throw .unreadable }
        var questions: [Question] = []
        for shape in [ResponseShape.operations, .media] {
            guard let list = value[shape.rawValue] else { continue }
            guard let entries = list.array else { throw .noList(shape) }
            for (index, entry) in entries.enumerated() {
                let named = shape == .operations ? entry["operation"] : entry
                guard let name = named?["name"]?.string, !name.isEmpty else {
                    throw .nameless(shape, index: index)
                }
                questions.append(
                    Question(
                        shape: shape,
                        name: name,
                        sceneID: entry["sceneId"]?.string,
                        projectID: entry["projectId"]?.string
                    )
                )
            }
        }
        guard !questions.isEmpty else { throw .empty }
        guard questions.count <= Self.limit else { throw .tooMany(questions.count) }
        self.questions = questions
    }
}

/// What is wrong with a question about jobs.
package enum StatusRequestError: Failure, Equatable {
    case unreadable
    case noList(ResponseShape)
    case nameless(ResponseShape, index: Int)
    case empty
    case tooMany(Int)

    package var kind: FailureKind { .invalidInput }

    package var message: String {
        switch self {
        case .unreadable: "the body is not a JSON object"
        case .noList(let shape): "\(shape.rawValue): a list should be here"
        case .nameless(.operations, let index): "operations[\(index)].operation.name is missing"
        case .nameless(.media, let index): "media[\(index)].name is missing"
        case .empty: "the body names no job, neither in operations nor in media"
        case .tooMany(let count):
            "the body names \(count) jobs, at most \(StatusRequest.limit) are taken"
        }
    }

    package var hint: String? {
        if case .tooMany = self { "ask about the rest in a second request" } else { nil }
    }
}
