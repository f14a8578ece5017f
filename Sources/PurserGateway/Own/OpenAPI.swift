import HTTPTypes
import PurserCore
import PurserEngine

/// The document that describes what the gateway serves, made of the tables that it serves by.
enum OpenAPI {
    static let document: JSONOutput = [
        "openapi": "3.1.0",
        "info": [
            "title": "Purser",
            "version": "1",
            "description":
                "The gateway's own interface and the service's calls it takes. The fields are those of the command line's --json.",
        ],
        "paths": .object(
            OwnCall.allCases.map { field($0.path, $0.method.rawValue, operation($0)) } + others
        ),
        "components": [
            "schemas": .object(
                Schema.Name.allCases.map { .init(name: $0.rawValue, value: $0.schema.json) }
            ),
            "securitySchemes": ["key": ["type": "http", "scheme": "bearer"]],
        ],
    ]

    private static func operation(_ call: OwnCall) -> JSONOutput {
        var parameters = call.parameters.map { parameter in
            Self.parameter(parameter.name, in: "query", parameter.schema, parameter.summary)
        }
        for name in ["name", "id"] where call.rawValue.hasSuffix("{\(name)}") {
            parameters.append(parameter(name, in: "path", .string, "Which one"))
        }
        let words = call.permissions.map(\.rawValue).joined(separator: " or ")
        return operation(
            id: "\(call)",
            call.summary,
            needs: words.isEmpty ? nil : words,
            parameters: parameters,
            takesBody: call == .route,
            example: example,
            answer: call.answer,
            refusals: refusals(call.refusals)
        )
    }

    /// The service's own calls, and what looks after the gateway.
    private static let others: [JSONOutput.Field] = {
        let posts =
            Set(Catalogue.builtin.models.compactMap(\.endpoint)).sorted() + [
                "flow/uploadImage", ":uploadUserImage",
                "video:batchCheckAsyncVideoGenerationStatus",
                "flowMedia:cancelGeneration",
            ]
        let calls = posts.compactMap { ProviderCall($0) }.map { call in
            field(
                "/v1" + (call.path.hasPrefix(":") ? "" : "/") + call.path,
                "POST",
                operation(
                    id: call.path,
                    "A call of the service, as the service takes and answers it",
                    needs: call.permission.rawValue,
                    takesBody: true,
                    example: call == ProviderCall("video:batchAsyncGenerateVideoText")
                        ? example : nil,
                    answer: .anyObject,
                    refusals: [
                        answer(
                            "default",
                            "What the gateway refuses, or the service in words of its own",
                            .any([.named(.error), .anyObject])
                        )
                    ]
                )
            )
        }
        let credits = Schema.object(["credits": .integer, "userPaygateTier": .string])
        return calls + [
            field(
                "/v1/credits",
                "GET",
                operation(
                    id: "serviceCredits",
                    "What one may still spend",
                    needs: Permission.ownCredits.rawValue,
                    answer: credits,
                    refusals: refusals(OwnCall.underKey)
                )
            ),
            field(
                "/healthz",
                "GET",
                operation(id: "health", "Serves", answer: .object(["status": .string]))
            ),
            field(
                "/readyz",
                "GET",
                operation(
                    id: "readiness",
                    "Ready",
                    answer: .readiness,
                    refusals: [answer("503", "Not ready", .readiness)]
                )
            ),
            field(
                "/metrics",
                "GET",
                operation(
                    id: "metrics",
                    "Metrics in OpenMetrics text",
                    needs: Permission.readMetrics.rawValue,
                    type: OpenMetrics.contentType,
                    answer: .string,
                    refusals: refusals(OwnCall.underKey)
                )
            ),
        ]
    }()

    // MARK: Pieces

    private static func field(
        _ path: String,
        _ method: String,
        _ operation: JSONOutput
    ) -> JSONOutput.Field {
        .init(
            name: path,
            value: .object([.init(name: method.lowercased(), value: operation)])
        )
    }

    private static func parameter(
        _ name: String,
        in place: String,
        _ schema: Schema,
        _ summary: String
    ) -> JSONOutput {
        [
            "name": .string(name), "in": .string(place), "required": .bool(place == "path"),
            "description": .string(summary), "schema": schema.json,
        ]
    }

    /// `needs`: the permission; `nil`, no key is asked for.
    private static func operation(
        id: String,
        _ summary: String,
        needs: String? = nil,
        parameters: [JSONOutput] = [],
        takesBody: Bool = false,
        example: JSONOutput? = nil,
        type: String = "application/json",
        answer: Schema,
        refusals: [JSONOutput.Field] = []
    ) -> JSONOutput {
        var fields: [JSONOutput.Field] = [
            .init(name: "operationId", value: .string(id)),
            .init(name: "summary", value: .string(summary)),
        ]
        if let needs {
            fields.append(.init(name: "description", value: .string("Needs \(needs).")))
            fields.append(.init(name: "security", value: [["key": []]]))
        }
        if !parameters.isEmpty {
            fields.append(.init(name: "parameters", value: .array(parameters)))
        }
        if takesBody {
            let content = content("application/json", .anyObject, example)
            let body: JSONOutput = ["required": true, "content": content]
            fields.append(.init(name: "requestBody", value: body))
        }
        let responses = [Self.answer("200", "The answer", type: type, answer)] + refusals
        fields.append(.init(name: "responses", value: .object(responses)))
        return .object(fields)
    }

    /// What may be refused, by status; 500 is not among it, for that is a defect.
    private static func refusals(_ reasons: [Problem.Reason]) -> [JSONOutput.Field] {
        Dictionary(grouping: reasons, by: \.status).sorted { $0.key < $1.key }.map {
            let words = $0.value.map(\.rawValue).joined(separator: ", ")
            return answer("\($0.key)", words, .named(.error))
        }
    }

    private static func answer(
        _ status: String,
        _ summary: String,
        type: String = "application/json",
        _ schema: Schema
    ) -> JSONOutput.Field {
        let value: JSONOutput = ["description": .string(summary), "content": content(type, schema)]
        return .init(name: status, value: value)
    }

    private static func content(
        _ type: String,
        _ schema: Schema,
        _ example: JSONOutput? = nil
    ) -> JSONOutput {
        var fields = [JSONOutput.Field(name: "schema", value: schema.json)]
        if let example { fields.append(.init(name: "example", value: example)) }
        return .object([.init(name: type, value: .object(fields))])
    }

    /// A video from words alone.
    private static let example: JSONOutput = [
        "clientContext": ["userPaygateTier": "PAYGATE_TIER_ONE"],
        "requests": [
            [
                "aspectRatio": "VIDEO_ASPECT_RATIO_LANDSCAPE", "seed": 1,
                "textInput": ["prompt": "a pier at dawn"],
                "videoModelKey": "veo_2_1_fast_d_15_t2v",
            ]
        ],
    ]
}
