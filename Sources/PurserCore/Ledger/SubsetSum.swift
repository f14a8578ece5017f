/// Which of several amounts, taken together, come to a sum.
enum SubsetSum {
    /// How many different sums are looked at before the search is given up.
    private static let limit = 4096

    /// The places of amounts that come to exactly `sum`, the earliest that do; `nil` where none do.
    static func places(in amounts: [Int64], comingTo sum: Int64) -> [Int]? {
        guard sum > 0 else { return sum == 0 ? [] : nil }
        let steps = reach(amounts, upTo: sum)
        guard steps[sum] != nil else { return nil }
        return places(of: sum, steps)
    }

    /// The places in `gained` and in `lost` whose difference is exactly `difference`, with as little lost as possible.
    static func places(
        gained: [Int64],
        lost: [Int64],
        comingTo difference: Int64
    ) -> (gained: [Int], lost: [Int])? {
        let all = lost.reduce(0, +)
        let losses = reach(lost, upTo: all)
        let (most, overflow) = difference.addingReportingOverflow(all)
        guard !overflow, most > 0 else { return nil }
        let gains = reach(gained, upTo: most)
        for loss in losses.keys.sorted() where gains[difference + loss] != nil {
            return (places(of: difference + loss, gains), places(of: loss, losses))
        }
        return nil
    }

    /// Whether some of `gained` less some of `lost` come to exactly `difference`; `nil` where there are too many sums to
    /// look at.
    static func reaches(_ difference: Int64, gained: [Int64], lost: [Int64]) -> Bool? {
        let gains = reach(gained, upTo: .max)
        let losses = reach(lost, upTo: .max)
        guard max(gains.count, losses.count) <= limit else { return nil }
        return ([0] + losses.keys).contains { loss in
            let (gain, overflow) = difference.addingReportingOverflow(loss)
            return !overflow && (gain == 0 || gains[gain] != nil)
        }
    }

    private typealias Steps = [Int64: (place: Int, before: Int64)]

    /// Every sum that can be reached, with the last amount added and the sum before it.
    private static func reach(_ amounts: [Int64], upTo most: Int64) -> Steps {
        var steps: Steps = [:]
        for (place, amount) in amounts.enumerated() where amount > 0 && amount <= most {
            for before in [0] + steps.keys where before <= most - amount {
                if steps[before + amount] == nil { steps[before + amount] = (place, before) }
            }
            if steps.count > limit { break }
        }
        return steps
    }

    private static func places(of sum: Int64, _ steps: Steps) -> [Int] {
        var places: [Int] = []
        var left = sum
        while let step = steps[left] {
            places.append(step.place)
            left = step.before
        }
        return places.reversed()
    }
}
