#pragma once

#include <httplib.h>

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "draw/rate_limit.h"

namespace mnist {

constexpr std::size_t kMaxBody =
    std::size_t{64} * 1024;  ///< bytes; a drawing of the page has some 7,000

/// What may be asked of the web server, and how often: GET / and POST /predict with a PNG, from the
/// page itself. For several threads.
class RequestRules {
 public:
  /// Of the server at this port.
  explicit RequestRules(int port);

  /// The HTTP status of what is wrong with a request as far as its head tells; 0 if nothing.
  int status_for(const httplib::Request& request);

 private:
  bool is_ours(const httplib::Request& request) const;

  std::vector<std::string> hosts_;
  std::mutex mutex_;
  RateLimit rate_;
};

/// What was expected of a request that got this status.
const char* explain(int status);

}  // namespace mnist
