import Foundation
import HTTPTypes
import NIOHTTP1
import PurserCore
import PurserEngine
import PurserSandbox
import Testing

@testable import PurserGateway

/// The document says what the gateway does: no path, parameter or field more, and none less.
struct OpenAPITests {
    @Test func `every route is documented, and every documented path is a route`() throws {
        let document = try Document(OpenAPI.document.compact)
        for (path, methods) in try document.object("paths") {
            let plain = path.replacing("{name}", with: "x").replacing("{id}", with: "x")
            for method in methods.fields.keys {
                let verb = try #require(HTTPRequest.Method(method.uppercased()))
                let route = Route(verb, target: plain)
                if case .otherMethod = route { Issue.record("\(method) \(path)") }
                #expect(route != .unknown, "\(path)")
            }
        }
        let paths = Set(try document.object("paths").keys)
        var served = Set(OwnCall.allCases.map(\.path))
        served.formUnion(["/v1/credits", "/healthz", "/readyz", "/metrics"])
        served.formUnion([textToVideo, referenceImages, statusQuery])
        served.formUnion(["/v1/flow/uploadImage", "/v1:uploadUserImage"])
        served.insert("/v1/flowMedia:cancelGeneration")
        let kinds = [
            "StartImage", "StartAndEndImage", "ExtendVideo", "UpsampleVideo", "EditVideo",
            "ReshootVideo",
        ]
        served.formUnion(kinds.map { "/v1/video:batchAsyncGenerateVideo\($0)" })
        #expect(paths == served)
    }

    @Test func `it is served to anybody, as it is made`() async throws {
        try await withGateway { home in
            let reply = try await home.get("/purser/v1/openapi.json")
            #expect(reply.status == 200)
            #expect(reply.text == OpenAPI.document.compact)
            #expect(reply.text.contains(#""openapi":"3.1.0""#))
        }
    }

    @Test func `every field of every answer is documented, and every documented field is answered`()
        async throws
    {
        try await withGateway { home in
            let document = try Document(OpenAPI.document.compact)
            let key = try await fill(home)
            for call in OwnCall.allCases where call != .openAPI {
                var answered: [String: Set<String>] = [:]
                for path in try await paths(call, home) {
                    let reply = try await home.send(
                        .init(rawValue: call.method.rawValue),
                        path,
                        call.method == .post ? captureBody : nil,
                        key: key
                    )
                    #expect(reply.status == 200, "\(path): \(reply.text)")
                    let value = try #require(JSONValue(Array(reply.text.utf8)))
                    value.addFields(to: &answered)
                }
                try document.compare(answered, with: call)
            }
            let refusal = try await home.get("/purser/v1/accounts")
            var answered: [String: Set<String>] = [:]
            try #require(JSONValue(Array(refusal.text.utf8))).addFields(to: &answered)
            #expect(Set(answered.keys) == Set(try document.fields(ofSchema: "Error").keys))
        }
    }

    @Test func `what is refused has a status that is documented`() async throws {
        try await withGateway { home in
            let document = try Document(OpenAPI.document.compact)
            let owner = try await home.member("root", role: .owner)
            let member = try await home.member("mia")
            for call in OwnCall.allCases where call != .openAPI {
                let path = call.path.replacing("{name}", with: "x").replacing("{id}", with: "x")
                let statuses = Set(try document.responses(of: call).keys)
                for (key, query) in [(nil, ""), (owner, ""), (owner, "?x=x"), (member, "")] {
                    let reply = try await home.send(
                        .init(rawValue: call.method.rawValue),
                        path + query,
                        call.method == .post ? "{}" : nil,
                        key: key
                    )
                    #expect(statuses.contains("\(reply.status)"), "\(path)\(query): \(reply.text)")
                }
            }
        }
    }

    @Test(arguments: [
        (OwnCall.accounts, "accounts list"), (.account, "accounts show"),
        (.members, "members list"), (.member, "members show"), (.me, "members show"),
        (.jobs, "jobs list"), (.job, "jobs show"), (.credits, "credits --by"), (.route, "route"),
        (.audit, "audit list"), (.forecast, "credits forecast"),
    ])
    func `the fields are those of the command line`(_ call: OwnCall, _ command: String) throws {
        let document = try Document(OpenAPI.document.compact)
        var fields = try document.fields(of: call)
        // Pages are the gateway's own.
        fields["next"] = nil
        #expect(fields == (try Reference.fields(of: command)))
    }

    // MARK: Answers

    /// Brings about one of everything that an answer can hold; the owner's key.
    private func fill(_ home: GatewayHome) async throws -> String {
        let limits = MemberLimits(
            tiers: [.ultra, .tierOne],
            models: nil,
            spending: [SpendingLimit(window: .day, credits: Credits(unchecked: 900), warnAt: 80)]
        )
        let key = try await home.member("root", role: .owner, limits: limits, budget: 500)
        _ = try await home.post(textToVideo, textBody(), key: key)
        try home.sandbox.arm(SandboxFault(preset: "throttled"))
        _ = try await home.post(textToVideo, textBody(), key: key)
        return key
    }

