import CStorageProbe
import Glibc

/// What a disk may hold after a power cut, as far as POSIX promises anything.
///
/// What was flushed is there. What was written since may be there or not, in any combination, whole or torn at
/// sectors; a file that grew may have kept its size and not its bytes; a name that was made or
/// removed may be as before until its folder was flushed.
struct Disk {
    enum Change {
        case write(offset: Int, bytes: UnsafeBufferPointer<UInt8>)
        case truncate(size: Int)
    }

    struct Inode {
        /// What a flush has made certain.
        var certain: [UInt8] = []
        /// What came after it, in order.
        var changes: [Change] = []
    }

    enum NameChange {
        case made(file: Int, inode: Int)
        case removed(file: Int)
    }

    static let names = [
        Int(PROBE_DATABASE.rawValue): Household.database,
        Int(PROBE_LOG.rawValue): Household.database + "-wal",
        Int(PROBE_JOURNAL.rawValue): Household.database + "-journal",
    ]

    var inodes: [Inode] = []
    /// As processes see it, and as a flush of the folder has made it certain: file to inode.
    private var names: [Int: Int] = [:]
    var certainNames: [Int: Int] = [:]
    var nameChanges: [NameChange] = []

    /// A folder in which the store has made an empty database.
    init() {
        inodes = [Inode()]
        names = [Int(PROBE_DATABASE.rawValue): 0]
        nameChanges = [.made(file: Int(PROBE_DATABASE.rawValue), inode: 0)]
    }

    /// Takes over what the probe saw.
    mutating func apply(_ event: probe_event) {
        let file = Int(event.file)
        switch probe_kind(UInt32(event.kind)) {
        case PROBE_CREATE where names[file] == nil:
            inodes.append(Inode())
            names[file] = inodes.count - 1
            nameChanges.append(.made(file: file, inode: inodes.count - 1))
        case PROBE_WRITE:
            let bytes = UnsafeBufferPointer(start: event.bytes, count: Int(event.size))
            change(file, .write(offset: Int(event.offset), bytes: bytes))
        case PROBE_TRUNCATE:
            change(file, .truncate(size: Int(event.size)))
        case PROBE_SYNC where file == Int(PROBE_FOLDER.rawValue):
            certainNames = names
            nameChanges = []
        case PROBE_SYNC:
            if let inode = names[file] { inodes[inode].flush() }
        case PROBE_DELETE where names[file] != nil:
            names[file] = nil
            nameChanges.append(.removed(file: file))
        default: break
        }
    }

    private mutating func change(_ file: Int, _ change: Change) {
        if let inode = names[file] { inodes[inode].changes.append(change) }
    }
}

extension Disk.Inode {
    mutating func flush() {
        for change in changes { change.apply(to: &certain) }
        changes = []
    }
}

extension Disk.Change {
    func apply(to bytes: inout [UInt8]) {
        switch self {
        case .truncate(let size):
            if size < bytes.count { bytes.removeLast(bytes.count - size) }
            bytes.grow(to: size)
        case .write(let offset, let new):
            bytes.grow(to: offset + new.count)
            bytes.overwrite(at: offset, with: new)
        }
    }

    /// Only the chosen sectors arrive.
    func applyTorn(to bytes: inout [UInt8], using chance: inout Chance) {
        guard case .write(let offset, let new) = self else { return apply(to: &bytes) }
        for start in stride(from: 0, to: new.count, by: 512) where Bool.random(using: &chance) {
            let sector = UnsafeBufferPointer(rebasing: new[start..<min(start + 512, new.count)])
            bytes.grow(to: offset + start + sector.count)
            bytes.overwrite(at: offset + start, with: sector)
        }
    }

    /// The file grew, and what was to stand there did not arrive.
    func applySizeOnly(to bytes: inout [UInt8]) {
        guard case .write(let offset, let new) = self else { return apply(to: &bytes) }
        bytes.grow(to: offset + new.count)
    }
}

extension [UInt8] {
    fileprivate mutating func grow(to size: Int) {
        if size > count { append(contentsOf: repeatElement(0, count: size - count)) }
    }

    fileprivate mutating func overwrite(at offset: Int, with new: UnsafeBufferPointer<UInt8>) {
        withUnsafeMutableBytes { buffer in
            guard let target = buffer.baseAddress, let source = new.baseAddress else { return }
            memcpy(target + offset, source, new.count)
        }
    }
}

/// One way in which a power cut may leave a disk.
enum Outage: Int, CaseIterable {
    /// Nothing that was not flushed is there.
    case dropped
    /// Everything is there.
    case kept
    /// Any part of it, change by change.
    case some, someOther
    /// Any sectors of any change.
    case torn, tornOther
    /// Sizes without bytes.
    case sizes
    /// All of it but the last change, of which some sectors are there.
    case tornLast

    /// The files that are found afterwards.
    func image(of disk: Disk, using chance: inout Chance) -> [String: [UInt8]] {
        var found = disk.certainNames
        for change in disk.nameChanges where keepsName(using: &chance) {
            switch change {
            case .made(let file, let inode): found[file] = inode
            case .removed(let file): found[file] = nil
            }
        }
        var image: [String: [UInt8]] = [:]
        for (file, inode) in found.sorted(by: { $0.key < $1.key }) {
            guard let name = Disk.names[file] else { continue }
            image[name] = bytes(of: disk.inodes[inode], using: &chance)
        }
        return image
    }

    private func keepsName(using chance: inout Chance) -> Bool {
        switch self {
        case .dropped: false
        case .kept, .tornLast: true
        default: Bool.random(using: &chance)
        }
    }

    private func bytes(of inode: Disk.Inode, using chance: inout Chance) -> [UInt8] {
        var bytes = inode.certain
        for (index, change) in inode.changes.enumerated() {
            let isLast = index == inode.changes.count - 1
            switch self {
            case .dropped: continue
            case .kept: change.apply(to: &bytes)
            case .some, .someOther:
                if Bool.random(using: &chance) { change.apply(to: &bytes) }
            case .torn, .tornOther: change.applyTorn(to: &bytes, using: &chance)
            case .sizes: change.applySizeOnly(to: &bytes)
            case .tornLast:
                if isLast {
                    change.applyTorn(to: &bytes, using: &chance)
                } else {
                    change.apply(to: &bytes)
                }
            }
        }
        return bytes
    }
}
