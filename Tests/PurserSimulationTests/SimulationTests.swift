import FoundationEssentials
import Testing

@testable import PurserSimulation

struct SimulationTests {
    private static let folder = FileManager.default.temporaryDirectory.path

    /// `Scripts/simulate` runs two thousand of two thousand steps each.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `what the books say is what the service did`(_ seed: UInt64) async throws {
        let outcome = try await Simulation(seed: seed, steps: 300, folder: Self.folder).run()
        #expect(outcome.findings == [], "purser-simulate --seed \(seed) --steps 300 --trace")
        #expect(outcome.counts.entries > 0)
    }

    @Test
    func `a seed lives the same life again`() async throws {
        let first = try await Simulation(seed: 4242, steps: 300, folder: Self.folder).run()
        let again = try await Simulation(seed: 4242, steps: 300, folder: Self.folder).run()
        #expect(first.hash == again.hash)
        let other = try await Simulation(seed: 4243, steps: 300, folder: Self.folder).run()
        #expect(first.hash != other.hash)
    }
}
