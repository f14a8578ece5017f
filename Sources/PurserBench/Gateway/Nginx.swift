import Glibc

/// nginx as a plain reverse proxy: one worker a core, connections kept on both sides, no log of requests.
enum Nginx {
    /// `nil` where it is not installed.
    static func serve(upstream: Int, in scratch: ScratchFolder) throws -> Server? {
        guard let program else { return nil }
        let port = try Server.freePort()
        let folder = scratch.path
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(folder)/nginx-\($0);" }.joined(separator: "\n    ")
        let configuration = """
            \(geteuid() == 0 ? "user root;" : "")
            worker_processes auto;
            daemon off;
            pid \(folder)/nginx.pid;
            error_log stderr error;
            events { worker_connections 2048; }
            http {
                access_log off;
                \(temporary)
                keepalive_requests 100000000;
                upstream service {
                    server 127.0.0.1:\(upstream);
                    keepalive 256;
                    keepalive_requests 100000000;
                }
                server {
                    listen 127.0.0.1:\(port) backlog=1024;
                    location / {
                        proxy_pass http://service;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_buffering on;
                    }
                }
            }

            """
        let file = try scratch.write(configuration, to: "nginx.conf")
        return try Server(
            ChildProcess(program, ["-c", file, "-p", folder, "-e", "stderr"], []),
            as: "nginx",
            in: scratch,
            port: port
        )
    }

    private static var program: String? {
        let folders = getenv("PATH").map { String(cString: $0).split(separator: ":") } ?? []
        return (folders.map { "\($0)/nginx" } + ["/usr/sbin/nginx"])
            .first { access($0, X_OK) == 0 }
    }
}
