/// Entries in a binary tree whose every node knows the best entry below it.
///
/// Adding, changing and removing one entry plays its matches anew on the way to the root, O(log n).
/// The best entry that also passes a check is found from the root down, past what cannot hold it.
struct TournamentTree: Sendable {
    /// What orders entries while neither the request nor the time is known; the least is the best.
    struct Key: Sendable, Equatable {
        /// The policy's own number, which keeps its order under every score the policy makes of it.
        var primary: Int64
        var busy: Int64
        var lastUsed: Int64
        var name: String
        var id: AccountID

        static func precedes(_ a: borrowing Key, _ b: borrowing Key) -> Bool {
            if a.primary != b.primary { return a.primary < b.primary }
            return precedesOnTie(a, b)
        }

        /// Least busy, then longest unused, then by name.
        static func precedesOnTie(_ a: borrowing Key, _ b: borrowing Key) -> Bool {
            if a.busy != b.busy { return a.busy < b.busy }
            if a.lastUsed != b.lastUsed { return a.lastUsed < b.lastUsed }
            if a.name != b.name { return a.name < b.name }
            return a.id < b.id
        }
    }

    /// Bounds within which an entry, or the most willing entry below a node, takes work.
    struct Gate: Sendable {
        var spendable: Int64
        /// The first millisecond at which no rest of the whole account holds it back.
        var awakeFrom: Int64
        /// The last millisecond at which its token works.
        var worksUntil: Int64

        static let closed = Gate(spendable: .min, awakeFrom: .max, worksUntil: .min)

        func lets(price: Int64, at now: Int64) -> Bool {
            spendable >= price && awakeFrom <= now && now <= worksUntil
        }

        func widened(by other: Gate) -> Gate {
            Gate(
                spendable: max(spendable, other.spendable),
                awakeFrom: min(awakeFrom, other.awakeFrom),
                worksUntil: max(worksUntil, other.worksUntil)
            )
        }
    }

    struct Entry: Sendable {
        var key: Key
        var gate: Gate
        /// Whose entry it is, in the snapshot's own numbering.
        var owner: Int
    }

    private struct Node: Sendable {
        /// The leaf of the best entry below; −1 when there is none.
        var winner = -1
        /// The winner's, so that a search need not look at the entry.
        var primary = Int64.max
        var gate = Gate.closed
    }

    private var entries: [Entry?] = []
    /// Node 1 is the root; the children of n are 2n and 2n+1; leaf i is node `entries.count` + i.
    private var nodes: [Node] = []
    private var vacant: [Int] = []

    /// Returns the leaf, which names the entry until it is removed.
    mutating func insert(_ entry: Entry) -> Int {
        if vacant.isEmpty { grow() }
        let leaf = vacant.removeLast()
        set(entry, at: leaf)
        return leaf
    }

    mutating func replace(_ leaf: Int, with entry: Entry) {
        set(entry, at: leaf)
    }

    mutating func remove(_ leaf: Int) {
        set(nil, at: leaf)
        vacant.append(leaf)
    }

    /// The best entry that its gate lets through and `accepts`, which is given its owner, takes.
    ///
    /// `isWorthwhile` is given a primary and ends the search below it when it can find nothing better
    /// than what the caller has.
    func best(
        price: Int64,
        at now: Int64,
        isWorthwhile: (Int64) -> Bool,
        accepts: (Int) -> Bool
    ) -> Entry? {
        guard !nodes.isEmpty else { return nil }
        var found = -1
        search(1, &found, price, now, isWorthwhile, accepts)
        return found < 0 ? nil : entries[found]
    }

    private func search(
        _ node: Int,
        _ found: inout Int,
        _ price: Int64,
        _ now: Int64,
        _ isWorthwhile: (Int64) -> Bool,
        _ accepts: (Int) -> Bool
    ) {
        let winner = nodes[node].winner
        guard winner >= 0, nodes[node].gate.lets(price: price, at: now),
            isWorthwhile(nodes[node].primary), found < 0 || precedes(winner, found)
        else { return }
        if node >= entries.count {
            if let owner = entries[winner]?.owner, accepts(owner) { found = winner }
            return
        }
        let likelier = nodes[2 * node].winner == winner ? 2 * node : 2 * node + 1
        search(likelier, &found, price, now, isWorthwhile, accepts)
        // Nothing on the other side can precede this node's own winner.
        if found != winner { search(likelier ^ 1, &found, price, now, isWorthwhile, accepts) }
    }

    private func precedes(_ a: Int, _ b: Int) -> Bool {
        guard let first = entries[a]?.key, let second = entries[b]?.key else { return false }
        return Key.precedes(first, second)
    }

    private mutating func set(_ entry: Entry?, at leaf: Int) {
        entries[leaf] = entry
        var node = entries.count + leaf
        nodes[node] = Self.node(of: entry, at: leaf)
        while node > 1 {
            node /= 2
            play(node)
        }
    }

    private static func node(of entry: Entry?, at leaf: Int) -> Node {
        guard let entry else { return Node() }
        return Node(winner: leaf, primary: entry.key.primary, gate: entry.gate)
    }

    private mutating func play(_ node: Int) {
        let left = nodes[2 * node]
        let right = nodes[2 * node + 1]
        let rightWins =
            left.winner < 0 || (right.winner >= 0 && precedes(right.winner, left.winner))
        nodes[node] = Node(
            winner: rightWins ? right.winner : left.winner,
            primary: rightWins ? right.primary : left.primary,
            gate: left.gate.widened(by: right.gate)
        )
    }

    /// Doubles the leaves; every match is played anew, which costs each insertion O(1) on average.
    private mutating func grow() {
        let old = entries.count
        let capacity = max(2, 2 * old)
        entries += Array(repeating: nil, count: capacity - old)
        vacant = Array((old..<capacity).reversed())
        nodes = Array(repeating: Node(), count: 2 * capacity)
        for (leaf, entry) in entries.enumerated() {
            nodes[capacity + leaf] = Self.node(of: entry, at: leaf)
        }
        for node in stride(from: capacity - 1, through: 1, by: -1) { play(node) }
    }
}
