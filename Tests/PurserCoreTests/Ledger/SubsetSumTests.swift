import Testing

@testable import PurserCore

struct SubsetSumTests {
    @Test func `amounts are found wherever there are some, and never where there are none`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let amounts = (0..<Int.random(in: 0..<8, using: &generator)).map { _ in
                Int64.random(in: 0..<12, using: &generator)
            }
            let sum = Int64.random(in: 0..<40, using: &generator)
            let found = SubsetSum.places(in: amounts, comingTo: sum)
            #expect(found.map { total(amounts, $0) } ?? sum == sum, "\(amounts) to \(sum)")
            let exists = subsets(of: amounts.count).contains { total(amounts, $0) == sum }
            #expect((found != nil) == exists, "\(amounts) to \(sum)")
            #expect(found.map { Set($0).count == $0.count } ?? true)
        }
    }

    @Test func `what was gained and lost together comes to the difference`() throws {
        let both = try #require(SubsetSum.places(gained: [20, 5], lost: [10, 3], comingTo: 12))
        #expect(both.gained == [0, 1] && both.lost == [0, 1])
        #expect(SubsetSum.places(gained: [20], lost: [10], comingTo: 11) == nil)
        #expect(SubsetSum.places(gained: [20], lost: [10], comingTo: .max) == nil)
    }

    @Test func `of equal amounts the earliest are taken`() {
        #expect(SubsetSum.places(in: [10, 10, 10], comingTo: 20) == [0, 1])
    }

    private func total(_ amounts: [Int64], _ places: [Int]) -> Int64 {
        places.map { amounts[$0] }.reduce(0, +)
    }

    private func subsets(of count: Int) -> [[Int]] {
        (0..<(1 << count)).map { mask in (0..<count).filter { mask >> $0 & 1 == 1 } }
    }
}
