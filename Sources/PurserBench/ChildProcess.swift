import Glibc

/// A program to run, with an environment of its own and nothing to read.
struct ChildProcess {
    let program: String
    let arguments: [String]
    let environment: [String]

    init(_ program: String, _ arguments: [String], _ environment: [String]) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
    }

    /// Runs it to its end and answers how long that took; throws unless it ends with 0.
    @discardableResult
    func run(output: String = "/dev/null") throws -> Duration {
        let begun = ContinuousClock.now
        let status = try wait(for: spawn(output: output))
        let took = ContinuousClock.now - begun
        guard status == 0 else {
            throw BenchmarkError("\(program) \(arguments.joined(separator: " ")) failed")
        }
        return took
    }

    /// Runs it and counts the lines that it wrote, which `path` keeps.
    func lines(writtenTo path: String) throws -> Int {
        try run(output: path)
        guard let file = fopen(path, "r") else { return 0 }
        defer { fclose(file) }
        var lines = 0
        while case let character = getc(file), character != EOF {
            if character == 10 { lines += 1 }
        }
        return lines
    }

    /// Starts it; what it says goes to `output`, and its messages too where they are given a file.
    func spawn(output: String, messages: String? = nil) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        if let messages {
            posix_spawn_file_actions_addopen(&actions, 2, messages, O_WRONLY | O_CREAT, 0o600)
        }
        var words = ([program] + arguments).map { strdup($0) }
        var variables = environment.map { strdup($0) }
        defer { for word in words + variables { free(word) } }
        words.append(nil)
        variables.append(nil)
        var child: pid_t = 0
        let code = posix_spawn(&child, program, &actions, nil, words, variables)
        guard code == 0 else {
            throw BenchmarkError("\(program): \(String(cString: strerror(code)))")
        }
        return child
    }

    private func wait(for child: pid_t) throws -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else {
                throw BenchmarkError("\(program): \(String(cString: strerror(errno)))")
            }
        }
        return status
    }

    /// The program in the folder of this one: of the same build.
    static func purser() throws -> String {
        let resolved = realpath("/proc/self/exe", nil)
        defer { free(resolved) }
        let program = resolved.map { String(cString: $0) } ?? ""
        guard let slash = program.lastIndex(of: "/") else {
            throw BenchmarkError("the path of this program is not known")
        }
        let purser = program[...slash] + "purser"
        guard access(String(purser), X_OK) == 0 else {
            throw BenchmarkError("\(purser) is not there: build it with the same settings")
        }
        return String(purser)
    }
}
