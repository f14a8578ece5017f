import PurserCore
import PurserGateway
import TOMLKit

extension SectionDecoder {
    func gateway(_ table: TOMLTable) -> GatewaySettings {
        let reader = TableReader<ConfigurationKeys.Gateway>(
            table,
            path: [.key("gateway")],
            title: "[gateway]",
            problems: problems
        )
        var gateway = GatewaySettings()
        gateway.host = reader.string(.host) ?? gateway.host
        if gateway.host.contains(where: { $0.isWhitespace || "/@?#".contains($0) }) {
            reader.note("is not a host name or an address", at: .host)
        }
        gateway.port = reader.integer(.port, in: 1...65535) ?? gateway.port
        gateway.hasPage = reader.bool(.page) ?? gateway.hasPage
        gateway.tls = tls(reader)
        gateway.limits = limits(reader)
        gateway.drain =
            reader.duration(.drain, in: .zero ... .seconds(3600)) ?? gateway.drain
        return gateway
    }

    private func tls(_ reader: TableReader<ConfigurationKeys.Gateway>) -> TLSFiles? {
        let certificate = reader.string(.tlsCertificate).map(absolute)
        let key = reader.string(.tlsKey).map(absolute)
        if reader.has(.tlsCertificate) != reader.has(.tlsKey) {
            reader.note(
                "is given alone",
                at: reader.has(.tlsKey) ? .tlsKey : .tlsCertificate,
                hint: "TLS needs both tls-certificate and tls-key"
            )
        }
        guard let certificate, let key else { return nil }
        return TLSFiles(certificateFile: certificate, keyFile: key)
    }

    private func limits(_ reader: TableReader<ConfigurationKeys.Gateway>) -> GatewayLimits {
        var limits = GatewayLimits()
        func size(_ key: ConfigurationKeys.Gateway, _ range: ClosedRange<Int>, unit: Int) -> Int? {
            reader.integer(key, in: range).map { $0 * unit }
        }
        func time(_ key: ConfigurationKeys.Gateway) -> Duration? {
            reader.duration(key, in: .seconds(1) ... .seconds(3600))
        }
        limits.body = size(.maxBodyMiB, 1...32, unit: 1 << 20) ?? limits.body
        limits.bodyMemory =
            size(.bodyMemoryMiB, 1...65_536, unit: 1 << 20) ?? limits.bodyMemory
        if limits.bodyMemory < limits.body {
            reader.note("is less than one body may have", at: .bodyMemoryMiB)
        }
        limits.header = size(.maxHeaderKiB, 4...1024, unit: 1 << 10) ?? limits.header
        limits.headerFields = reader.integer(.headerFields, in: 10...1000) ?? limits.headerFields
        limits.headerTime = time(.headerTime) ?? limits.headerTime
        limits.bodyTime = time(.bodyTime) ?? limits.bodyTime
        limits.idleTime = time(.idleTime) ?? limits.idleTime
        limits.connections = reader.integer(.connections, in: 1...100_000) ?? limits.connections
        limits.requests = reader.integer(.requests, in: 1...100_000) ?? limits.requests
        return limits
    }
}
