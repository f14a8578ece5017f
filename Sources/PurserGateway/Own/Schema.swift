import PurserEngine

/// What a value of an answer looks like: as much of JSON Schema as the gateway's own interface needs.
indirect enum Schema: Sendable {
    case string
    case integer
    case boolean
    /// An instant in UTC with milliseconds.
    case instant
    /// Such as `2026-11-30`.
    case day
    case choice([String])
    case count(ClosedRange<Int>)
    case nullable(Schema)
    case any([Schema])
    case array(Schema)
    /// Fields in their order; those of `optional` may be absent.
    case object(KeyValuePairs<String, Schema>, optional: Set<String> = [])
    /// One of the document's own schemas, by its name.
    case named(Name)
    /// What the service itself takes and answers.
    case anyObject

    enum Name: String, Sendable, CaseIterable {
        case account = "Account"
        case accountDetails = "AccountDetails"
        case member = "Member"
        case memberDetails = "MemberDetails"
        case job = "Job"
        case jobDetails = "JobDetails"
        case spending = "Spending"
        case error = "Error"
    }

    /// As JSON Schema 2020-12, which OpenAPI 3.1 speaks.
    var json: JSONOutput {
        switch self {
        case .string: ["type": "string"]
        case .integer: ["type": "integer"]
        case .boolean: ["type": "boolean"]
        case .instant: ["type": "string", "format": "date-time"]
        case .day: ["type": "string", "format": "date"]
        case .choice(let words): ["type": "string", "enum": .array(words.map { .string($0) })]
        case .count(let range):
            [
                "type": "integer", "minimum": JSONOutput(range.lowerBound),
                "maximum": JSONOutput(range.upperBound),
            ]
        case .nullable(let schema): ["anyOf": [schema.json, ["type": "null"]]]
        case .any(let schemas): ["anyOf": .array(schemas.map(\.json))]
        case .array(let schema): ["type": "array", "items": schema.json]
        case .object(let fields, let optional):
            [
                "type": "object",
                "properties": .object(fields.map { .init(name: $0, value: $1.json) }),
                "required": .array(
                    fields.filter { !optional.contains($0.key) }.map { .string($0.key) }
                ),
                "additionalProperties": false,
            ]
        case .named(let name): ["$ref": .string("#/components/schemas/\(name.rawValue)")]
        case .anyObject: ["type": "object"]
        }
    }
}
