/// Does `work` for all inputs, at most `width` at a time; results come in the order of the inputs, and `progress`
/// hears of each as it is done.
package func sideBySide<Input: Sendable, Output: Sendable>(
    _ inputs: [Input],
    width: Int,
    progress: @escaping @Sendable (Output) -> Void = { _ in },
    _ work: @escaping @Sendable (Input) async -> Output
) async -> [Output] {
    await withTaskGroup(of: (Int, Output).self) { group in
        var outputs: [Output?] = Array(repeating: nil, count: inputs.count)
        var waiting = inputs.enumerated().makeIterator()
        func startNext() {
            guard let (index, input) = waiting.next() else { return }
            group.addTask { (index, await work(input)) }
        }
        for _ in 0..<width { startNext() }
        for await (index, output) in group {
            outputs[index] = output
            progress(output)
            startNext()
        }
        return outputs.compactMap { $0 }
    }
}
