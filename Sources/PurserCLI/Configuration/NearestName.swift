/// The name in `names` that `text` was most likely meant to be.
///
/// Optimal string alignment distance, so that two letters exchanged count once; `_` passes for `-`.
/// `nil` when nothing is near: a wrong guess is worse than none.
func nearestName(to text: String, in names: [String]) -> String? {
    // What nobody would type by accident is not compared: the cost grows with the square.
    guard text.utf8.count <= 64 else { return nil }
    let wanted = Array(text.lowercased().replacing("_", with: "-"))
    let ranked = names.map { (name: $0, distance: distance(wanted, Array($0.lowercased()))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
        best.distance <= max(2, best.name.count / 3), best.distance < best.name.count
    else { return nil }
    return best.name
}

private func distance(_ a: [Character], _ b: [Character]) -> Int {
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var older: [Int] = []
    var previous = Array(0...b.count)
    for row in 1...a.count {
        var current = [row]
        for column in 1...b.count {
            let isSame = a[row - 1] == b[column - 1]
            var cost = min(
                previous[column] + 1,
                current[column - 1] + 1,
                previous[column - 1] + (isSame ? 0 : 1)
            )
            if row > 1, column > 1, a[row - 1] == b[column - 2], a[row - 2] == b[column - 1] {
                cost = min(cost, older[column - 2] + 1)
            }
            current.append(cost)
        }
        older = previous
        previous = current
    }
    return previous[b.count]
}
