import Glibc
import PurserCore
import PurserStore

/// A small home that was made once, to be copied for every try.
struct Template: Sendable {
    let files: [String: [UInt8]]
    let key: [UInt8]
    /// Under way in the copy.
    let order: ClaimOrder

    static func make(seed: UInt64) async throws -> Template {
        let scratch = try Scratch(in: Scratch.memory)
        let home = "\(scratch.path)/home"
        let store = try await SQLiteStore.open(home: home, options: Household.options())
        var (household, key) = try await Household.create(in: store, seed: seed)
        try await household.addMember("ada", budget: 1000)
        try await household.addAccount("one", credits: 1000)
        try await household.addAccount("two", credits: 1000)
        try await household.addSlot("guest")
        try await household.rotate(household.accounts[0])
        let order = household.order(household.members[1], only: household.accounts[1])
        _ = try await household.claim(order)
        try await store.close()
        var files: [String: [UInt8]] = [:]
        for name in [Household.database, Household.database + "-wal"] {
            files[name] = Scratch.read("\(home)/\(name)")
        }
        return Template(files: files, key: key, order: order)
    }

    /// Opens a copy; accounts and members are those of the template, and chance is the seed's.
    func open(
        in home: String,
        seed: UInt64,
        _ change: (inout StoreOptions) -> Void = { _ in }
    ) async throws -> Household {
        Scratch.remove(home)
        try Scratch.copy(files, to: home)
        let store = try await SQLiteStore.open(home: home, options: Household.options(change))
        return try await Household(opening: store, key: key, seed: seed)
    }

    /// Opens what lies there now.
    func reopen(_ home: String) async throws -> Household {
        // Without it SQLite has to read the log itself, as after a crash.
        unlink("\(home)/\(Household.database)-shm")
        let store = try await SQLiteStore.open(home: home, options: Household.options())
        return try await Household(opening: store, key: key, seed: 1)
    }
}
