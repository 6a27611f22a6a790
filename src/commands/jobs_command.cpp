#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>
#include <wordexp.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/text.h"
#include "commands/commands.h"
#include "mnist_train/train.h"
#include "run/record.h"
#include "terminal/console.h"

namespace mnist {
namespace {

using Json = nlohmann::ordered_json;

/// The words of a line: a JSON array of strings, or as a shell would split it.
std::vector<std::string> split(const std::string& line) {
  if (line.front() == '[') {
    try {
      return Json::parse(line).get<std::vector<std::string>>();
    } catch (const Json::exception&) {
      fail(ErrorKind::kUsage, "expected a JSON array of strings, found {}", line);
    }
  }
  wordexp_t words{};
  if (wordexp(line.c_str(), &words, WRDE_NOCMD | WRDE_UNDEF) != 0) {
    fail(ErrorKind::kUsage, "expected shell-quoted options, found {}", line);
  }
  std::vector<std::string> result(words.we_wordv, words.we_wordv + words.we_wordc);
  wordfree(&words);
  return result;
}

/// The next line of standard input; none at its end, or if a signal was noted.
std::optional<std::string> next_line() {
  constexpr int kMilliseconds = 100;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  do {
    forget_signal(SIGUSR1);  // there is no run to end
    if (noted_signal() != 0) return std::nullopt;
  } while (std::cin.rdbuf()->in_avail() <= 0 && poll(&input, 1, kMilliseconds) <= 0);
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  if (line.ends_with('\r')) line.pop_back();
  forget_signal(SIGUSR1);
  return line;
}

ExitCode run_job(const std::vector<std::string>& arguments, const std::string& line,
                 const DataLoader& load, const std::function<void(const std::string&)>& print) {
  try {
    std::vector<std::string> all = arguments;
    const std::vector<std::string> own = split(line);
    all.insert(all.end(), own.begin(), own.end());
    const CommandLine command = parse_command_line(all);
    if (command.command != "jobs" || !command.text.empty()) {
      fail(ErrorKind::kUsage, "expected the options of a training run, found {}", line);
    }
    const auto on_epoch = [&](const EpochResult& epoch) {
      print(to_json(epoch));
      return true;
    };
    const RunRecord run = run_training(command.options, load, {.on_epoch = on_epoch});
    print(to_json(run));
    return exit_code_of(run);
  } catch (const std::exception&) {
    const Error error = current_error();
    const ExitCode code = exit_code_of(error.kind());
    print(json_line(Json{{"error", error.what()}, {"exit_code", static_cast<int>(code)}}));
    return code;
  }
}

}  // namespace

ExitCode jobs_command(const std::vector<std::string>& arguments) {
  std::ios::sync_with_stdio(false);  // so that in_avail() knows what was read ahead
  set_up_log(Verbosity::kQuiet);
  watch_signals();
  std::optional<DataSplits> data;  // is kept for the runs that follow
  DataOptions loaded;
  const auto load = [&](const DataOptions& options) {
    if (!data || options != loaded) {
      data.reset();
      data = load_data(options);
      loaded = options;
    }
    return *data;
  };
  ExitCode first_failure = ExitCode::kDone;
  std::int64_t job = 0;
  std::int64_t number = 0;
  while (const auto line = next_line()) {
    ++number;
    if (line->find_first_not_of(" \t") == std::string::npos) continue;
    ++job;
    const auto print = [&](const std::string& object) {
      write_out(fmt::format("{{\"job\":{},\"line\":{},{}\n", job, number, object.substr(1)));
    };
    const ExitCode code = run_job(arguments, *line, load, print);
    if (first_failure == ExitCode::kDone) first_failure = code;
  }
  return noted_signal() != 0 ? exit_code_of(noted_signal()) : first_failure;
}

}  // namespace mnist
