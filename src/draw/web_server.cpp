#include "draw/web_server.h"

#include <httplib.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "base/json_line.h"
#include "draw/connection_watch.h"
#include "draw/request_rules.h"
#include "mnist_train/error.h"
#include "report/web_pages.h"

namespace mnist {
namespace {

using httplib::Request;
using httplib::Response;

constexpr const char* kAddress = "127.0.0.1";
constexpr int kThreads = 8;  // browsers open connections ahead, which keep a thread until used
constexpr int kIdleSeconds = 1;
constexpr std::chrono::seconds kMaxAge{10};  // of a connection
constexpr std::chrono::seconds kGrace{2};    // for those that are there when the server stops
constexpr std::chrono::milliseconds kPollInterval{50};

void answer(Response& response, const nlohmann::json& body) {
  response.set_content(json_line(body), "application/json");
}

nlohmann::json to_json(const Reading& reading) {
  return {{"digit", reading.prediction.digit()},
          {"probabilities", reading.prediction.probabilities},
          {"seen", reading.seen.pixels}};
}

void set_limits(httplib::Server& server) {
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  // One request a connection: what a refused request leaves unread is never taken for the next.
  server.set_keep_alive_max_count(1);
  server.set_keep_alive_timeout(kIdleSeconds);
  // Longer than ConnectionWatch waits, so that it is the one who answers.
  server.set_read_timeout(kMaxAge + std::chrono::seconds(1));
  server.set_write_timeout(kMaxAge + std::chrono::seconds(1));
  server.set_payload_max_length(kMaxBody);
}

void set_headers(httplib::Server& server) {
  server.set_default_headers(
      {{"Content-Security-Policy",
        "default-src 'none'; connect-src 'self'; img-src data:; script-src 'unsafe-inline'; "
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
       {"X-Content-Type-Options", "nosniff"},
       {"Referrer-Policy", "no-referrer"},
       {"Cross-Origin-Resource-Policy", "same-origin"},
       {"Cache-Control", "no-store"}});
}

void set_refusals(httplib::Server& server, RequestRules& rules) {
  using Routing = httplib::Server::HandlerResponse;
  server.set_pre_routing_handler([&rules](const Request& request, Response& response) {
    const int status = rules.status_for(request);
    if (status == 0) return Routing::Unhandled;
    response.status = status;
    if (status == 405) response.set_header("Allow", request.path == "/" ? "GET, HEAD" : "POST");
    return Routing::Handled;
  });
  server.set_error_handler([](const Request& request, Response& response) {
    const bool would_be_cut = !request.ranges.empty();
    if (response.body.empty() && !would_be_cut) {
      answer(response, {{"error", explain(response.status)}});
    }
  });
  // The default one tells the client what was thrown.
  server.set_exception_handler(
      [](const Request&, Response& response, const std::exception_ptr&) { response.status = 500; });
}

void set_pages(httplib::Server& server, const DrawingReader& read, std::mutex& reading) {
  server.Get("/", [](const Request&, Response& response) {
    response.set_content(std::string(draw_page()), "text/html; charset=utf-8");
  });
  server.Post("/predict", [&](const Request& request, Response& response) {
    try {
      const std::lock_guard<std::mutex> lock(reading);
      answer(response, to_json(read(request.body)));
    } catch (const Error& error) {
      response.status = 422;
      answer(response, {{"error", error.what()}});
    }
  });
}

/// Returns the port.
int bind(httplib::Server& server, int port) {
  server.set_address_family(AF_INET);
  // httplib's default would share the port with another process of the same user.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  errno = 0;
  if (port == 0) {
    port = server.bind_to_any_port(kAddress);
    if (port > 0) return port;
  } else if (server.bind_to_port(kAddress, port)) {
    return port;
  }
  const std::string why = errno == 0 ? "refused by the system" : std::strerror(errno);
  throw Error(ExitCode::kUsage, std::string(kAddress) + ":" + std::to_string(port) +
                                    ": expected a free port, found it could not be had: " + why +
                                    "; choose another with --port");
}

/// Watches a server from a thread of its own for as long as it lives.
class Watcher {
 public:
  Watcher(httplib::Server& server, int port, const std::function<bool()>& stop_asked)
      : thread_([=, &server] { watch(server, ConnectionWatch(port), stop_asked); }) {}

  ~Watcher() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ended_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

 private:
  void watch(httplib::Server& server, ConnectionWatch connections,
             const std::function<bool()>& stop_asked) {
    using Clock = ConnectionWatch::Clock;
    std::optional<Clock::time_point> stopped;
    std::unique_lock<std::mutex> lock(mutex_);
    while (!wake_.wait_for(lock, kPollInterval, [this] { return ended_; })) {
      const Clock::time_point now = Clock::now();
      // One that does not run yet cannot be stopped, and one stopped not again.
      if (!stopped && stop_asked() && server.is_running()) {
        server.stop();
        stopped = now;
      }
      const bool too_late = stopped && now - *stopped >= kGrace;
      connections.check(now, too_late ? Clock::duration::zero() : kMaxAge);
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  std::thread thread_;  // the last: it uses the others
};

}  // namespace

void serve(int port, const DrawingReader& read, const std::function<void(int)>& on_ready,
           const std::function<bool()>& stop_asked) {
  httplib::Server server;
  const int bound = bind(server, port);
  RequestRules rules(bound);
  std::mutex reading;
  set_limits(server);
  set_headers(server);
  set_refusals(server, rules);
  set_pages(server, read, reading);
  const Watcher watcher(server, bound, stop_asked);
  on_ready(bound);
  if (server.listen_after_bind()) return;
  throw Error(ExitCode::kOutput, std::string(kAddress) + ":" + std::to_string(bound) +
                                     ": connections are no longer taken: " + std::strerror(errno) +
                                     "; start again");
}

}  // namespace mnist
