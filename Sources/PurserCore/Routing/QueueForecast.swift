/// How long a request that joins the line now would wait for a slot.
///
/// Jobs end as recent ones did: a job that runs already is compared with those that took longer than its age. Each request
/// in line takes the next slot that comes free, and keeps it for as long as a job takes. `low` and `high` are what comes of it
/// when every job takes as long as the fastest and the slowest tenth: a span for the wait and not a promise.
package struct QueueForecast: Sendable, Equatable {
    /// `expected` is for jobs that take as long as the middle one.
    package struct Wait: Sendable, Equatable {
        package let low: Duration
        package let expected: Duration
        package let high: Duration
    }

    /// Slots that are free now.
    package let freeSlots: Int
    /// How many ended jobs it rests on.
    package let sample: Int
    /// `nil`: not enough jobs have ended to tell, or none runs that could end.
    package let wait: Wait?

    /// Reckons with `waiting` requests in line, the `ages` of the jobs that run, and how long jobs took that ended lately.
    package init(waiting: Int, freeSlots: Int, ages: [Duration], durations: [Duration]) {
        self.freeSlots = freeSlots
        sample = durations.count
        guard waiting >= freeSlots else {
            wait = Wait(low: .zero, expected: .zero, high: .zero)
            return
        }
        let sorted = durations.sorted()
        guard sorted.count >= Self.enough, !ages.isEmpty else {
            wait = nil
            return
        }
        // Those ahead take the free slots at once; the others queue for what ends.
        let line = Line(place: waiting - freeSlots + 1, taking: freeSlots, ages: ages)
        guard let low = line.wait(10, of: sorted), let expected = line.wait(50, of: sorted),
            let high = line.wait(90, of: sorted)
        else {
            wait = nil
            return
        }
        // A job older than the slowest tenth may be left out of `high` alone.
        wait = Wait(low: min(low, expected), expected: expected, high: max(expected, high))
    }

    /// With fewer ended jobs a tenth of them is nothing.
    package static let enough = 10

    private struct Line {
        let place: Int
        let taking: Int
        let ages: [Duration]

        /// When the last in line gets a slot, with every job at this percentile of `sorted`.
        func wait(_ percent: Int, of sorted: [Duration]) -> Duration? {
            let whole = Self.percentile(percent, of: sorted[...])
            var ends = ages.compactMap { age in
                // Older than every job that ended: nobody knows when it will.
                let longer = sorted[sorted.partitioningIndex { $0 > age }...]
                return longer.isEmpty ? nil : Self.percentile(percent, of: longer) - age
            }
            ends += Array(repeating: whole, count: taking)
            ends.sort()
            guard !ends.isEmpty else { return nil }
            var wait = Duration.zero
            for _ in 0..<place {
                wait = ends.removeFirst()
                let end = wait + whole
                ends.insert(end, at: ends.partitioningIndex { $0 > end })
            }
            return wait
        }

        /// The nearest-rank percentile.
        private static func percentile(_ percent: Int, of sorted: ArraySlice<Duration>) -> Duration
        {
            let rank = (sorted.count * percent + 99) / 100
            return sorted[sorted.startIndex + max(0, rank - 1)]
        }
    }
}

extension Array {
    /// The first index from which on `isBehind` holds; the array is in that order.
    fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
