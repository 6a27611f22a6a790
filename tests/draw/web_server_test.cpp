// Talks to a real server through raw sockets, as well-behaved clients and as others.

#include "draw/web_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "draw/connection_watch.h"
#include "mnist_train/error.h"
#include "report/web_pages.h"

namespace mnist {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

sockaddr_in address_of(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A connection to a port of this machine.
class Client {
 public:
  explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const sockaddr_in address = address_of(port);
    connected_ = connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }

  /// Whether all could be sent.
  bool send(const std::string& bytes) const {
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return true;
  }

  /// Sends again and again, until something comes back.
  void flood(const std::string& bytes) const {
    for (pollfd ready{socket_, POLLIN | POLLOUT, 0}; !(ready.revents & (POLLIN | POLLHUP));) {
      static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
      poll(&ready, 1, -1);
    }
  }

  /// All that comes until the server closes the connection.
  std::string receive() const {
    std::string bytes;
    char buffer[4096];
    for (ssize_t n = 0; (n = recv(socket_, buffer, sizeof buffer, 0)) > 0;) {
      bytes.append(buffer, static_cast<std::size_t>(n));
    }
    return bytes;
  }

 private:
  int socket_;
  bool connected_ = false;
};

/// A server on a free port for as long as it lives.
class RunningServer {
 public:
  explicit RunningServer(DrawingReader read) {
    std::promise<int> port;
    thread_ = std::thread([this, &port, read = std::move(read)] {
      serve(
          0, read, [&port](int bound) { port.set_value(bound); }, [this] { return stop_.load(); });
    });
    port_ = port.get_future().get();
  }
  ~RunningServer() { stop(); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  int port() const { return port_; }
  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

  void ask_to_stop() { stop_ = true; }

  /// Returns when the server has ended.
  void stop() {
    ask_to_stop();
    if (thread_.joinable()) thread_.join();
  }

  std::string answer_to(const std::string& request) const {
    const Client client(port_);
    client.send(request);
    return client.receive();
  }

 private:
  std::atomic<bool> stop_{false};
  int port_ = 0;
  std::thread thread_;
};

Reading a_seven() {
  Reading reading{GrayImage(28, 28, 9), {}};
  reading.prediction.probabilities[7] = 0.75;
  reading.prediction.probabilities[1] = 0.25;
  return reading;
}

DrawingReader sees_a_seven() {
  return [](const std::string&) { return a_seven(); };
}

std::string status_of(const std::string& response) { return response.substr(9, 3); }

std::string body_of(const std::string& response) {
  return response.substr(response.find("\r\n\r\n") + 4);
}

/// A request of `first_line` and `headers`, each with its line end, that names the right host.
std::string request_to(const RunningServer& server, const std::string& first_line,
                       const std::string& headers = "", const std::string& body = "") {
  return first_line + " HTTP/1.1\r\nHost: " + server.host() + "\r\n" + headers + "\r\n" + body;
}

std::string drawing_to(const RunningServer& server, const std::string& body,
                       const std::string& headers = "") {
  return request_to(server, "POST /predict",
                    "Content-Type: image/png\r\nContent-Length: " + std::to_string(body.size()) +
                        "\r\n" + headers,
                    body);
}

TEST(WebServer, ServesThePage) {
  const RunningServer server(sees_a_seven());
  const std::string response = server.answer_to(request_to(server, "GET /"));
  EXPECT_EQ(status_of(response), "200");
  EXPECT_EQ(body_of(response), draw_page());
  EXPECT_THAT(response, AllOf(HasSubstr("Content-Type: text/html; charset=utf-8\r\n"),
                              HasSubstr("Content-Security-Policy: default-src 'none';"),
                              HasSubstr("X-Content-Type-Options: nosniff\r\n"),
                              HasSubstr("Cache-Control: no-store\r\n"),
                              HasSubstr("Referrer-Policy: no-referrer\r\n")));
  EXPECT_THAT(draw_page(), AllOf(StartsWith("<!DOCTYPE html>"), HasSubstr("</html>")));
  EXPECT_EQ(body_of(server.answer_to(request_to(server, "HEAD /"))), "");
}

TEST(WebServer, AnswersWhatTheReaderSees) {
  std::string read;
  const RunningServer server([&](const std::string& png) {
    read = png;
    return a_seven();
  });
  const std::string drawing("\x89PNG\r\n\0\r\n\r\n", 11);
  const std::string response =
      server.answer_to(drawing_to(server, drawing, "Origin: http://" + server.host() + "\r\n"));
  EXPECT_EQ(status_of(response), "200");
  EXPECT_EQ(read, drawing);
  const auto answer = nlohmann::json::parse(body_of(response));
  EXPECT_EQ(answer["digit"], 7);
  EXPECT_EQ(answer["probabilities"], nlohmann::json({0, .25, 0, 0, 0, 0, 0, .75, 0, 0}));
  EXPECT_EQ(answer["seen"], nlohmann::json(std::vector<int>(784, 9)));
}

TEST(WebServer, TakesLocalhostForItsName) {
  const RunningServer server(sees_a_seven());
  const std::string localhost = "localhost:" + std::to_string(server.port());
  EXPECT_EQ(status_of(server.answer_to("GET / HTTP/1.1\r\nHost: " + localhost + "\r\n\r\n")),
            "200");
}

TEST(WebServer, SaysWhyADrawingCannotBeRead) {
  const RunningServer server([](const std::string&) -> Reading {
    throw Error(ExitCode::kData, "expected a digit, found \"nothing\" \xff");
  });
  const std::string response = server.answer_to(drawing_to(server, "x"));
  EXPECT_EQ(status_of(response), "422");
  EXPECT_THAT(nlohmann::json::parse(body_of(response))["error"].get<std::string>(),
              StartsWith("expected a digit, found \"nothing\""));
}

TEST(WebServer, OutlivesAnInternalErrorAndKeepsItsTextToItself) {
  bool broken = true;
  const RunningServer server([&](const std::string&) {
    if (broken) throw std::runtime_error("a secret");
    return a_seven();
  });
  const std::string response = server.answer_to(drawing_to(server, "x"));
  EXPECT_EQ(status_of(response), "500");
  EXPECT_THAT(response, Not(HasSubstr("secret")));
  broken = false;
  EXPECT_EQ(status_of(server.answer_to(drawing_to(server, "x"))), "200");
}

TEST(WebServer, RefusesWhatIsNotForIt) {
  const RunningServer server(sees_a_seven());
  const std::string host = "Host: " + server.host() + "\r\n";
  const std::string png = "Content-Type: image/png\r\n";
  const std::string x = "Content-Length: 1\r\n";
  struct Case {
    std::string request;
    const char* status;
  };
  const Case cases[] = {
      // Other sites, through the browser.
      {"GET / HTTP/1.1\r\nHost: evil.example:" + std::to_string(server.port()) + "\r\n\r\n", "403"},
      {"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "403"},
      {"GET / HTTP/1.1\r\n" + host + "Host: evil.example\r\n\r\n", "403"},
      {"GET / HTTP/1.1\r\n\r\n", "403"},
      {drawing_to(server, "x", "Origin: http://evil.example\r\n"), "403"},
      {drawing_to(server, "x", "Origin: null\r\n"), "403"},
      {drawing_to(server, "x", "Origin: https://" + server.host() + "\r\n"), "403"},
      // Not what it offers.
      {request_to(server, "GET /../../etc/passwd"), "404"},
      {request_to(server, "GET /favicon.ico"), "404"},
      {request_to(server, "POST /", png + x, "x"), "405"},
      {request_to(server, "GET /predict"), "405"},
      {request_to(server, "PUT /predict", png + x, "x"), "405"},
      {request_to(server, "OPTIONS /predict"), "405"},
      {request_to(server, "POST /predict", "Content-Type: text/plain\r\n" + x, "x"), "415"},
      {request_to(server, "POST /predict", x, "x"), "415"},
      {drawing_to(server, "x", "Content-Encoding: gzip\r\n"), "415"},
      {drawing_to(server, "x", "Content-Encoding: br\r\n"), "415"},
      // Bodies of no length, of two, and too large.
      {request_to(server, "POST /predict", png), "411"},
      {request_to(server, "POST /predict", png + "Transfer-Encoding: chunked\r\n", "ffffff\r\nx"),
       "411"},
      {drawing_to(server, "x", "Transfer-Encoding: chunked\r\n"), "411"},
      {drawing_to(server, "x", "Content-Length: 2\r\n"), "400"},
      {request_to(server, "POST /predict", png + "Content-Length: -1\r\n", "x"), "400"},
      {request_to(server, "POST /predict", png + "Content-Length: 99999999999999999999\r\n", "x"),
       "400"},
      {drawing_to(server, std::string(64 * 1024 + 1, 'x')), "413"},
      // Not HTTP, or not what one asks for.
      {"\x16\x03\x01 garbage\r\n\r\n", "400"},
      {request_to(server, "BREW /"), "400"},
      {"GET / HTTP/3.0\r\n" + host + "\r\n", "400"},
      {request_to(server, "GET /" + std::string(9000, 'a')), "414"},
      {request_to(server, "GET /", "X: " + std::string(9000, 'a') + "\r\n"), "400"},
      {request_to(server, "GET /", "Range: bytes=9-1\r\n"), "416"},
      {request_to(server, "GET /", "Range: bytes=0-,0-,0-\r\n"), "416"},
  };
  for (const Case& refused : cases) {
    const std::string response = server.answer_to(refused.request);
    EXPECT_THAT(response, StartsWith("HTTP/1.1 ")) << refused.request.substr(0, 200);
    if (response.size() < 12) continue;
    EXPECT_EQ(status_of(response), refused.status) << refused.request.substr(0, 200);
    EXPECT_THAT(response, AllOf(HasSubstr("Connection: close\r\n"), Not(HasSubstr("DOCTYPE"))));
  }
  EXPECT_EQ(status_of(server.answer_to(drawing_to(server, "x"))), "200");
}

TEST(WebServer, RefusesARequestWithoutAnEnd) {
  const RunningServer server(sees_a_seven());
  for (const std::string& more : {std::string("X: y\r\n"), std::string("y")}) {
    std::string block;
    while (block.size() < std::size_t{64} * 1024) block += more;
    const Client client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: " + server.host() + "\r\nX: ");
    client.flood(block);
    // Newer versions of httplib bound headers themselves, with 400.
    EXPECT_THAT(client.receive(), AnyOf(StartsWith("HTTP/1.1 413"), StartsWith("HTTP/1.1 400")));
  }
}

TEST(WebServer, TakesNothingAfterARequestForTheNext) {
  std::atomic<int> readings{0};
  const RunningServer server([&](const std::string&) {
    ++readings;
    return a_seven();
  });
  const std::string smuggled = drawing_to(server, "x");
  server.answer_to(request_to(
      server, "POST /predict",
      "Content-Type: text/plain\r\nContent-Length: " + std::to_string(smuggled.size()) + "\r\n",
      smuggled));
  server.answer_to(drawing_to(server, "x") + smuggled);
  EXPECT_EQ(readings, 1);
}

TEST(WebServer, RefusesMoreThanItsRate) {
  const RunningServer server(sees_a_seven());
  int answered = 0;
  std::string status = "200";
  for (; status == "200" && answered < 5000; ++answered) {
    status = status_of(server.answer_to(drawing_to(server, "x")));
  }
  EXPECT_EQ(status, "429");
  EXPECT_GT(answered, 60);
}

TEST(WebServer, ReadsOneDrawingAtATime) {
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  const RunningServer server([&](const std::string&) {
    most = std::max<int>(most, ++inside);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    --inside;
    return a_seven();
  });
  std::vector<std::future<std::string>> answers(6);
  for (auto& answer : answers) {
    answer =
        std::async(std::launch::async, [&] { return server.answer_to(drawing_to(server, "x")); });
  }
  for (auto& answer : answers) EXPECT_EQ(status_of(answer.get()), "200");
  EXPECT_EQ(most, 1);
}

TEST(WebServer, FinishesWhatItIsAtWhenItStops) {
  std::promise<void> started;
  std::promise<void> released;
  RunningServer server([&](const std::string&) {
    started.set_value();
    released.get_future().wait();
    return a_seven();
  });
  const Client idle(server.port());
  const Client unfinished(server.port());
  unfinished.send("GET / HT");
  auto answer =
      std::async(std::launch::async, [&] { return server.answer_to(drawing_to(server, "x")); });
  started.get_future().wait();
  server.ask_to_stop();
  while (Client(server.port()).connected()) {
  }
  released.set_value();
  EXPECT_THAT(answer.get(), StartsWith("HTTP/1.1 200"));
  server.stop();
  EXPECT_THAT(unfinished.receive(), StartsWith("HTTP/1.1 408"));
}

TEST(WebServer, RefusesAPortInUse) {
  const RunningServer server(sees_a_seven());
  try {
    serve(
        server.port(), sees_a_seven(), [](int) { FAIL(); }, [] { return true; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_THAT(error.what(), AllOf(HasSubstr(server.host()), HasSubstr("Address already in use"),
                                    HasSubstr("--port")));
  }
}

/// A connection from this process to itself.
class WatchedConnection : public testing::Test {
 protected:
  void SetUp() override {
    sockaddr_in address = address_of(0);
    socklen_t size = sizeof address;
    ASSERT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(listen(listener_, 1), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    client_.emplace(port_);
    accepted_ = accept(listener_, nullptr, nullptr);
  }
  void TearDown() override {
    close(accepted_);
    close(listener_);
  }

  int listener_ = socket(AF_INET, SOCK_STREAM, 0);
  int port_ = 0;
  std::optional<Client> client_;
  int accepted_ = -1;  // the server's end
};

constexpr std::chrono::seconds kAge{10};

TEST_F(WatchedConnection, EndsByItsAge) {
  ConnectionWatch watch(port_);
  const auto start = ConnectionWatch::Clock::now();
  watch.check(start, kAge);
  watch.check(start + kAge - std::chrono::milliseconds(1), kAge);
  EXPECT_TRUE(client_->send("x"));
  char byte = 0;
  EXPECT_EQ(recv(accepted_, &byte, 1, 0), 1);
  watch.check(start + kAge, kAge);
  EXPECT_THAT(client_->receive(), StartsWith("HTTP/1.1 408"));
}

#ifdef __linux__
TEST_F(WatchedConnection, EndsByWhatItHasSent) {
  ConnectionWatch watch(port_);
  const auto now = ConnectionWatch::Clock::now();
  auto flood = std::async(std::launch::async, [this] { client_->flood(std::string(4096, 'x')); });
  std::vector<char> taken(4096);
  std::uint64_t before_the_end = 0;
  for (ssize_t n = 0; (n = recv(accepted_, taken.data(), taken.size(), 0)) > 0;) {
    watch.check(now, kAge);
    before_the_end += static_cast<std::uint64_t>(n);
  }
  flood.wait();
  EXPECT_GT(before_the_end, 4096);
  EXPECT_THAT(client_->receive(), StartsWith("HTTP/1.1 413"));
}
#endif

}  // namespace
}  // namespace mnist
