/// A history of requests, to be replayed: who asked does not matter, when and for what does.
package struct Trace: Sendable, Equatable {
    /// So many videos of one model, asked for at once and for one account.
    package struct Request: Sendable, Equatable {
        package let at: Timestamp
        package let model: Model
        package let count: Int

        package init(at: Timestamp, model: Model, count: Int) {
            self.at = at
            self.model = model
            self.count = count
        }

        /// What the videos count as, whoever makes them: the highest price over the tiers.
        package var value: Int64 { model.listPrice * Int64(count) }
    }

    /// In order of time.
    package let requests: [Request]

    /// Puts the requests in order of time; those of one instant keep the order they come in.
    package init(_ requests: [Request]) {
        let order = requests.indices.sorted {
            (requests[$0].at, $0) < (requests[$1].at, $1)
        }
        self.requests = order.map { requests[$0] }
    }

    package var videos: Int { requests.reduce(0) { $0 + $1.count } }

    /// The value of everything that was asked for.
    package var value: Int64 { requests.reduce(0) { $0 + $1.value } }

    /// The requests within a span; without a bound everything before or after.
    package func within(from: Timestamp?, to: Timestamp?) -> Trace {
        Trace(
            requests.filter { request in
                from.map { $0 <= request.at } ?? true && to.map { request.at < $0 } ?? true
            }
        )
    }
}

extension Model {
    /// The highest price of any tier whose price is known; 0 where none is.
    package var listPrice: Int64 { offers.values.compactMap { $0.price?.amount }.max() ?? 0 }
}