    private func paths(_ call: OwnCall, _ home: GatewayHome) async throws -> [String] {
        switch call {
        case .account:
            return ["ultra", "tier-one"].map { OwnCall.prefix + "accounts/" + $0 }
        case .member: return [OwnCall.prefix + "members/root"]
        case .job:
            let job = try #require(try await home.engine.store.jobs(JobFilter()).first)
            return [OwnCall.prefix + "jobs/\(job.id)"]
        case .credits: return ReportKey.allCases.map { call.path + "?by=" + $0.rawValue }
        case .jobs: return [call.path, call.path + "?limit=1"]
        default: return [call.path]
        }
    }
}

/// The document as a reader sees it.
private struct Document {
    let root: JSONValue

    init(_ text: String) throws {
        root = try #require(JSONValue(Array(text.utf8)))
    }

    func object(_ name: String) throws -> [String: JSONValue] {
        try #require(root[name]).fields
    }

    /// What a call answers, by its status.
    func responses(of call: OwnCall) throws -> [String: JSONValue] {
        let operation = try #require(object("paths")[call.path]?[call.method.rawValue.lowercased()])
        return try #require(operation["responses"]).fields
    }

    /// The fields of what a call answers, by their paths, with their types.
    func fields(of call: OwnCall) throws -> [String: Set<String>] {
        let answer = try responses(of: call)["200"]?["content"]?["application/json"]?["schema"]
        var fields: [String: Set<String>] = [:]
        try add(try #require(answer), at: "", to: &fields)
        return fields
    }

    func fields(ofSchema name: String) throws -> [String: Set<String>] {
        var fields: [String: Set<String>] = [:]
        let schema = try #require(root["components"]?["schemas"]?[name])
        try add(schema, at: "", to: &fields)
        return fields
    }

    func compare(_ answered: [String: Set<String>], with call: OwnCall) throws {
        let documented = try fields(of: call)
        // What this work does not bring about: a job under way has made nothing, and no member is narrowed so.
        let unseen: Set = ["media[]", "tags[]", "models[]"]
        let missing = Set(documented.keys).subtracting(answered.keys).subtracting(unseen)
        #expect(missing.isEmpty, "\(call): documented, not answered")
        for (field, types) in answered {
            let known = documented[field] ?? []
            #expect(types.isSubset(of: known), "\(call): \(field) answered as \(types)")
        }
    }

    private func add(
        _ schema: JSONValue,
        at path: String,
        to fields: inout [String: Set<String>]
    ) throws {
        if let name = schema["$ref"]?.string?.split(separator: "/").last {
            return try add(
                try #require(root["components"]?["schemas"]?[String(name)]),
                at: path,
                to: &fields
            )
        }
        for choice in schema["anyOf"]?.array ?? [] { try add(choice, at: path, to: &fields) }
        switch schema["type"]?.string {
        case "object":
            for (name, field) in try #require(schema["properties"]).fields {
                try add(field, at: path.isEmpty ? name : "\(path).\(name)", to: &fields)
            }
        case "array": try add(try #require(schema["items"]), at: path + "[]", to: &fields)
        case let type?: fields[path, default: []].insert(type)
        case nil: #expect(schema["anyOf"] != nil, "\(path) has a type")
        }
    }
}

/// The table of `Documentation/CLI.md`.
private enum Reference {
    static func fields(of command: String) throws -> [String: Set<String>] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "Documentation/CLI.md"),
            encoding: .utf8
        )
        var fields: [String: Set<String>] = [:]
        for line in page.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.count >= 3, cells[0].split(separator: "`").contains(Substring(command))
            else { continue }
            let field = String(cells[1].trimmingCharacters(in: CharacterSet(charactersIn: "`")))
            let types = Set(cells[2].components(separatedBy: " or "))
            guard types.isDisjoint(with: ["account", "job"]) else {
                let prefix = field == "." ? "" : field + "."
                for (name, types) in try Self.fields(of: "shape \(cells[2])") {
                    fields[prefix + name] = types
                }
                continue
            }
            fields[field] = types
        }
        return fields
    }
}

extension JSONValue {
    fileprivate var fields: [String: JSONValue] {
        if case .object(let fields) = self { fields } else { [:] }
    }

    /// Adds the paths of everything in it, with the types it was seen as.
    fileprivate func addFields(to seen: inout [String: Set<String>], at path: String = "") {
        switch self {
        case .object(let fields):
            for (name, value) in fields {
                value.addFields(to: &seen, at: path.isEmpty ? name : "\(path).\(name)")
            }
        case .array(let items): for item in items { item.addFields(to: &seen, at: path + "[]") }
        case .string: seen[path, default: []].insert("string")
        case .number: seen[path, default: []].insert("integer")
        case .boolean: seen[path, default: []].insert("boolean")
        case .null: seen[path, default: []].insert("null")
        }
    }
}
