#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // not <csignal>, which has no sigprocmask
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json_line.h"
#include "cli/cli.h"
#include "commands/commands.h"
#include "mnist_train/error.h"
#include "terminal/console.h"
#include "train/runtime.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

struct Request {
  std::vector<std::string> options;
  std::string log;
};

Request parse_request(const std::string& line) {
  try {
    const Json request = Json::parse(line);
    return {request.at("options"), request.at("log")};
  } catch (const Json::exception&) {
    fail(ExitCode::kUsage,
         R"(spawn: expected lines such as {{"options": ["--lr=0.1"], "log": "FILE"}}, found '{}')",
         line);
  }
}

/// The lines of standard input as they come. The last one may lack its line feed.
class Lines {
 public:
  /// Reads once, which may wait. False at the end of the file.
  bool read_more() {
    std::array<char, 4096> bytes;
    const ssize_t count = read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    is_open_ = count > 0 || (count < 0 && errno == EINTR);
    return is_open_;
  }

  std::optional<std::string> next() {
    const std::size_t end = buffer_.find('\n');
    if (end == std::string::npos) {
      if (is_open_ || buffer_.empty()) return std::nullopt;
      return std::exchange(buffer_, "");
    }
    const std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return line;
  }

 private:
  std::string buffer_;
  bool is_open_ = true;
};

/// A file that can be read when child processes have ended.
class ChildSignals {
 public:
  ChildSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set_, nullptr);
    handle_ = signalfd(-1, &set_, SFD_CLOEXEC);
  }

  int handle() const { return handle_; }

  void take() const {
    signalfd_siginfo ignored;
    [[maybe_unused]] const ssize_t size = read(handle_, &ignored, sizeof ignored);
  }

  /// For a child process, which has no use for it.
  void release() const {
    sigprocmask(SIG_UNBLOCK, &set_, nullptr);
    close(handle_);
  }

 private:
  sigset_t set_{};
  int handle_ = -1;
};

void redirect(int descriptor, const std::string& file, int flags) {
  const int opened = open(file.c_str(), flags, 0666);
  if (opened < 0) {
    fail(ExitCode::kOutput, "{}: expected a file that can be opened, found: {}; name another one",
         file, std::strerror(errno));
  }
  dup2(opened, descriptor);
  close(opened);
}

/// Makes this child process independent of `parent`, except that it is killed when `parent` ends.
void become_run(const Request& request, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(static_cast<int>(ExitCode::kTerminated));  // it has ended already
  setsid();
  redirect(STDERR_FILENO, request.log, O_WRONLY | O_CREAT | O_APPEND);
  redirect(STDOUT_FILENO, "/dev/null", O_WRONLY);
  redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
}

CommandLine parse(const std::vector<std::string>& options) {
  CommandLine command = parse_command_line(options);
  if (command.action != CommandLine::Action::kTrain) {
    fail(ExitCode::kUsage,
         "spawn: expected the options of a training run, found those of another command; send only "
         "options that train");
  }
  return command;
}

/// Prints how each child process that has ended did so. Returns how many have.
int report_ended() {
  int ended = 0;
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0; ++ended) {
    Json line{{"pid", pid}};
    if (WIFEXITED(status)) line["exit"] = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) line["signal"] = WTERMSIG(status);
    write_out(json_line(line) + "\n");
  }
  return ended;
}

/// Starts a child process for each request. Returns none in this process, after the last child has
/// ended, and its request in each child.
std::optional<Request> serve_requests() {
  const pid_t self = getpid();
  const ChildSignals signals;
  Lines lines;
  int running = 0;
  write_out(json_line(Json{{"pid", self}}) + "\n");
  for (bool is_open = true; is_open || running > 0;) {
    std::array<pollfd, 2> waiting{{{signals.handle(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
    if (poll(waiting.data(), is_open ? 2 : 1, -1) < 0) {
      if (errno == EINTR) continue;
      fail(ExitCode::kInternal, "spawn: expected to wait for requests and processes, found: {}",
           std::strerror(errno));
    }
    if (waiting[0].revents != 0) {
      signals.take();
      running -= report_ended();
    }
    if (!is_open || waiting[1].revents == 0) continue;
    is_open = lines.read_more();
    while (const auto line = lines.next()) {
      Request request = parse_request(*line);
      const pid_t pid = fork();
      if (pid == 0) {
        signals.release();
        become_run(request, self);
        return request;
      }
      if (pid < 0) {
        fail(ExitCode::kInternal,
             "spawn: expected to start one more process, found: {}; run fewer at a time",
             std::strerror(errno));
      }
      ++running;
      write_out(json_line(Json{{"pid", pid}}) + "\n");
    }
  }
  return std::nullopt;
}

}  // namespace

ExitCode spawn_command(const Options& options) {
  LoadedData loaded{load_data(options.data), {}, 0};
  loaded.forms = sparse_forms(loaded.data);
  loaded.train_fingerprint = fingerprint(loaded.data.train);
  const std::optional<Request> request = serve_requests();
  if (!request) return ExitCode::kDone;
  const Options run = parse(request->options).options;
  if (run.data != options.data) return train_command(run);
  return train_command(run, std::move(loaded));
}

}  // namespace mnist
