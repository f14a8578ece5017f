package import PurserCore

/// Resolves the model keys of a body to models, whatever tier's key the caller wrote.
package struct ModelResolver: Sendable {
    package let catalogue: Catalogue
    /// The price to hold for a model nobody knows; `nil`, such a model is refused.
    package let unknownModelPrice: Credits?

    package init(catalogue: Catalogue, unknownModelPrice: Credits?) {
        self.catalogue = catalogue
        self.unknownModelPrice = unknownModelPrice
    }

    /// The call a body is for: what its path or its fields say, else what its model's endpoint says.
    ///
    /// A `videoInput` alone may be extended or edited; only the model tells which.
    package func call(of body: RequestBody) throws(ModelError) -> ProviderCall {
        if let call = body.call { return call }
        let endpoint = body.elements.first
            .flatMap { catalogue.model(forKey: $0.modelKey) }?.endpoint
        guard let call = endpoint.flatMap({ ProviderCall($0) }) else { throw .callUnknown }
        return call
    }

    /// What a choice must satisfy to serve a body: the one way from a body to a route.
    package func routeRequest(
        for body: RequestBody,
        call: ProviderCall,
        only: AccountID?,
        maxCredits: Credits?
    ) throws(ModelError) -> RouteRequest {
        guard call.makesVideos else {
            return RouteRequest(models: [], only: only, maxCredits: maxCredits)
        }
        let resolved = try models(of: body)
        return RouteRequest(
            models: resolved.models,
            only: only,
            onlyTier: resolved.onlyTier,
            maxCredits: maxCredits
        )
    }

    package struct Resolved: Sendable, Equatable {
        package let models: [Model]
        /// Set when a key is unknown: only the tier the request names can be meant.
        package let onlyTier: Tier?

        package init(models: [Model], onlyTier: Tier?) {
            self.models = models
            self.onlyTier = onlyTier
        }
    }

    /// One model for each element, in order.
    package func models(of body: RequestBody) throws(ModelError) -> Resolved {
        var models: [Model] = []
        var onlyTier: Tier?
        for (index, element) in body.elements.enumerated() {
            if let model = catalogue.model(forKey: element.modelKey) {
                models.append(model)
                continue
            }
            guard let price = unknownModelPrice else {
                throw .unknownKey(
                    element.modelKey,
                    index: index,
                    nearest: catalogue.nearest(to: element.modelKey, limit: 3)
                )
            }
            guard let tier = body.tierName.flatMap({ Tier(wireName: $0) }) else {
                throw .unknownKeyWithoutTier(element.modelKey, index: index)
            }
            onlyTier = tier
            models.append(
                Model(
                    id: ModelID(element.modelKey),
                    title: element.modelKey,
                    endpoint: nil,
                    offers: [
                        tier: Offer(
                            key: element.modelKey,
                            price: price,
                            source: "allow-unknown-models"
                        )
                    ]
                )
            )
        }
        return Resolved(models: models, onlyTier: onlyTier)
    }
}

package enum ModelError: Failure {
    case unknownKey(String, index: Int, nearest: [String])
    case unknownKeyWithoutTier(String, index: Int)
    case callUnknown

    package var kind: FailureKind { .invalidInput }

    package var message: String {
        switch self {
        case .unknownKey(let key, let index, _):
            "requests[\(index)].videoModelKey: no model has the key \(key.debugDescription)"
        case .unknownKeyWithoutTier(let key, let index):
            "requests[\(index)].videoModelKey: \(key.debugDescription) is unknown, and the request names no tier it could be meant for"
        case .callUnknown: "the request does not tell which call of the service it is for"
        }
    }

    package var hint: String? {
        switch self {
        case .unknownKey(_, _, let nearest):
            nearest.isEmpty
                ? "purser models list shows every key; [[models]] in accounts.toml adds one"
                : "did you mean \(nearest.joined(separator: ", "))? [[models]] in accounts.toml adds a model"
        case .unknownKeyWithoutTier:
            "give clientContext.userPaygateTier, or add the model under [[models]] in accounts.toml"
        case .callUnknown: "give --path, such as --path video:batchAsyncGenerateVideoExtendVideo"
        }
    }
}
