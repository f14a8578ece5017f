package import FoundationEssentials

/// What a sandbox starts with: accounts, prices over the built-in table, and how jobs pass.
///
/// Read from JSON it is strict: an unknown key is an error. All times are in seconds.
package struct SandboxScenario: Codable, Equatable, Sendable {
    /// Which of the service's two forms a submission is answered in.
    package enum ResponseShape: String, Codable, Sendable {
        case operations
        case media
        case both
    }

    /// A model key of the scenario's own, or one whose built-in prices it replaces.
    package struct Model: Codable, Equatable, Sendable {
        package var key: String
        /// Credits by tier (`PAYGATE_TIER_ONE` …); a tier that is absent cannot use the key.
        package var credits: [String: Int]

        package init(key: String, credits: [String: Int]) {
            self.key = key
            self.credits = credits
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case key
            case credits
        }

        package init(from decoder: any Decoder) throws {
            let keys = try StrictKeys(decoder, CodingKeys.self)
            self.init(key: try keys.required(.key), credits: try keys.required(.credits))
        }
    }

    package var accounts: [Account]
    /// How long a job takes from its submission to its end.
    package var jobSeconds: Double
    /// How long after a job failed its credits come back.
    package var refundDelaySeconds: Double
    package var responseShape: ResponseShape
    /// Refuse media ids the sandbox has never seen, instead of accepting them from anyone.
    package var strictMedia: Bool
    /// Start of the generated names: two sandboxes with the same seed make the same names.
    package var seed: UInt64
    package var models: [Model]
    /// Faults that wait from the start.
    package var faults: [SandboxFault]

    package init(
        accounts: [Account],
        jobSeconds: Double = 2,
        refundDelaySeconds: Double = 0,
        responseShape: ResponseShape = .operations,
        strictMedia: Bool = false,
        seed: UInt64 = 1,
        models: [Model] = [],
        faults: [SandboxFault] = []
    ) {
        self.accounts = accounts
        self.jobSeconds = jobSeconds
        self.refundDelaySeconds = refundDelaySeconds
        self.responseShape = responseShape
        self.strictMedia = strictMedia
        self.seed = seed
        self.models = models
        self.faults = faults
    }

    /// Reads a scenario file.
    ///
    /// - Throws: ``SandboxError/invalidScenario(_:)`` that says where, and never quotes a token.
    package init(json: some DataProtocol) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(json))
        } catch let error as SandboxError {
            throw SandboxError.invalidScenario(error.description)
        } catch {
            throw SandboxError.invalidScenario(explain(error))
        }
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case accounts
        case jobSeconds
        case refundDelaySeconds
        case responseShape
        case strictMedia
        case seed
        case models
        case faults
    }

    package init(from decoder: any Decoder) throws {
        let keys = try StrictKeys(decoder, CodingKeys.self)
        self.init(
            accounts: try keys.required(.accounts),
            jobSeconds: try keys.value(.jobSeconds, or: 2),
            refundDelaySeconds: try keys.value(.refundDelaySeconds, or: 0),
            responseShape: try keys.value(.responseShape, or: .operations),
            strictMedia: try keys.value(.strictMedia, or: false),
            seed: try keys.value(.seed, or: 1),
            models: try keys.value(.models, or: []),
            faults: try keys.value(.faults, or: [])
        )
    }
}

extension SandboxScenario {
    /// One account of the pretended service.
    package struct Account: Codable, Equatable, Sendable {
        /// What control calls and answers call it; `account-1`, `account-2` … by position if absent.
        package var label: String?
        /// The bearer it accepts; nothing the sandbox answers or logs ever holds it.
        package var token: String
        /// The wire's word, for example `PAYGATE_TIER_ONE`.
        package var tier: String
        /// The whole balance, both parts together.
        package var credits: Int
        /// Parts of the balance; with neither, `GET /v1/credits` answers as older bodies did.
        package var subscriptionCredits: Int?
        package var topUpCredits: Int?
        package var sku: String?
        package var serviceTier: String?
        /// The projects it owns; empty accepts any.
        package var projectIds: [String]
        package var maxJobs: Int
        /// Its own response shape, over the scenario's.
        package var responseShape: ResponseShape?

        package init(
            label: String? = nil,
            token: String,
            tier: String,
            credits: Int,
            subscriptionCredits: Int? = nil,
            topUpCredits: Int? = nil,
            sku: String? = nil,
            serviceTier: String? = nil,
            projectIds: [String] = [],
            maxJobs: Int = 4,
            responseShape: ResponseShape? = nil
        ) {
            self.label = label
            self.token = token
            self.tier = tier
            self.credits = credits
            self.subscriptionCredits = subscriptionCredits
            self.topUpCredits = topUpCredits
            self.sku = sku
            self.serviceTier = serviceTier
            self.projectIds = projectIds
            self.maxJobs = maxJobs
            self.responseShape = responseShape
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case label
            case token
            case tier
            case credits
            case subscriptionCredits
            case topUpCredits
            case sku
            case serviceTier
            case projectIds
            case maxJobs
            case responseShape
        }

        package init(from decoder: any Decoder) throws {
            let keys = try StrictKeys(decoder, CodingKeys.self)
            self.init(
                label: try keys.optional(.label),
                token: try keys.required(.token),
                tier: try keys.required(.tier),
                credits: try keys.required(.credits),
                subscriptionCredits: try keys.optional(.subscriptionCredits),
                topUpCredits: try keys.optional(.topUpCredits),
                sku: try keys.optional(.sku),
                serviceTier: try keys.optional(.serviceTier),
                projectIds: try keys.value(.projectIds, or: []),
                maxJobs: try keys.value(.maxJobs, or: 4),
                responseShape: try keys.optional(.responseShape)
            )
        }
    }
}

/// What a sandbox refuses to be told by its operator; the pretended service's own refusals are answers.
package enum SandboxError: Error, Equatable, CustomStringConvertible {
    case invalidScenario(String)
    case unknownAccount(String)
    case unknownJob(String)
    case unknownPreset(String)
    case invalidControl(String)
    case notBound

    package var description: String {
        switch self {
        case .invalidScenario(let why): "the scenario cannot be used: \(why)"
        case .unknownAccount(let label): "no account is labelled \"\(label)\""
        case .unknownJob(let name): "no job is named \"\(name)\""
        case .unknownPreset(let name): "no fault is named \"\(name)\""
        case .invalidControl(let why): why
        case .notBound: "the sandbox could not listen"
        }
    }
}
