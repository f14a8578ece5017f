import Dispatch

/// Runs the tasks of one simulated world one after another, so that handing the turn on wakes no thread.
///
/// For speed alone: the order is the scheduler's, whatever threads there are.
final class OneThread: TaskExecutor {
    private let queue = DispatchQueue(label: "purser-simulate")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
