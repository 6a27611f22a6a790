#include "draw/request_rules.h"

#include <cstdint>

namespace mnist {
namespace {

using httplib::Request;

constexpr double kRequestsPerSecond = 30;  // the page sends up to 12
constexpr double kBurst = 60;

// httplib would take chunks without an end, and unpack a small body to a huge one.
int status_for_body(const Request& request) {
  if (request.get_header_value("Content-Type") != "image/png") return 415;
  if (request.has_header("Content-Encoding")) return 415;
  if (request.has_header("Transfer-Encoding")) return 411;
  const auto lengths = request.get_header_value_count("Content-Length");
  if (lengths == 0) return 411;
  const std::string length = request.get_header_value("Content-Length");
  const bool is_number = !length.empty() && length.size() < 19 &&
                         length.find_first_not_of("0123456789") == std::string::npos;
  if (lengths != 1 || !is_number) return 400;
  // Before a byte of it is awaited.
  return std::stoll(length) > std::int64_t{kMaxBody} ? 413 : 0;
}

}  // namespace

RequestRules::RequestRules(int port) : rate_(kRequestsPerSecond, kBurst) {
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    hosts_.push_back(host + ":" + std::to_string(port));
    if (port == 80) hosts_.push_back(host);  // browsers leave it out
  }
}

int RequestRules::status_for(const Request& request) {
  if (!is_ours(request)) return 403;
  const bool page = request.path == "/";
  if (!page && request.path != "/predict") return 404;
  const bool method_fits =
      page ? request.method == "GET" || request.method == "HEAD" : request.method == "POST";
  if (!method_fits) return 405;
  // Each of several would be sent, however often it is asked for, and none makes sense here.
  if (request.has_header("Range")) return 416;
  if (const int status = page ? 0 : status_for_body(request)) return status;
  const std::lock_guard<std::mutex> lock(mutex_);
  return rate_.allows(RateLimit::Clock::now()) ? 0 : 429;
}

// A web site whose name is made to point to 127.0.0.1 has its own name as the host, and one that
// posts to us across origins has its own as the origin.
bool RequestRules::is_ours(const Request& request) const {
  if (request.get_header_value_count("Host") != 1) return false;
  const std::string origin = request.get_header_value("Origin");
  bool host_known = false;
  bool origin_known = !request.has_header("Origin");
  for (const std::string& host : hosts_) {
    host_known = host_known || request.get_header_value("Host") == host;
    origin_known = origin_known || origin == "http://" + host;
  }
  return host_known && origin_known;
}

const char* explain(int status) {
  static_assert(kMaxBody == 65536 && kRequestsPerSecond == 30, "as said below");
  switch (status) {
    case 403:
      return "expected a request from the page itself, found another host or origin";
    case 404:
      return "expected / or /predict";
    case 405:
      return "expected GET / or POST /predict";
    case 411:
      return "expected a Content-Length, and no Transfer-Encoding";
    case 413:
      return "expected at most 65536 bytes";
    case 415:
      return "expected an image/png, not compressed otherwise";
    case 429:
      return "expected at most 30 requests a second; wait a moment";
    default:
      return status < 500 ? "expected a request as HTTP/1.1 has it" : "internal error";
  }
}

}  // namespace mnist
