/// Moments to come, the earliest first: a binary heap.
struct Alarms: Sendable {
    struct Alarm: Sendable {
        /// Milliseconds since 1970.
        var at: Int64
        /// Whose place is to be looked at, in the snapshot's own numbering.
        var seat: Int
    }

    /// The parent of i is (i − 1) / 2, and never later than i.
    private var heap: [Alarm] = []

    /// Remembers a moment; O(log n).
    mutating func add(_ alarm: Alarm) {
        heap.append(alarm)
        var place = heap.count - 1
        while place > 0, heap[place].at < heap[(place - 1) / 2].at {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Takes out the earliest moment, if it is not later than `limit`; O(log n).
    mutating func next(until limit: Int64) -> Alarm? {
        guard let first = heap.first, first.at <= limit else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var place = 0
        while 2 * place + 1 < heap.count {
            let left = 2 * place + 1
            let right = left + 1
            let least = right < heap.count && heap[right].at < heap[left].at ? right : left
            guard heap[least].at < heap[place].at else { break }
            heap.swapAt(least, place)
            place = least
        }
        return first
    }
}
