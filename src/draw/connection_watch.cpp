#include "draw/connection_watch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#ifdef __linux__
#include <linux/tcp.h>  // <netinet/tcp.h> lacks the count of bytes
#endif

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

namespace mnist {
namespace {

constexpr std::string_view kTooSlow =
    "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kTooLarge =
    "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// The port that `get_name` (getsockname or getpeername) tells; -1 if none.
template <typename GetName>
int port_by(GetName get_name, int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (get_name(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
  return address.sin_family == AF_INET ? ntohs(address.sin_port) : -1;
}

/// The open connections to the port: descriptor and port of the other end.
std::vector<std::pair<int, int>> connections_to(int port) {
  std::vector<std::pair<int, int>> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/fd", ignored)) {
    const int fd = std::atoi(entry.path().filename().c_str());
    if (port_by(getsockname, fd) != port) continue;
    const int peer = port_by(getpeername, fd);
    if (peer >= 0) found.emplace_back(fd, peer);  // the listening socket has none
  }
  return found;
}

std::uint64_t bytes_received(int fd) {
#ifdef __linux__
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) return info.tcpi_bytes_received;
#else
  static_cast<void>(fd);
#endif
  return 0;
}

// Between our look at a descriptor and this the server may have closed it and taken it for another
// connection, which is then shut: rare, and no worse than a connection that is lost on its way.
void refuse(int fd, std::string_view answer) {
  static_cast<void>(send(fd, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  shutdown(fd, SHUT_RDWR);
}

}  // namespace

void ConnectionWatch::check(Clock::time_point now, Clock::duration max_age) {
  std::map<Connection, Clock::time_point> still_there;
  for (const Connection& connection : connections_to(port_)) {
    const auto known = since_.find(connection);
    const Clock::time_point since = known == since_.end() ? now : known->second;
    still_there.emplace(connection, since);
    if (bytes_received(connection.first) > kMaxBytes) {
      refuse(connection.first, kTooLarge);
    } else if (now - since >= max_age) {
      refuse(connection.first, kTooSlow);
    }
  }
  since_ = std::move(still_there);
}

}  // namespace mnist
